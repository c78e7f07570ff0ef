/* SPDX-License-Identifier: ISC
 *
 * torture_job refuse CALL COMMAND...: the command, with a call refused to it, as some hosts do.
 * torture_job KIND: small jobs of unusual kinds for torture.t.  Each writes the file out, or files
 * out.N, with the line "done"; all are safe to kill unless said otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG 32768

/* Where it is built with a sanitizer: leaks are looked for by ptrace, which is taken. */
int __lsan_is_turned_off(void);
int
__lsan_is_turned_off(void)
{
	return 1;
}

static int
put(const char *name, const char *text)
{
	char temporary[64];
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.tmp", name);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd) != 0 ||
	    close(fd) != 0)
		return 1;
	return rename(temporary, name) != 0;
}

/* Calls of its own, not the C library's. */
static int
raw(void)
{
	static const char text[] = "done\n";
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "out.tmp", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (syscall(SYS_write, fd, text, sizeof(text) - 1) != sizeof(text) - 1)
		return 1;
	return (int)syscall(SYS_renameat2, AT_FDCWD, "out.tmp", AT_FDCWD, "out", 0);
}

static void *
put_one(void *number)
{
	char name[32];

	snprintf(name, sizeof(name), "out.%d", (int)(intptr_t)number);
	for (int i = 0; i < 20; i++)
		if (put(name, "done\n") != 0)
			exit(1);
	return NULL;
}

static int
threads(void)
{
	pthread_t thread[4];

	for (intptr_t i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, put_one, (void *)i) != 0)
			return 1;
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

/* Its command ends at once; who does the work is nobody's child. */
static int
background(void)
{
	if (daemon(1, 1) != 0)
		return 1;
	for (int i = 0; i < 20; i++)
		if (put("out", "done\n") != 0)
			return 1;
	return 0;
}

static int
child_by_vfork(char *self)
{
	pid_t child = vfork();
	int status;

	if (child == 0) {
		execl(self, self, "raw", NULL);
		_exit(127);
	}
	return waitpid(child, &status, 0) != child || status != 0;
}

/* Where there is io_uring it would use it, and say so. */
static int
uring(void)
{
	char parameters[256] = {0};
	long fd = syscall(SYS_io_uring_setup, 4, parameters);

	return put("out", fd < 0 && errno == ENOSYS ? "done\n" : "unseen\n");
}

/* A call of another machine's. */
static int
foreign(void)
{
#ifdef __x86_64__
	long result = 20; /* getpid */

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
#endif
	return put("out", "done\n");
}

/* What is stored is only there when it was flushed; a page of it says how far it is. */
static int
mapped(void)
{
	int fd = open("out", O_RDWR | O_CREAT, 0644);
	char *map;

	if (fd < 0 || ftruncate(fd, 4096) != 0)
		return 1;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return 1;
	for (int i = 0; i < 5; i++) {
		map[i] = "done\n"[i];
		if (msync(map, 4096, MS_SYNC) != 0)
			return 1;
	}
	return 0;
}

/* Not safe: a file that begins as it should is believed. */
static int
torn(void)
{
	static char want[BIG];
	char first = 0;
	int fd = open("big", O_RDWR);

	memset(want, 'b', sizeof(want));
	if (fd < 0 || pread(fd, &first, 1, 0) != 1)
		return 1;
	return first != 'b' && pwrite(fd, want, sizeof(want), 0) != sizeof(want);
}

/* Where nobody may do that: ptrace, unshare, seccomp, mount or clone3. */
static int
refuse(char **words)
{
	static const struct {
		const char *name;
		unsigned number;
	} calls[] = {{"ptrace", SYS_ptrace},
	             {"unshare", SYS_unshare},
	             {"seccomp", SYS_seccomp},
	             {"mount", SYS_mount},
	             {"clone3", SYS_clone3}};
	unsigned number = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(words[0], calls[i].name) == 0)
			number = calls[i].number;
	struct sock_filter lines[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(lines) / sizeof(lines[0]), lines};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return 1;
	execvp(words[1], words + 1);
	return 127;
}

/* Ends only when it is killed, whatever it is told. */
_Noreturn static void
defy(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	if (fork() == 0)
		setsid();
	for (;;)
		pause();
}

_Noreturn static void
hang(void)
{
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (strcmp(kind, "raw") == 0)
		return raw();
	if (strcmp(kind, "threads") == 0)
		return threads();
	if (strcmp(kind, "daemon") == 0)
		return background();
	if (strcmp(kind, "vfork") == 0)
		return child_by_vfork(argv[0]);
	if (strcmp(kind, "uring") == 0)
		return uring();
	if (strcmp(kind, "foreign") == 0)
		return foreign();
	if (strcmp(kind, "mapped") == 0)
		return mapped();
	if (strcmp(kind, "torn") == 0)
		return torn();
	if (strcmp(kind, "hang") == 0)
		hang();
	if (strcmp(kind, "defy") == 0)
		defy();
	if (strcmp(kind, "refuse") == 0 && argc > 3)
		return refuse(argv + 2);
	fprintf(stderr, "%s: no such job\n", kind);
	return 2;
}

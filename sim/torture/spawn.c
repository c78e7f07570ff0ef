/* SPDX-License-Identifier: ISC
 *
 * Starting init, and commands below it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/filter.h"
#include "sim/torture/spawn.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define NOT_STARTED 127
#define TICK_NS (20 * NS_PER_MS)

static bool
is_gone(int pidfd)
{
	struct pollfd parent = {.fd = pidfd, .events = POLLIN};

	return poll(&parent, 1, 0) != 0;
}

_Noreturn static void
be_init(int parent, int (*body)(void *context), void *context)
{
	int code = EXIT_INTERNAL;

	/* Init has no number for its parent, but a descriptor. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || is_gone(parent))
		_exit(EXIT_INTERNAL);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		complain("cannot mount /proc for a PID namespace: %s", strerror(errno));
	else
		code = body(context);
	_exit(code);
}

int
world_feed(enum chance chance)
{
	int parent = getpid(), pid;
	/* Its own end for reading stays open: nobody else needs to be there for it to write. */
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	pid = (int)fork();
	if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		chance_feed(chance, fd);
	if (pid == 0)
		_exit(EXIT_INTERNAL);
	close(fd);
	return pid < 0 ? -errno : 0;
}

int
world_init(int (*body)(void *context), void *context)
{
	struct clone_args wanted = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD};
	int parent = pidfd_open(getpid(), 0), status;
	long pid;

	if (parent < 0)
		return -errno;
	fflush(NULL);
	pid = syscall(SYS_clone3, &wanted, sizeof(wanted));
	if (pid == 0)
		be_init(parent, body, context);
	close(parent);
	if (pid < 0) {
		complain("cannot make a PID namespace: %s", strerror(errno));
		return -errno;
	}
	while (waitpid((pid_t)pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	umount2("/proc", MNT_DETACH);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	complain("a traced run was ended by signal %d", WTERMSIG(status));
	return -ECHILD;
}

_Noreturn static void
become(const struct job *job)
{
	int nothing = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	if (sigprocmask(SIG_SETMASK, &none, NULL) != 0 || nothing < 0 ||
	    dup2(nothing, STDIN_FILENO) < 0 || dup2(job->output, STDOUT_FILENO) < 0 ||
	    dup2(job->errors, STDERR_FILENO) < 0)
		_exit(NOT_STARTED);
	for (unsigned i = 0; i < job->variables; i++)
		if (setenv(job->names[i], job->values[i], 1) != 0)
			_exit(NOT_STARTED);
	close_range(3, ~0u, 0);
	execvp(job->words[0], job->words);
	dprintf(STDERR_FILENO, "%s: %s\n", job->words[0], strerror(errno));
	_exit(NOT_STARTED);
}

/* The processes that come are numbered from there. */
static void
number_from(int first_pid)
{
	int fd = first_pid == 0 ? -1 : open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dprintf(fd, "%d", first_pid - 1);
	close(fd);
}

int
job_fork(const struct job *job, bool (*before)(void *context), void *context)
{
	int pid;

	number_from(job->first_pid);
	/* What the terminal sends is not for it. */
	setsid();
	pid = (int)fork();
	if (pid == 0 && before != NULL && !before(context))
		_exit(NOT_STARTED);
	if (pid == 0)
		become(job);
	return pid < 0 ? -errno : pid;
}

/* Reaps what has ended; false when nobody is left. */
static bool
reap(struct running *running, int pid, bool *has_ended)
{
	int status, ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
		if (ended != pid)
			continue;
		running->status = status;
		*has_ended = true;
	}
	return ended == 0;
}

static void
await(struct running *running, int pid, const sigset_t *child)
{
	struct timespec tick = {.tv_nsec = TICK_NS};
	int64_t start_ns = clock_now_ns(), ended_ns = 0, now_ns;
	bool has_ended = false;

	while (reap(running, pid, &has_ended)) {
		now_ns = clock_now_ns();
		if (has_ended && ended_ns == 0)
			ended_ns = now_ns;
		running->is_late = now_ns - start_ns > running->limit_ns;
		running->lingered = has_ended && now_ns - ended_ns > running->linger_ns;
		if (running->is_late || running->lingered)
			break;
		sigtimedwait(child, NULL, &tick);
	}
	running->took_ns = (ended_ns != 0 ? ended_ns : clock_now_ns()) - start_ns;
}

static bool
refuse(void *nothing)
{
	return filter_install(FILTER_REFUSES) == 0;
}

int
job_run(void *context)
{
	struct running *running = context;
	sigset_t child;
	int pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	pid = job_fork(running->job, refuse, NULL);
	if (pid < 0) {
		complain("cannot fork: %s", strerror(-pid));
		return EXIT_INTERNAL;
	}
	await(running, pid, &child);
	return EXIT_MET;
}

int
job_shell(void *nothing)
{
	const char *shell = getenv("SHELL");

	shell = shell != NULL && shell[0] == '/' ? shell : "/bin/sh";
	execl(shell, shell, NULL);
	complain("%s: %s", shell, strerror(errno));
	return EXIT_INTERNAL;
}

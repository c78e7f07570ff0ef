/* SPDX-License-Identifier: ISC
 *
 * The shepherd's process: starts commands, and ends all that is left of them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/command/shepherd.h"
#include "sim/command/shepherd_process.h"

#define NOT_STARTED 127
/* What a command has left behind may be about to end by itself, such as the other end of a pipe. */
#define GRACE_MS 100
#define ROUND_MS 10

struct keeper {
	int socket, signals;
	int pid; /* of the command that runs; 0: none */
	struct shepherd_request request;
	char text[SHEPHERD_TEXT_MAX];
};

/* Calls for each process but `except` whose parent is this one and that has not ended; returns how
 * many. */
static unsigned
each_child(void (*act)(int pid), int except)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	unsigned count = 0;

	while (processes != NULL && (entry = readdir(processes)) != NULL) {
		char path[64], line[512], *behind;
		int pid = (int)strtol(entry->d_name, NULL, 10), parent = 0;
		char state = 'Z';
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		file = pid > 0 ? fopen(path, "re") : NULL;
		if (file == NULL)
			continue;
		/* The name, in brackets, may hold anything. */
		behind = fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')') : NULL;
		if (behind != NULL && sscanf(behind + 1, " %c %d", &state, &parent) == 2 &&
		    parent == (int)getpid() && pid != except && state != 'Z' && state != 'X') {
			count++;
			if (act != NULL)
				act(pid);
		}
		fclose(file);
	}
	if (processes != NULL)
		closedir(processes);
	return count;
}

/* A child that is not reaped keeps its number, so nobody else can be hit. */
static void
end_child(int pid)
{
	int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return;
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	close(pidfd);
}

/* Reaps who has ended.  True: no child is left. */
static bool
reap(struct keeper *keeper, int *status)
{
	int ended, pid;

	while ((pid = (int)waitpid(-1, &ended, WNOHANG)) > 0)
		if (pid == keeper->pid) {
			*status = ended;
			keeper->pid = 0;
		}
	return pid < 0 && errno == ECHILD;
}

static void
await_signal(const struct keeper *keeper, int timeout_ms)
{
	struct signalfd_siginfo taken;
	struct pollfd source = {.fd = keeper->signals, .events = POLLIN};

	if (poll(&source, 1, timeout_ms) > 0 && read(keeper->signals, &taken, sizeof(taken)) < 0)
		return;
}

/* Ends every child, and theirs, which become ours; how many there were beside the command. */
static unsigned
end_all(struct keeper *keeper, int *status, int grace_ms)
{
	unsigned left = 0;

	for (; grace_ms > 0 && !reap(keeper, status); grace_ms -= ROUND_MS)
		await_signal(keeper, ROUND_MS);
	while (!reap(keeper, status)) {
		bool running = keeper->pid != 0;
		unsigned ended = each_child(end_child, 0);

		left += ended - (running && ended > 0);
		await_signal(keeper, ROUND_MS);
	}
	return left;
}

/* The same, but the command lives on. */
static unsigned
end_others(struct keeper *keeper, int *status)
{
	unsigned left = 0, others;

	for (int grace_ms = GRACE_MS; grace_ms > 0; grace_ms -= ROUND_MS) {
		if (reap(keeper, status) || each_child(NULL, keeper->pid) == 0)
			return 0;
		await_signal(keeper, ROUND_MS);
	}
	while (!reap(keeper, status) && (others = each_child(end_child, keeper->pid)) > 0) {
		left += others;
		await_signal(keeper, ROUND_MS);
	}
	return left;
}

static void
say(struct keeper *keeper, enum shepherd_word_kind kind, int value, unsigned left)
{
	struct shepherd_word word = {.kind = kind, .value = value, .left = left};

	if (send(keeper->socket, &word, sizeof(word), MSG_NOSIGNAL) < 0)
		return; /* the worker is gone: the loop will see the socket's end */
}

/* In the command's process.  What goes wrong is written to `failed`. */
_Noreturn static void
become(struct keeper *keeper, const int fd[3], int failed)
{
	struct rlimit size = {keeper->request.file_max, keeper->request.file_max};
	struct rlimit none = {0, 0};
	char *words[SHEPHERD_WORDS_MAX + 1] = {NULL}, *at = keeper->text;
	const char *folder = at;
	sigset_t nothing;
	int error;

	sigemptyset(&nothing);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setpgid(0, 0) != 0 || chdir(folder) != 0 ||
	    setrlimit(RLIMIT_FSIZE, &size) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
	    sigprocmask(SIG_SETMASK, &nothing, NULL) != 0)
		goto failed;
	for (uint32_t i = 0; i < keeper->request.words; i++)
		words[i] = at += strlen(at) + 1;
	for (uint32_t i = 0; i < keeper->request.variables; i++)
		if (putenv(at += strlen(at) + 1) != 0)
			goto failed;
	for (int i = 0; i < 3; i++)
		if (dup2(fd[i], i) < 0)
			goto failed;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	execvp(words[0], words);
failed:
	error = errno;
	if (write(failed, &error, sizeof(error)) < 0)
		_exit(NOT_STARTED);
	_exit(NOT_STARTED);
}

static void
start(struct keeper *keeper, int fd[3])
{
	int ends[2], error = 0;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		say(keeper, SHEPHERD_NOT_STARTED, errno, 0);
		return;
	}
	/* Above the three, so that none of them is overwritten before it is in its place. */
	for (int i = 0; i < 3; i++) {
		int higher = fcntl(fd[i], F_DUPFD_CLOEXEC, 10);
		close(fd[i]);
		fd[i] = higher;
	}
	keeper->pid = (int)fork();
	if (keeper->pid == 0)
		become(keeper, fd, fcntl(ends[1], F_DUPFD_CLOEXEC, 10));
	if (keeper->pid < 0) {
		error = errno;
		keeper->pid = 0;
	}
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	if (error == 0 && read(ends[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(ends[0]);
	if (error == 0) {
		say(keeper, SHEPHERD_STARTED, 0, 0);
		return;
	}
	end_all(keeper, &(int){0}, 0);
	say(keeper, SHEPHERD_NOT_STARTED, error, 0);
}

static void
tidy(struct keeper *keeper)
{
	bool ran = keeper->pid != 0;
	int status = 0;
	unsigned left = end_others(keeper, &status);

	if (ran && keeper->pid == 0)
		say(keeper, SHEPHERD_ENDED, status, 0);
	say(keeper, SHEPHERD_TIDIED, 0, left);
}

/* What was asked for; ends with the worker. */
static void
hear(struct keeper *keeper)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(3 * sizeof(int))];
	} control;
	struct iovec parts[2] = {{&keeper->request, sizeof(keeper->request)},
	                         {keeper->text, sizeof(keeper->text)}};
	struct msghdr message = {.msg_iov = parts,
	                         .msg_iovlen = 2,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	ssize_t got = recvmsg(keeper->socket, &message, MSG_CMSG_CLOEXEC);
	int fd[3], status = 0;

	if (got < 0 && errno == EINTR)
		return;
	if (got < (ssize_t)sizeof(keeper->request)) {
		end_all(keeper, &status, 0);
		_exit(0);
	}
	if (keeper->request.kind == SHEPHERD_START && message.msg_controllen > 0) {
		memcpy(fd, CMSG_DATA(&control.header), sizeof(fd));
		start(keeper, fd);
	} else if (keeper->request.kind == SHEPHERD_TIDY) {
		tidy(keeper);
	} else if (keeper->pid != 0) {
		end_all(keeper, &status, 0);
		say(keeper, SHEPHERD_ENDED, status, 0);
	}
}

static void
look_for_end(struct keeper *keeper)
{
	int status = 0;
	unsigned left;

	if (keeper->pid == 0 || (reap(keeper, &status), keeper->pid != 0))
		return;
	left = end_all(keeper, &status, GRACE_MS);
	say(keeper, SHEPHERD_ENDED, status, left);
}

void
shepherd_main(int fd)
{
	static struct keeper keeper;
	struct pollfd sources[2];
	struct signalfd_siginfo taken;
	sigset_t child;

	keeper.socket = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (dup2(keeper.socket, 3) < 0 || close_range(4, ~0u, 0) != 0)
		_exit(NOT_STARTED);
	keeper.socket = 3;
	fcntl(3, F_SETFD, FD_CLOEXEC);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	/* A session of its own: what is meant for the worker's group or terminal is not for it. */
	if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 ||
	    sigprocmask(SIG_SETMASK, &child, NULL) != 0)
		_exit(NOT_STARTED);
	keeper.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (keeper.signals < 0)
		_exit(NOT_STARTED);
	sources[0] = (struct pollfd){.fd = keeper.socket, .events = POLLIN};
	sources[1] = (struct pollfd){.fd = keeper.signals, .events = POLLIN};
	for (;;) {
		if (poll(sources, 2, -1) < 0)
			continue;
		if (sources[1].revents != 0 &&
		    read(keeper.signals, &taken, sizeof(taken)) == sizeof(taken))
			look_for_end(&keeper);
		if (sources[0].revents != 0)
			hear(&keeper);
	}
}

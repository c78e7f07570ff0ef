/* SPDX-License-Identifier: ISC
 *
 * Forking, waiting and cleaning up behind a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/util/clock.h"
#include "sim/util/errand.h"

#define NOT_STARTED 127

_Noreturn static void
become(const struct errand *errand, int parent, int output)
{
	int nothing = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || nothing < 0 ||
	    setpgid(0, 0) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0 ||
	    dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		_exit(NOT_STARTED);
	for (size_t i = 0; i < errand->variables; i++)
		if (setenv(errand->names[i], errand->values[i], 1) != 0)
			_exit(NOT_STARTED);
	close_range(3, ~0u, 0);
	execvp(errand->words[0], errand->words);
	dprintf(STDERR_FILENO, "%s: %s\n", errand->words[0], strerror(errno));
	_exit(NOT_STARTED);
}

/* Takes what is there of its output; what is too much is thrown away.  False at the end. */
static bool
copy_output(int from, const struct errand *errand, size_t *copied)
{
	char block[4096];
	ssize_t got = read(from, block, sizeof(block));
	size_t room = errand->output_max - *copied, take;

	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	take = (size_t)got < room ? (size_t)got : room;
	if (take > 0 && write(errand->output_fd, block, take) < 0)
		take = room; /* no place for more of it */
	*copied += take;
	return true;
}

/* Until the process has ended: 0; or -ETIME. */
static int
follow(const struct errand *errand, int pidfd, int output)
{
	int64_t until_ns = clock_now_ns() + errand->limit_ms * NS_PER_MS, left_ns;
	struct pollfd sources[2] = {{.fd = pidfd, .events = POLLIN},
	                            {.fd = output, .events = POLLIN}};
	size_t copied = 0;

	while ((left_ns = until_ns - clock_now_ns()) > 0) {
		if (poll(sources, 2, (int)(left_ns / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -errno;
		if (sources[1].revents != 0 && !copy_output(output, errand, &copied))
			sources[1].fd = -1;
		else if (sources[1].revents == 0 && sources[0].revents != 0)
			return 0;
		if (sources[1].fd < 0 && sources[0].revents != 0)
			return 0;
	}
	return -ETIME;
}

/* Its number is that of the group, and nobody else's as long as it is not reaped. */
static void
end_group(int pid, int pidfd, int *status)
{
	if (killpg(pid, SIGKILL) != 0 && pidfd >= 0)
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		continue;
}

int
errand_run(const struct errand *errand, int *status)
{
	int parent = (int)getpid(), ends[2], pid, pidfd, error;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	pid = (int)fork();
	if (pid == 0) {
		/* Only the reading end is ours alone: a command may expect its writes to wait. */
		fcntl(ends[1], F_SETFL, 0);
		become(errand, parent, ends[1]);
	}
	error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (pid > 0) {
		pidfd = pidfd_open(pid, 0);
		error = pidfd < 0 ? -errno : follow(errand, pidfd, ends[0]);
		end_group(pid, pidfd, status);
		if (pidfd >= 0)
			close(pidfd);
	}
	close(ends[0]);
	return error;
}

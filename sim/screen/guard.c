/* SPDX-License-Identifier: ISC
 *
 * The parent that outlives its screen.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sim/screen/guard.h"
#include "sim/screen/terminfo.h"

struct guard {
	pid_t child;
	int child_fd, signal_fd;
	sigset_t signals, before;
	bool has_terminal;
	struct termios terminal;
};

/* As the terminal would be if its last user had taken leave. */
static void
put_right(const struct guard *guard)
{
	if (!guard->has_terminal)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &guard->terminal);
	terminfo_leave();
}

static _Noreturn void
be_child(const struct guard *guard, pid_t parent, int (*work)(void *context), void *context)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(128 + SIGTERM);
	sigprocmask(SIG_SETMASK, &guard->before, NULL);
	close(guard->signal_fd);
	exit(work(context));
}

static int
wait_for_child(const struct guard *guard)
{
	struct pollfd fds[2] = {{.fd = guard->child_fd, .events = POLLIN},
	                        {.fd = guard->signal_fd, .events = POLLIN}};
	struct signalfd_siginfo info;
	int status = 0;

	while ((fds[0].revents & POLLIN) == 0) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if ((fds[1].revents & POLLIN) != 0 &&
		    read(guard->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
			pidfd_send_signal(guard->child_fd, SIGTERM, NULL, 0);
	}
	while (waitpid(guard->child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int
give_up(struct guard *guard)
{
	int error = -errno;

	if (guard->signal_fd >= 0)
		close(guard->signal_fd);
	sigprocmask(SIG_SETMASK, &guard->before, NULL);
	return error;
}

int
guard_run(int (*work)(void *context), void *context)
{
	struct guard guard = {.signal_fd = -1};
	pid_t self = getpid();
	int status;

	guard.has_terminal = tcgetattr(STDIN_FILENO, &guard.terminal) == 0;
	sigemptyset(&guard.signals);
	sigaddset(&guard.signals, SIGINT);
	sigaddset(&guard.signals, SIGTERM);
	sigaddset(&guard.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &guard.signals, &guard.before);
	guard.signal_fd = signalfd(-1, &guard.signals, SFD_CLOEXEC);
	if (guard.signal_fd < 0)
		return give_up(&guard);
	guard.child = fork();
	if (guard.child < 0)
		return give_up(&guard);
	if (guard.child == 0)
		be_child(&guard, self, work, context);
	guard.child_fd = pidfd_open(guard.child, 0);
	if (guard.child_fd < 0)
		return give_up(&guard);
	status = wait_for_child(&guard);
	close(guard.child_fd);
	if (WIFSIGNALED(status))
		put_right(&guard);
	close(guard.signal_fd);
	sigprocmask(SIG_SETMASK, &guard.before, NULL);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

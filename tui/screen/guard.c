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

#include "tui/screen/guard.h"
#include "tui/screen/terminfo.h"

#define LEAVE_MS 2000 /* for a screen that is told to end */

struct child {
	pid_t pid;
	int fd;   /* pidfd; -1: none, or it is over */
	int code; /* when it is over */
};

struct guard {
	int signal_fd;
	sigset_t before;
	bool has_terminal;
	struct termios terminal;
	struct child screen, work;
};

static int
guard_begin(struct guard *guard)
{
	sigset_t signals;

	guard->screen.fd = guard->work.fd = -1;
	guard->has_terminal = tcgetattr(STDIN_FILENO, &guard->terminal) == 0;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &guard->before);
	guard->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return guard->signal_fd < 0 ? -errno : 0;
}

static void
guard_end(struct guard *guard)
{
	if (guard->signal_fd >= 0)
		close(guard->signal_fd);
	sigprocmask(SIG_SETMASK, &guard->before, NULL);
}

/* 1 in the child, 0 in the parent, -errno. */
static int
start(const struct guard *guard, struct child *child, int death_signal)
{
	pid_t self = getpid();

	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, death_signal);
		if (getppid() != self)
			_exit(128 + death_signal);
		sigprocmask(SIG_SETMASK, &guard->before, NULL);
		close(guard->signal_fd);
		return 1;
	}
	child->fd = pidfd_open(child->pid, 0);
	return child->fd < 0 ? -errno : 0;
}

/* As the terminal would be if its last user had taken leave. */
static void
put_right(const struct guard *guard)
{
	if (!guard->has_terminal)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &guard->terminal);
	terminfo_leave();
}

/* It is over, or will be at once. */
static bool
reap(struct child *child)
{
	int status = 0;

	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(child->fd);
	child->fd = -1;
	child->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return WIFSIGNALED(status);
}

static void
tell(const struct child *child, int number)
{
	if (child->fd >= 0)
		pidfd_send_signal(child->fd, number, NULL, 0);
}

static void
hand_on(const struct guard *guard)
{
	const struct child *child = guard->work.pid > 0 ? &guard->work : &guard->screen;
	struct signalfd_siginfo info;

	if (read(guard->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	/* The whole foreground has Ctrl-C from the terminal. */
	if (info.ssi_signo != SIGINT || info.ssi_code == SI_USER || guard->work.pid == 0)
		tell(child, guard->work.pid > 0 ? (int)info.ssi_signo : SIGTERM);
}

static void
end_screen(struct guard *guard)
{
	struct pollfd over = {.fd = guard->screen.fd, .events = POLLIN};

	if (guard->screen.fd < 0)
		return;
	tell(&guard->screen, SIGTERM);
	tell(&guard->screen, SIGCONT);
	if (poll(&over, 1, LEAVE_MS) <= 0)
		tell(&guard->screen, SIGKILL);
	if (reap(&guard->screen))
		put_right(guard);
}

/* Until `last` is over. */
static void
wait_for(struct guard *guard, struct child *last)
{
	while (last->fd >= 0) {
		struct pollfd fds[3] = {{.fd = guard->screen.fd, .events = POLLIN},
		                        {.fd = guard->work.fd, .events = POLLIN},
		                        {.fd = guard->signal_fd, .events = POLLIN}};
		if (poll(fds, 3, -1) < 0)
			continue;
		if ((fds[2].revents & POLLIN) != 0)
			hand_on(guard);
		if (fds[0].revents != 0 && reap(&guard->screen))
			put_right(guard);
		if (fds[1].revents != 0)
			reap(&guard->work);
	}
}

int
guard_run(int (*screen)(void *context), void *context)
{
	struct guard guard = {0};
	int error = guard_begin(&guard);

	if (error == 0)
		error = start(&guard, &guard.screen, SIGTERM);
	if (error == 1)
		exit(screen(context));
	if (error == 0)
		wait_for(&guard, &guard.screen);
	guard_end(&guard);
	return error != 0 ? error : guard.screen.code;
}

int
guard_run_beside(int (*screen)(void *context), void *context,
                 int (*work)(void *context, int screen_fd), void *work_context)
{
	struct guard guard = {0};
	int error = guard_begin(&guard);

	if (error == 0)
		error = start(&guard, &guard.screen, SIGTERM);
	if (error == 1)
		exit(screen(context));
	if (error == 0)
		error = start(&guard, &guard.work, SIGKILL);
	if (error == 1)
		exit(work(work_context, guard.screen.fd));
	if (error == 0)
		wait_for(&guard, &guard.work);
	end_screen(&guard);
	guard_end(&guard);
	return error != 0 ? error : guard.work.code;
}

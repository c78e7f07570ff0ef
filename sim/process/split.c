/* SPDX-License-Identifier: ISC
 *
 * The old supervisor of a split, from the director's side.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/process/split.h"
#include "sim/util/clock.h"

#define SETTLE_MS 5000

int
split_begin(struct split *split, size_t index, int pid, int pidfd, int control_fd,
            int64_t resume_ns, int *status)
{
	pid_t reaped;

	if (pidfd_send_signal(pidfd, SIGSTOP, NULL, 0) != 0)
		return -errno;
	/* Not before it stands still may another one begin. */
	do
		reaped = waitpid(pid, status, WUNTRACED);
	while (reaped < 0 && errno == EINTR);
	if (reaped < 0)
		return -errno;
	if (!WIFSTOPPED(*status))
		return -ECHILD;
	*split = (struct split){.pid = pid,
	                        .pidfd = pidfd,
	                        .control_fd = control_fd,
	                        .resume_ns = resume_ns,
	                        .fault = index};
	return 0;
}

/* Only its own word that it was superseded proves the split. */
static void
ended(struct split *split, struct run *run, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISOR_SUPERSEDED)
		fault_landed(run->faults, split->fault, CORE_NO_SLOT, 0,
		             status | (int64_t)atomic_load(&run->faults->stale_commits) << 32);
	close(split->pidfd);
	close(split->control_fd);
	split->pid = 0;
}

static void
go_on(struct split *split)
{
	if (split->resume_ns != 0)
		pidfd_send_signal(split->pidfd, SIGCONT, NULL, 0);
	split->resume_ns = 0;
}

static bool
reap(struct split *split, struct run *run)
{
	int status;

	if (waitpid(split->pid, &status, WNOHANG) != split->pid)
		return false;
	ended(split, run, status);
	return true;
}

bool
split_turn(struct split *split, struct run *run, int64_t now_ns)
{
	if (split->pid == 0)
		return false;
	if (split->resume_ns != 0 && now_ns >= split->resume_ns)
		go_on(split);
	return reap(split, run);
}

void
split_settle(struct split *split, struct run *run)
{
	struct pollfd gone = {.fd = split->pidfd, .events = POLLIN};

	if (split->pid == 0)
		return;
	go_on(split);
	while (poll(&gone, 1, SETTLE_MS) < 0 && errno == EINTR)
		continue;
	if (reap(split, run))
		return;
	pidfd_send_signal(split->pidfd, SIGKILL, NULL, 0);
	while (!reap(split, run))
		poll(&gone, 1, SETTLE_MS);
}

/* SPDX-License-Identifier: ISC
 *
 * Lanes of child processes.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

struct lane {
	int pid, pidfd; /* pid 0: free */
	size_t index;
};

struct running {
	const struct pool *pool;
	struct lane lane[POOL_JOBS_MAX];
	unsigned busy;
	size_t next;
	int64_t done;
	sigset_t old_mask;
	struct sigaction before[SIGNALS];
};

static volatile sig_atomic_t stop_number;

static void
on_stop(int number)
{
	stop_number = number;
}

/* What nohup has us ignore stays ignored. */
static void
listen_for_signals(struct running *running)
{
	struct sigaction stop = {.sa_handler = on_stop}; /* interrupts waiting */

	stop_number = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		if (sigaction(signals[i], NULL, &running->before[i]) == 0 &&
		    running->before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &stop, NULL);
}

static void
stop_listening(const struct running *running)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &running->before[i], NULL);
}

unsigned
pool_jobs_default(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1)
		return 2;
	return processors > POOL_JOBS_MAX / 2 ? POOL_JOBS_MAX : 2 * (unsigned)processors;
}

_Noreturn static void
enter(struct running *running, size_t index, unsigned number, int parent)
{
	stop_listening(running);
	sigprocmask(SIG_SETMASK, &running->old_mask, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_INTERNAL);
	_exit(running->pool->work(running->pool->context, index, number));
}

static int
begin(struct running *running, unsigned number, size_t index)
{
	struct lane *lane = &running->lane[number];
	int parent = (int)getpid();

	fflush(NULL);
	lane->pid = (int)fork();
	if (lane->pid == 0)
		enter(running, index, number, parent);
	if (lane->pid < 0) {
		lane->pid = 0;
		return -errno;
	}
	lane->pidfd = pidfd_open(lane->pid, 0);
	lane->index = index;
	running->busy++;
	return 0;
}

static int
fill(struct running *running)
{
	const struct pool *pool = running->pool;
	int error = 0;

	for (unsigned i = 0; error == 0 && i < pool->jobs; i++)
		if (running->lane[i].pid == 0 && running->next < pool->count && stop_number == 0 &&
		    clock_now_ns() < pool->until_ns)
			error = begin(running, i, running->next++);
	return error;
}

/* Waits for one to end, or a signal. */
static int
reap(struct running *running)
{
	int status, code, error = 0;
	int pid = (int)waitpid(-1, &status, 0);

	for (unsigned i = 0; pid > 0 && i < running->pool->jobs; i++) {
		struct lane *lane = &running->lane[i];
		if (lane->pid != pid)
			continue;
		code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		close(lane->pidfd);
		lane->pid = 0;
		running->busy--;
		if (stop_number == 0 &&
		    running->pool->done(running->pool->context, lane->index, i, code))
			error = begin(running, i, lane->index);
		else
			running->done++;
	}
	return error;
}

static void
kill_all(struct running *running)
{
	for (unsigned i = 0; i < running->pool->jobs; i++)
		if (running->lane[i].pid != 0)
			pidfd_send_signal(running->lane[i].pidfd, SIGKILL, NULL, 0);
	/* Theirs come to us when they die: nobody may still be at work when we return. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

static bool
is_over(const struct running *running)
{
	const struct pool *pool = running->pool;

	return running->busy == 0 &&
	       (running->next == pool->count || clock_now_ns() >= pool->until_ns);
}

int64_t
pool_run(const struct pool *pool, int *number)
{
	struct running running = {.pool = pool};
	int error = 0;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -errno;
	listen_for_signals(&running);
	sigprocmask(SIG_SETMASK, NULL, &running.old_mask);
	do {
		error = fill(&running);
		if (error == 0 && running.busy > 0)
			error = reap(&running);
	} while (error == 0 && stop_number == 0 && !is_over(&running));
	if (error != 0 || stop_number != 0)
		kill_all(&running);
	stop_listening(&running);
	*number = stop_number;
	if (error != 0)
		return error;
	return stop_number != 0 ? -EINTR : running.done;
}

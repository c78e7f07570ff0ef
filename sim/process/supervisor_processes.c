/* SPDX-License-Identifier: ISC
 *
 * Worker processes: forking, signalling by pidfd (so that no signal can reach a reused pid),
 * reaping.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/check.h"
#include "sim/process/supervisor.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

/* A child keeps only what it needs: a sibling's socket in the wrong hands would never be seen to
 * close. */
static void
close_inherited(int keep_a, int keep_b)
{
	int low = keep_a < keep_b ? keep_a : keep_b, high = keep_a < keep_b ? keep_b : keep_a;

	if (low > 3)
		close_range(3, (unsigned)low - 1, 0);
	if (high > low + 1)
		close_range((unsigned)(low < 3 ? 3 : low + 1), (unsigned)high - 1, 0);
	close_range((unsigned)(high < 3 ? 3 : high + 1), ~0u, 0);
}

_Noreturn static void
become_worker(struct supervisor *supervisor, uint16_t slot, uint32_t incarnation, int parent)
{
	struct run *run = supervisor->run;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_inherited(run->wake_fd, run->dir.fd);
	run->lock_fd = run->job_fd = -1;
	setproctitle("graveshift %s worker w%u", run->scenario.name, slot);
	worker_main(run, slot, incarnation, parent);
}

void
supervisor_spawn(struct supervisor *supervisor, const struct core_step *action)
{
	/* At most one fork is asked for each place before it is done. */
	CHECK(supervisor->spawns < supervisor->places);
	supervisor->spawn[supervisor->spawns++] = *action;
}

static void
fork_worker(struct supervisor *supervisor, uint16_t slot, uint32_t incarnation)
{
	struct place *place = &supervisor->place[slot];
	int parent = (int)getpid(), pid;

	board_work_reset(supervisor->run->board, slot);
	pid = (int)fork();
	if (pid == 0)
		become_worker(supervisor, slot, incarnation, parent);
	if (pid < 0) {
		supervisor_break(supervisor, "fork a worker", -errno);
		return;
	}
	place->pid = pid;
	place->incarnation = incarnation;
	place->stopped = false;
	place->born = ++supervisor->births;
	place->pidfd = pidfd_open(pid, 0);
	if (place->pidfd < 0)
		supervisor_break(supervisor, "watch a worker (pidfd_open)", -errno);
	board_slot_set(supervisor->run->board, slot, pid, incarnation, BOARD_SLOT_STARTING);
}

void
supervisor_fork(struct supervisor *supervisor)
{
	if (supervisor->spawns == 0)
		return;
	supervisor_close_store(supervisor);
	for (size_t i = 0; i < supervisor->spawns && !supervisor->broken; i++)
		fork_worker(supervisor, supervisor->spawn[i].slot,
		            supervisor->spawn[i].incarnation);
	supervisor->spawns = 0;
}

int
supervisor_signal(struct supervisor *supervisor, uint16_t slot, int number)
{
	struct place *place = &supervisor->place[slot];

	if (place->joined) {
		/* Not ours to signal: it loses its connection, and the fence does the rest. */
		supervisor_disconnect(supervisor, slot);
		return 0;
	}
	if (place->pid == 0)
		return -ESRCH;
	return pidfd_send_signal(place->pidfd, number, NULL, 0) == 0 ? 0 : -errno;
}

static int
slot_of(const struct supervisor *supervisor, int pid)
{
	for (size_t slot = 0; slot < supervisor->places; slot++)
		if (supervisor->place[slot].pid == pid)
			return (int)slot;
	return -1;
}

static void
worker_ended(struct supervisor *supervisor, uint16_t slot, int status)
{
	struct place *place = &supervisor->place[slot];
	struct core_step exited = {.kind = EV_WORKER_EXITED,
	                           .slot = slot,
	                           .incarnation = place->incarnation,
	                           .value = (uint64_t)status};

	/* What it said before it died comes before its death. */
	supervisor_hear_out(supervisor, slot);
	supervisor_disconnect(supervisor, slot);
	board_work_read(supervisor->run->board, slot, &exited.task, &exited.epoch, &exited.record);
	place->lost_task = exited.task;
	place->lost_records = board_work_done(supervisor->run->board, slot);
	if (place->overtaken)
		supervisor_count_vain(supervisor, slot);
	close(place->pidfd);
	place->pid = 0;
	board_slot_set(supervisor->run->board, slot, 0, place->incarnation, BOARD_SLOT_EMPTY);
	supervisor_prove(supervisor, slot, status);
	supervisor_note_faults(supervisor);
	/* A mapped file that is cut short kills its reader: that is nobody's fault but the file's.
	 */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS &&
	    supervisor_input_changed(supervisor)) {
		supervisor_break(supervisor, "the input was changed while it was being read", 0);
		return;
	}
	point_reach(POINT_SUPERVISOR_AFTER_REAP);
	supervisor_step(supervisor, &exited);
}

void
supervisor_reap(struct supervisor *supervisor)
{
	int status, pid;

	/* One SIGCHLD may stand for several children. */
	while ((pid = (int)waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		int slot = slot_of(supervisor, pid);
		if (slot < 0)
			continue;
		if (WIFSTOPPED(status)) {
			supervisor->place[slot].stopped = true;
			supervisor_prove(supervisor, (uint16_t)slot, status);
		} else if (WIFCONTINUED(status)) {
			supervisor->place[slot].stopped = false;
		} else {
			worker_ended(supervisor, (uint16_t)slot, status);
		}
		if (planted("lost-sigchld"))
			break;
	}
	if (pid < 0 && errno != ECHILD)
		supervisor_break(supervisor, "reap workers", -errno);
}

void
supervisor_end_workers(struct supervisor *supervisor)
{
	for (uint16_t slot = 0; slot < supervisor->places; slot++) {
		struct place *place = &supervisor->place[slot];
		int status;
		supervisor_disconnect(supervisor, slot);
		if (place->pid == 0)
			continue;
		pidfd_send_signal(place->pidfd, SIGKILL, NULL, 0);
		while (waitpid(place->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		place->pid = 0;
		close(place->pidfd);
		supervisor_prove(supervisor, slot, status);
	}
}

/* SPDX-License-Identifier: ISC
 *
 * Worker processes: forking, signalling by pidfd (so that no signal can reach a reused pid),
 * reaping, and the faults that are injected into them from outside.
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
	run->lock_fd = -1;
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
prove_fault(struct supervisor *supervisor, uint16_t slot, int status)
{
	fault_prove(&supervisor->run->scenario, supervisor->run->faults, slot,
	            supervisor->place[slot].incarnation, status);
}

void
supervisor_note_faults(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->run->scenario.faults; i++) {
		struct fault_state *state = &supervisor->run->faults->fault[i];
		while (atomic_load_explicit(&state->noted, memory_order_relaxed) <
		       atomic_load(&state->landed)) {
			uint16_t slot = (uint16_t)atomic_load(&state->landed_slot);
			supervisor_note(supervisor, NOTE_FAULT, slot, i,
			                (uint64_t)atomic_load(&state->injected_ns));
			supervisor_note(supervisor, NOTE_FAULT_LANDED, slot, i,
			                (uint64_t)atomic_load(&state->evidence));
			atomic_fetch_add(&state->noted, 1);
		}
	}
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
	close(place->pidfd);
	place->pid = 0;
	board_slot_set(supervisor->run->board, slot, 0, place->incarnation, BOARD_SLOT_EMPTY);
	prove_fault(supervisor, slot, status);
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
			prove_fault(supervisor, (uint16_t)slot, status);
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

/* A live worker of ours that fault `fault` is meant for; -1 when there is none now. */
static int
choose_victim(const struct supervisor *supervisor, const struct fault *fault)
{
	for (uint16_t slot = 0; slot < supervisor->config.workers; slot++) {
		const struct place *place = &supervisor->place[slot];
		if (place->pid == 0 || place->channel.fd < 0 || place->stopped)
			continue;
		if (fault->who == WHO_SLOT && fault->slot != slot)
			continue;
		if (fault->who == WHO_BUSY && !board_work_is_busy(supervisor->run->board, slot))
			continue;
		return slot;
	}
	return -1;
}

static bool
inject(struct supervisor *supervisor, size_t index)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];
	int slot = choose_victim(supervisor, fault);
	struct place *place;

	if (slot < 0)
		return false;
	place = &supervisor->place[slot];
	if (fault_commit(index, (uint16_t)slot, place->incarnation, place->pid,
	                 fault_ends_ns(fault, supervisor->now_ns), "supervisor") &&
	    fault->what != FAULT_PARTITION)
		supervisor_signal(supervisor, (uint16_t)slot,
		                  fault->what == FAULT_PAUSE ? SIGSTOP : fault->signal);
	return true;
}

void
supervisor_inject(struct supervisor *supervisor)
{
	for (size_t i = 0; supervisor->injections != 0 && i < supervisor->run->scenario.faults; i++)
		if ((supervisor->injections >> i) & 1 && inject(supervisor, i))
			supervisor->injections &= ~(UINT64_C(1) << i);
}

static void
wake(void *context, uint16_t slot, uint32_t incarnation)
{
	struct supervisor *supervisor = context;

	if (slot < supervisor->places && supervisor->place[slot].incarnation == incarnation)
		supervisor_signal(supervisor, slot, SIGCONT);
}

int64_t
supervisor_wake_sleepers(struct supervisor *supervisor)
{
	return fault_wake(&supervisor->run->scenario, supervisor->run->faults, supervisor->now_ns,
	                  wake, supervisor);
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
		prove_fault(supervisor, slot, status);
	}
}

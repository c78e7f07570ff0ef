/* SPDX-License-Identifier: ISC
 *
 * Faults that the director injects: into supervisors, into itself and into everybody; and when the
 * moment of any of them has come.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "sim/disk/power.h"
#include "sim/fault/script.h"
#include "sim/process/director_parts.h"
#include "sim/util/fail.h"

/* Everything goes at once, the director last; what is left dies of the deaths of its parents. */
_Noreturn static void
kill_everything(struct director *director)
{
	if (director->supervisor != 0)
		pidfd_send_signal(director->supervisor_fd, SIGKILL, NULL, 0);
	raise(SIGKILL);
	_exit(EXIT_INTERNAL);
}

static void
heal(struct director *director, size_t index)
{
	struct run *run = director->run;
	unsigned count = director->resume_supervisor_ns != 0;

	if (!fault_commit(index, CORE_NO_SLOT, 0, (int)getpid(), 0, "director"))
		return;
	atomic_store(&run->faults->healed_ns, director->now_ns);
	count += fault_wake_all(&run->scenario, run->faults, director->now_ns);
	if (director->resume_supervisor_ns != 0)
		director->resume_supervisor_ns = director->now_ns;
	if (director->split.pid != 0 && director->split.resume_ns != 0) {
		director->split.resume_ns = director->now_ns;
		count++;
	}
	fault_landed(run->faults, index, CORE_NO_SLOT, 0, count);
	director_tell(director, CONTROL_INJECT, index); /* so that it looks */
}

/* One at a time, and only of a supervisor that rules: the next one takes over from it. */
static bool
may_split(const struct director *director)
{
	return director->split.pid == 0 &&
	       atomic_load(&director->run->board->supervisor_pid) == director->supervisor;
}

static void
split(struct director *director, size_t index)
{
	const struct fault *fault = &director->run->scenario.fault[index];
	int status, error;

	if (!fault_commit(index, CORE_NO_SLOT, 0, director->supervisor, 0, "director"))
		return;
	error = split_begin(&director->split, index, director->supervisor, director->supervisor_fd,
	                    director->run->control_fd, director->now_ns + fault->for_ns, &status);
	if (error == -ECHILD) {
		director_supervisor_ended(director, status);
		return;
	}
	if (error != 0) {
		director_break_off(director, "stop the supervisor", error);
		return;
	}
	director_say(director,
	             "fault %s: the supervisor is taken for dead; starting another beside it",
	             fault->id);
	director->supervisor = 0;
	memset(director->asked, 0, sizeof(director->asked));
	director_start_supervisor(director);
	if (director->draining)
		director_tell(director, CONTROL_DRAIN, 0);
}

static void
inject_supervisor(struct director *director, size_t index)
{
	const struct fault *fault = &director->run->scenario.fault[index];

	if (director->supervisor == 0 ||
	    !fault_commit(index, CORE_NO_SLOT, 0, director->supervisor, 0, "director"))
		return;
	if (fault->what == FAULT_PAUSE)
		director->resume_supervisor_ns = director->now_ns + fault->for_ns;
	director_signal_supervisor(director, fault->what == FAULT_PAUSE ? SIGSTOP : fault->signal);
}

void
director_inject(struct director *director, size_t index)
{
	const struct fault *fault = &director->run->scenario.fault[index];

	if (fault->what == FAULT_POWER) {
		if (fault_commit(index, CORE_NO_SLOT, 0, (int)getpid(), 0, "director"))
			power_cut(index);
	} else if (fault->what == FAULT_SPLIT) {
		split(director, index);
	} else if (fault->what == FAULT_HEAL) {
		heal(director, index);
	} else if (fault_needs_nobody(fault)) {
		fault_do(index, "director");
	} else if (fault_is_for_director(fault) && fault->who == WHO_SUPERVISOR) {
		inject_supervisor(director, index);
	} else if (fault_is_for_director(fault)) {
		if (fault_commit(index, CORE_NO_SLOT, 0, (int)getpid(), 0, "director"))
			kill_everything(director);
	} else {
		director->asked[index] =
		    1 + atomic_load(&director->run->faults->fault[index].injected);
		director_tell(director, CONTROL_INJECT, index);
	}
}

/* The supervisor remembers it until it finds a victim. */
static bool
was_asked(const struct director *director, size_t index)
{
	return director->asked[index] ==
	       1 + atomic_load(&director->run->faults->fault[index].injected);
}

/* Time counts from the start of this life, or from the injection of the fault it follows. */
static int64_t
time_due_ns(const struct director *director, size_t index)
{
	const struct fault *fault = &director->run->scenario.fault[index];
	const struct fault_state *state = director->run->faults->fault;
	int64_t due_ns = director->started_ns;

	if (fault->follows >= 0)
		due_ns = atomic_load(&state[fault->follows].injected_ns);
	due_ns += fault->after_ns;
	if (fault->every_ns > 0 && atomic_load(&state[index].injected) > 0) {
		int64_t again_ns = atomic_load(&state[index].injected_ns) + fault->every_ns;
		due_ns = again_ns > due_ns ? again_ns : due_ns;
	}
	return due_ns;
}

/* Has its moment come? */
static bool
has_come(const struct director *director, size_t index, uint64_t done, uint64_t tasks)
{
	const struct fault *fault = &director->run->scenario.fault[index];

	switch (fault->when) {
	case WHEN_POINT:
	case WHEN_STATE:
		return atomic_load(&director->run->faults->fault[index].requested) > 0;
	case WHEN_PROGRESS:
		return tasks > 0 && done <= tasks && done >= fault_progress_tasks(fault, tasks);
	case WHEN_TIME:
		return director->now_ns >= time_due_ns(director, index);
	default:
		return false;
	}
}

static bool
is_due(struct director *director, size_t index, uint64_t done, uint64_t tasks)
{
	const struct fault *fault = &director->run->scenario.fault[index];
	struct fault_area *area = director->run->faults;

	if (!fault_may_begin(&director->run->scenario, area, index))
		return false;
	if (fault->when != WHEN_POINT && was_asked(director, index))
		return false;
	if (fault->what == FAULT_SPLIT && !may_split(director)) {
		if (atomic_load(&area->fault[index].requested) > 0)
			atomic_store(&area->fault[index].sought, 1);
		return false;
	}
	if (!has_come(director, index, done, tasks) ||
	    script_stops(&director->run->scenario, area, index))
		return false;
	atomic_store(&area->fault[index].requested, 0);
	return true;
}

void
director_inject_due(struct director *director)
{
	struct run *run = director->run;
	uint64_t done = board_done(run->board), tasks = board_tasks(run->board), asked = 0;

	if (director->supervisor == 0 || run->scenario.faults == 0)
		return;
	for (size_t i = 0; i < run->scenario.faults && !director->over; i++) {
		if (is_due(director, i, done, tasks))
			director_inject(director, i);
		if (was_asked(director, i) || script_has(&run->scenario, run->faults, i))
			asked |= UINT64_C(1) << i;
	}
	fault_watch_progress(&run->scenario, run->faults, tasks, asked);
}

void
director_inject_own(struct director *director)
{
	const struct run *run = director->run;

	for (size_t i = 0; i < run->scenario.faults && director->supervisor != 0; i++)
		if (fault_ends_director(&run->scenario.fault[i]) &&
		    atomic_load(&run->faults->fault[i].requested) > 0 &&
		    is_due(director, i, board_done(run->board), board_tasks(run->board)))
			director_inject(director, i);
}

int64_t
director_faults_due_ns(const struct director *director)
{
	const struct scenario *scenario = &director->run->scenario;
	int64_t due_ns = CORE_NEVER;

	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].when == WHEN_TIME && !was_asked(director, i) &&
		    !script_has(scenario, director->run->faults, i) &&
		    fault_may_begin(scenario, director->run->faults, i) &&
		    time_due_ns(director, i) < due_ns)
			due_ns = time_due_ns(director, i);
	return due_ns;
}

/* SPDX-License-Identifier: ISC
 *
 * The run's scenario with the faults that were injected by hand as faults of its own, so that it
 * can be played again: when as many tasks are done as were done then, because that does not depend
 * on how fast a machine is, as a time would.
 */
#include <string.h>

#include "sim/fault/hand.h"
#include "sim/report/report.h"
#include "sim/util/clock.h"

static void
when_done(struct fault *fault, const struct hand_moment *moment)
{
	if (moment->done == 0)
		return;
	fault->condition.terms = 1;
	fault->condition.term[0] = (struct condition_term){
	    .what = CONDITION_DONE, .compare = COMPARE_GE, .value = moment->done};
}

/* A file says only of the process that reaches a point that it is to do something to itself. */
static void
at_task(struct fault *fault, const struct hand_moment *moment, FILE *out)
{
	fprintf(out, "# %s was for one worker by hand; here it is for whoever begins a task.\n",
	        fault->id);
	fault->who = WHO_SELF;
	fault->victims = 1;
	fault->when = WHEN_POINT;
	fault->point = POINT_WORKER_BEFORE_TASK;
	when_done(fault, moment);
}

static void
at_moment(struct fault *fault, const struct hand_moment *moment)
{
	fault->when = moment->done > 0 ? WHEN_STATE : WHEN_TIME;
	/* Nothing was done yet: only the time is left. */
	fault->after_ns = (moment->elapsed_ns / NS_PER_MS) * NS_PER_MS;
	when_done(fault, moment);
}

static void
make_scripted(struct fault *fault, const struct hand_moment *moment, FILE *out)
{
	fault->optional = false;
	if (fault->what == FAULT_BAD_CHUNK) {
		fault->when = WHEN_RECORD;
	} else if (fault_is_of_frames(fault)) {
		fault->when = WHEN_POINT;
		when_done(fault, moment);
	} else if (fault->what == FAULT_CRASH && fault->exit_code < 0) {
		/* The same signal from outside ends it in the same way. */
		fault->what = FAULT_KILL;
		at_moment(fault, moment);
	} else if (fault_is_inside(fault) && fault->what != FAULT_SLOW) {
		at_task(fault, moment, out);
	} else {
		at_moment(fault, moment);
	}
}

int
report_faults(const struct report *report, FILE *out)
{
	static struct scenario scenario;
	static struct hand_moment moment[SCENARIO_FAULTS_MAX];
	const struct run *run = report->run;
	size_t kept, count;
	int error;

	scenario = run->scenario; /* its texts stay the run's */
	kept = scenario_scripted(&scenario);
	error = hand_recall(&scenario, run->plan_path, moment);
	if (error != 0)
		return error;
	count = scenario.faults;
	fprintf(out,
	        "# Made of a run of %s: faults that were injected by hand come when as many\n"
	        "# tasks are done as were done then.\n",
	        scenario.name);
	for (size_t i = kept; i < count; i++) {
		if (atomic_load(&run->faults->fault[i].injected) == 0)
			continue;
		make_scripted(&scenario.fault[i], &moment[i], out);
		scenario.fault[kept++] = scenario.fault[i];
	}
	scenario.faults = kept;
	return scenario_print(&scenario, out);
}

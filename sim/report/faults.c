/* SPDX-License-Identifier: ISC
 *
 * The run's scenario with the faults that were injected by hand as faults of its own, so that it
 * can be played again: when as many tasks are done as were done then, because that does not depend
 * on how fast a machine is, as a time would.
 */
#include "sim/fault/hand.h"
#include "sim/report/report.h"
#include "sim/util/clock.h"

struct writing {
	struct scenario scenario; /* its texts are the run's */
	struct hand_moment moment[SCENARIO_FAULTS_MAX];
	size_t count; /* faults so far, with their moments */
	int last;     /* the last of them by hand that has a moment of its own; -1: none */
	FILE *out;
};

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

/* When nothing was done since the one before, it follows that one, after as long as it did then;
 * when nothing was done at all, only the time is left. */
static void
at_moment(struct writing *writing, struct fault *fault, const struct hand_moment *moment)
{
	const struct hand_moment *last = writing->last < 0 ? NULL : &writing->moment[writing->last];
	int64_t after_ns = moment->elapsed_ns;

	fault->when = WHEN_TIME;
	if (last != NULL && last->done == moment->done && last->elapsed_ns <= moment->elapsed_ns) {
		fault->follows = (int16_t)writing->last;
		after_ns -= last->elapsed_ns;
	} else if (moment->done > 0) {
		fault->when = WHEN_STATE;
		when_done(fault, moment);
	}
	fault->after_ns = (after_ns + NS_PER_MS - 1) / NS_PER_MS * NS_PER_MS;
	writing->last = (int)writing->count;
}

static void
make_scripted(struct writing *writing, struct fault *fault, const struct hand_moment *moment)
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
		at_moment(writing, fault, moment);
	} else if (fault_is_inside(fault) && fault->what != FAULT_SLOW) {
		at_task(fault, moment, writing->out);
	} else {
		at_moment(writing, fault, moment);
	}
	writing->scenario.fault[writing->count] = *fault;
	writing->moment[writing->count++] = *moment;
}

int
report_faults(const struct report *report, FILE *out)
{
	static struct writing writing;
	const struct run *run = report->run;
	size_t known;
	int error;

	writing = (struct writing){.scenario = run->scenario, .last = -1, .out = out};
	writing.count = scenario_scripted(&run->scenario);
	error = hand_recall(&writing.scenario, run->plan_path, writing.moment);
	if (error != 0)
		return error;
	fprintf(out,
	        "# Made of a run of %s: faults that were injected by hand come when as many\n"
	        "# tasks are done as were done then.\n",
	        run->scenario.name);
	known = writing.scenario.faults;
	for (size_t i = writing.count; i < known; i++) {
		struct fault fault = writing.scenario.fault[i];
		struct hand_moment moment = writing.moment[i];
		if (atomic_load(&run->faults->fault[i].injected) > 0)
			make_scripted(&writing, &fault, &moment);
	}
	writing.scenario.faults = writing.count;
	return scenario_print(&writing.scenario, out);
}

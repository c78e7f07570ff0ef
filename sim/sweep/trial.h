/* SPDX-License-Identifier: ISC
 *
 * One run of a sweep: killed where it is told to, resumed to its end and judged.  Everything
 * happens in child processes and in a folder that is removed when all is well.
 */
#ifndef SIM_SWEEP_TRIAL_H
#define SIM_SWEEP_TRIAL_H

#include "sim/flow/flow_stats.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/crash_point.h"

/* Filled in by whichever process gives the verdict: lives in memory shared with it. */
struct trial_result {
	int exit_code;
	unsigned lives;
	bool judged;
	bool landed;       /* the kills of the sweep did */
	char unlanded[48]; /* the first fault of the scenario's own that did not; "" = none */
	uint64_t records;  /* of the plan */
	uint64_t lost, doubled, rework;
	uint64_t effects_lost, effects_doubled; /* of etl jobs */
	int64_t job_ns; /* from its start to its end, without the time in which no director lived */
	uint64_t generations;
	int64_t recovery_ns;      /* longest from a death to leased again */
	int run_state;            /* enum run_state */
	struct flow_stats stream; /* of stream jobs */
	uint64_t stale;
	char failed[112];  /* what did not hold: the name of the verdict's line; "" = nothing */
	char finding[320]; /* ... and what was found; "" if nothing was wrong */
};

/* What is killed: `first` alone, or a second one behind it, counted from the first. */
struct trial {
	const struct scenario *base; /* with an absolute path to its input */
	int wanted_state;            /* enum run_state of the run without kills */
	bool again; /* once it has ended it is run again, and nothing may change (I12) */
	bool plain; /* no sweep: faults and expectations are as the scenario has them */
	const struct crash_point *first, *second; /* NULL: none */
	const char *folder;                       /* made by the trial */
	struct trial_result *result;
};

/* Plays it in the calling process, which must be a child made for it: returns the exit code, in
 * short EXIT_MET when the run is proven, EXIT_INCONCLUSIVE when it was never killed there,
 * EXIT_UNMET otherwise.  `folder` stays unless it is proven. */
int trial_play(const struct trial *trial);

#endif

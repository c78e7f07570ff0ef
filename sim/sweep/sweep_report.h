/* SPDX-License-Identifier: ISC
 *
 * What a sweep says: a TAP line for each crash point, and the sum at the end.
 */
#ifndef SIM_SWEEP_SWEEP_REPORT_H
#define SIM_SWEEP_SWEEP_REPORT_H

#include <stdint.h>

#include "sim/sweep/trial.h"

struct sweep_worst {
	uint64_t value;
	char where[128];
};

struct sweep_report {
	unsigned points; /* TAP points printed */
	uint64_t chosen, proven, failed, unreached;
	uint64_t broken; /* of those that failed: without a verdict */
	uint64_t hits;   /* recorded; more than chosen when some were alike */
	uint64_t lost, doubled;
	struct sweep_worst redo, recovery;
	/* Of single kills by point; of pairs together. */
	uint32_t chosen_at[POINTS], proven_at[POINTS], chosen_pairs, proven_pairs, unreached_pairs;
};

/* Was each point that was to be tried proven at least once?  A budget that is used up before is no
 * proof.  Which second kill is still to come when the first one has happened is for the race to
 * say: most of the pairs that were tried must be proven. */
bool sweep_report_is_conclusive(const struct sweep_report *report);

/* A trial has ended with that code; `folder` is where its run stays when it failed. */
void sweep_report_trial(struct sweep_report *report, const struct trial *trial, int code);
/* The sum.  seconds: for all trials. */
void sweep_report_end(const struct sweep_report *report, double seconds, unsigned jobs);

#endif

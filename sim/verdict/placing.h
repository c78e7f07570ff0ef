/* SPDX-License-Identifier: ISC
 *
 * How the tasks of a run were spread over its workers, and what moved whenever workers came or
 * went.
 */
#ifndef SIM_VERDICT_PLACING_H
#define SIM_VERDICT_PLACING_H

#include <stdio.h>

#include "core/core.h"
#include "sim/scenario/scenario.h"

struct placing {
	uint32_t leases[SCENARIO_WORKERS_MAX]; /* of each slot */
	uint64_t changes;                      /* of the ring, with tasks queued */
	uint64_t beyond;                       /* of them, those that moved more than their share */
	/* The change that moved the greatest share: tasks moved, of so many, and how many may. */
	uint64_t moved, queued, allowed;
};

/* Takes an action of the coordinator into account. */
void placing_note(struct placing *placing, const struct core_step *action);

/* Most leases of one slot in thousandths of the mean over those that had any; 0: there were none.
 */
unsigned placing_spread(const struct placing *placing, uint32_t *slots);

/* A line for people: spread of the load, and the greatest share that moved. */
void placing_print(const struct placing *placing, enum placement placement, FILE *out);

#endif

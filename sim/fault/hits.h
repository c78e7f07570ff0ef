/* SPDX-License-Identifier: ISC
 *
 * A record of every point that a run reached, in order, in memory that all its processes share: for
 * a sweep, which kills a run at each of them in turn.
 */
#ifndef SIM_FAULT_HITS_H
#define SIM_FAULT_HITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fault/points.h"

struct hit {
	uint16_t point;
	uint16_t recovering; /* 1: what a death took has not been leased again, see hits_note */
	uint32_t changes;    /* durable changes that were made before it in this run */
};

struct hit_log {
	_Atomic uint32_t count; /* hits; those beyond room are only counted */
	uint32_t room;
	_Atomic uint32_t changes;
	int32_t follows; /* a fault's number: nothing before its injection is noted; -1 = none */
	_Atomic uint32_t recovery; /* enum: how far the recovery from it is */
	_Atomic uint32_t reports;  /* tasks reported since */
	struct hit hit[];
};

/* Makes an empty log in shared memory that children inherit; NULL without memory. */
struct hit_log *hits_new(uint32_t room);
void hits_clear(struct hit_log *log, int follows);
void hits_free(struct hit_log *log);

/* Notes that a point was reached.  lost: tasks whose holder is lost and that are not leased again.
 * The recovery from the first death lasts until there were some and there are none any more; a
 * death that cost nobody a task is over when a few more tasks have been reported. */
void hits_note(struct hit_log *log, enum point point, bool lost);

#endif

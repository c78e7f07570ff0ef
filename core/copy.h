/* SPDX-License-Identifier: ISC
 *
 * Copies: when nothing is left to lease and a worker is idle, an attempt that takes much longer
 * than its stage's others gets a second one beside it.  The store takes the one that commits first;
 * the other's worker is stopped, uncharged.  A copy changes nothing else: whatever ends it, its
 * task goes on as if there had been none.
 */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include "state.h"

static inline enum copy_state
copy_state(const struct core *core, uint32_t task)
{
	return core->copies ? (enum copy_state)core->copies[task].state : COPY_NONE;
}

/* Whether what the slot holds of the task is its copy. */
static inline bool
copy_is_at(const struct core *core, uint32_t task, uint16_t slot)
{
	return copy_state(core, task) == COPY_LIVE && core->copies[task].holder == slot;
}

/* The epoch of what the slot holds of the task, or would hold if it had it. */
static inline uint32_t
copy_lease_epoch(const struct core *core, uint32_t task, uint16_t slot)
{
	if (copy_is_at(core, task, slot))
		return core->copies[task].epoch;
	return core->copies && core->copies[task].twin > 0 ? core->copies[task].twin
	                                                   : core->tasks[task].epoch;
}

/* Whether the attempt has ended, as the store knows, and only its copy is left. */
static inline bool
copy_is_alone(const struct core *core, uint32_t task)
{
	return (copy_state(core, task) == COPY_LIVE || copy_state(core, task) == COPY_ENDING) &&
	       core->tasks[task].phase == PHASE_FENCING && !(core->tasks[task].flags & TASK_ASKED);
}

/* The front lease of a slot is a new one: it may take too long by and by. */
void copy_begun(struct core *core, uint16_t slot);
/* It is done. */
void copy_time(struct core *core, uint16_t slot, uint32_t task);
/* Asks for copies of what takes too long. */
void copy_look(struct core *core);
/* When copy_look has something to do, or CORE_NEVER. */
int64_t copy_due(const struct core *core);

void copy_granted(struct core *core, const struct core_step *event); /* asked -> live */
/* live -> none: it was reported done.  Its lease is off the slot's list. */
void copy_done(struct core *core, uint32_t task, uint64_t dead_records);
/* live -> ending: it came to nothing.  Its lease is off the slot's list, or soon will be. */
void copy_end(struct core *core, uint32_t task, enum cause cause);
void copy_fenced(struct core *core, const struct core_step *event); /* ending -> none */
/* live -> none: its task is done without it. */
void copy_lose(struct core *core, uint32_t task);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Leases: what a slot holds, and what its worker says about them.
 */
#ifndef CORE_LEASE_H
#define CORE_LEASE_H

#include "state.h"

/* Adds the task to what the slot, which has room, holds. */
void lease_hold(struct core *core, uint16_t slot, uint32_t task);
void lease_grant(struct core *core, uint16_t slot, uint32_t task);
/* Place of the lease in the slot's list, or -1 if the slot does not hold it in that epoch. */
int lease_find(const struct core *core, const struct slot *slot, uint32_t task, uint32_t epoch);
/* Takes lease[index] off the slot's list; the task is the caller's business. */
void lease_drop(struct core *core, uint16_t slot, unsigned index);
/* Ends what the slot held of the task, an attempt or its copy, that came to nothing.  lost: see
 * task_fence. */
void lease_lost(struct core *core, uint16_t slot, uint32_t task, enum cause cause, bool lost);
/* Fences all leases of the slot: the one at index guilty (-1: none) for cause, the others
 * uncharged. */
void lease_fence_all(struct core *core, uint16_t slot, int guilty, enum cause cause);

void lease_beat(struct core *core, const struct core_step *event);
void lease_done(struct core *core, const struct core_step *event);
void lease_failed(struct core *core, const struct core_step *event);
void lease_refused(struct core *core, const struct core_step *event);
void lease_returned(struct core *core, const struct core_step *event);

#endif

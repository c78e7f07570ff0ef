/* SPDX-License-Identifier: ISC
 *
 * Leases: what a slot holds, and what its worker says about them.
 */
#ifndef CORE_LEASE_H
#define CORE_LEASE_H

#include "state.h"

void lease_grant(struct core *core, uint16_t slot, uint32_t task);
/* Place of the lease in the slot's list, or -1 if the slot does not hold it in that epoch. */
int lease_find(const struct core *core, const struct slot *slot, uint32_t task, uint32_t epoch);
/* Takes lease[index] off the slot's list; the task is the caller's business. */
void lease_drop(struct core *core, uint16_t slot, unsigned index);
/* Fences all leases of the slot: the one at index guilty (-1: none) for cause, the others
 * uncharged. */
void lease_fence_all(struct core *core, uint16_t slot, int guilty, enum cause cause);

void lease_beat(struct core *core, const struct core_step *event);
void lease_done(struct core *core, const struct core_step *event);
void lease_failed(struct core *core, const struct core_step *event);
void lease_refused(struct core *core, const struct core_step *event);
void lease_returned(struct core *core, const struct core_step *event);

#endif

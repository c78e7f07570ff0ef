/* SPDX-License-Identifier: ISC
 *
 * What the two audits share: checks of one task, slot or queue, and the sums that must agree with
 * the counters.  The full audit adds everything up; the step audit keeps what it has seen and only
 * adds up what a step changed.
 */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "state.h"

struct seen_task audit_see_task(const struct core *core, uint32_t task);
struct seen_slot audit_see_slot(const struct core *core, uint32_t slot);
/* Adds what was seen to the sums, or takes it off again: sign is 1 or -1. */
void audit_tally_task(struct tally *tally, const struct seen_task *seen, int sign);
void audit_tally_slot(struct tally *tally, const struct seen_slot *seen, int sign);

void audit_task(const struct core *core, uint32_t task);
void audit_slot(const struct core *core, uint16_t slot);
/* Its ends; not what is between them. */
void audit_queue_ends(const struct core *core, const struct queue *queue, enum phase phase);
/* Likewise of a slot's own queue, or the one on top. */
void audit_home_ends(const struct core *core, uint32_t slot);
/* That the place in the heap of timers, or of alarms, is right as seen from there. */
void audit_timer(const struct core *core, uint32_t place);
void audit_alarm(const struct core *core, uint32_t place);
void audit_stage(const struct core *core, const struct tally *tally, unsigned stage);
/* Everything that is one number for the whole coordinator. */
void audit_tally(const struct core *core, const struct tally *tally);
void audit_job(const struct core *core);

#endif

/* SPDX-License-Identifier: ISC
 *
 * What happens to a task: one function per transition of the state diagram in README.md.  The
 * functions that take an event check that it fits and count it as stale if it does not.
 */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include "state.h"

enum task_state task_public_state(enum phase phase);
/* Why a lease of it is given with CORE_ASSIGN_* flags. */
uint8_t task_assign_flags(const struct task *task);

void task_restored(struct core *core, const struct core_step *event);
/* blocked -> queued; first: before those that are queued with its slot already. */
void task_unblock(struct core *core, uint32_t task, bool first);
void task_skip(struct core *core, uint32_t task);                        /* blocked -> skipped */
void task_lease(struct core *core, uint32_t task, uint16_t slot);        /* queued -> leased */
void task_done(struct core *core, uint32_t task, uint64_t dead_records); /* leased -> done */
/* leased, fencing -> done: the same, with its dead letters counted. */
void task_finish(struct core *core, uint32_t task, enum phase from);
void task_count_dead(struct core *core, uint32_t task, uint64_t records);
void task_return(struct core *core, uint32_t task); /* leased -> queued, never started */
/* leased -> fencing.  lost: the holder is gone or given up, it did not report the end itself. */
void task_fence(struct core *core, uint32_t task, enum cause cause, bool lost);
/* Before task_fence(CAUSE_CRASH): where its worker died. */
void task_crashed_at(struct core *core, uint32_t task, uint64_t record);
void task_fenced(struct core *core, const struct core_step *event); /* fencing -> ... */
/* fencing: the store has answered, and no copy is at it any more. */
void task_conclude(struct core *core, uint32_t task);
void task_go_on(struct core *core,
                uint32_t task);                   /* fencing, probing -> queued, waiting, burying */
void task_wake(struct core *core, uint32_t task); /* waiting -> queued */
void task_bury_record(struct core *core, uint32_t task,
                      uint64_t status);                             /* probing -> burying record */
void task_buried(struct core *core, const struct core_step *event); /* burying -> dead */
void task_record_buried(struct core *core, const struct core_step *event); /* -> queued */
/* The probe did no harm, or could not be made: crashed_at[0] is not probed again. */
void task_clear_suspect(struct core *core, uint32_t task);

#endif

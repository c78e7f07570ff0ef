/* SPDX-License-Identifier: ISC
 *
 * What the parts of a moment's fold share: tasks and slots change only through these.
 */
#ifndef SIM_HISTORY_MOMENT_PARTS_H
#define SIM_HISTORY_MOMENT_PARTS_H

#include "sim/history/moment.h"

/* Whether that is a state (enum task_state) in which a task has ended. */
bool moment_is_over(uint8_t state);

/* moment_task.c: how a task goes from state to state, and what that does to counts and books. */
void moment_tasks_seal(struct moment *moment, uint32_t tasks, uint64_t records);
void moment_tasks_ready(struct moment *moment);
void moment_tasks_power_lost(struct moment *moment);
/* A record that names a task of the plan. */
void moment_apply_task(struct moment *moment, const struct core_step *step);
void moment_task_enter(struct moment *moment, uint32_t task, enum task_state state);
void moment_task_note_dead(struct moment *moment, uint32_t task, uint64_t records);
/* Its holder is lost. */
void moment_task_lose(struct moment *moment, uint32_t task);
/* An attempt came to nothing, and the store has its epoch raised: ready again. */
void moment_task_concluded(struct moment *moment, uint32_t task);
/* Its lease is void because nobody is left who granted it. */
void moment_task_void(struct moment *moment, uint32_t task);

/* moment_copy.c: copies of attempts that take too long. */
void moment_apply_copy(struct moment *moment, const struct core_step *step);
void moment_copy_leased(struct moment *moment, const struct core_step *step);
/* The attempt has ended, and only its copy is at the task now. */
void moment_copy_left_alone(struct moment *moment, uint32_t task);

/* moment_slot.c: what happens to workers, and which leases they hold. */
void moment_apply_slot(struct moment *moment, const struct core_step *step);
/* The supervisor is gone, and with it all workers. */
void moment_slots_void(struct moment *moment);
/* The worker that says this is the present one of its slot; NULL: it is somebody else. */
struct moment_slot *moment_speaker(struct moment *moment, const struct core_step *step);
void moment_lease_push(struct moment *moment, uint32_t slot, uint32_t task);
/* Its place among the slot's leases, or -1. */
int moment_lease_find(const struct moment *moment, uint32_t slot, uint32_t task);
void moment_lease_drop(struct moment *moment, uint32_t slot, int index);
/* The slot's lease on the task is taken away; a worker that is to blame, but may not be killed, is
 * given up. */
void moment_lease_fenced(struct moment *moment, const struct core_step *step);
/* A report from the worker about one of its leases (-1: of none that it has): it is at work, and
 * beyond those before. */
void moment_slot_reports(struct moment *moment, struct moment_slot *slot, int index);
void moment_slot_enter(struct moment *moment, struct moment_slot *slot, enum slot_phase phase);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Slots: the places for workers, from absent through starting and up to dead, resting and started
 * again, or quarantined.
 */
#ifndef CORE_SLOT_H
#define CORE_SLOT_H

#include "state.h"

/* Enters a state, now. */
void slot_enter(struct core *core, uint16_t slot, enum slot_state state);
/* Whether there is a worker in it whose words count. */
bool slot_can_speak(const struct slot *slot);
/* Whether there is, or may be, a process in it. */
bool slot_is_alive(const struct slot *slot);

void slot_spawn(struct core *core, uint16_t slot);
void slot_kill(struct core *core, uint16_t slot, enum cause cause);
/* Its worker is in a task that somebody else has committed, under that epoch; its lease is off the
 * slot's list.  It is killed, or left to itself if it may not be; what else it holds goes back. */
void slot_overtaken(struct core *core, uint16_t slot, uint32_t task, uint32_t epoch);
void slot_dismiss(struct core *core, uint16_t slot);
void slot_dismiss_all(struct core *core);
void slot_joined(struct core *core, const struct core_step *event);
void slot_exited(struct core *core, const struct core_step *event);
/* The delay before a restart is over. */
void slot_rested(struct core *core, uint16_t slot);
/* A kill was not confirmed in time: goes on without the slot. */
void slot_write_off(struct core *core, uint16_t slot);
/* Whether no worker is left that works or may be started. */
bool slot_all_lost(const struct core *core);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Leases and the reports about them.
 */
#include <string.h>

#include "copy.h"
#include "lease.h"
#include "place.h"
#include "slot.h"
#include "task.h"
#include "watch.h"

void
lease_hold(struct core *core, uint16_t number, uint32_t task)
{
	struct slot *slot = &core->slots[number];
	CHECK(slot->held < core->config.credit);
	if (slot->held == 0) {
		watch_begin(core, slot);
		copy_begun(core, number);
	}
	slot->lease[slot->held++] = task;
	core->held++;
	place_note_room(core, number);
}

void
lease_grant(struct core *core, uint16_t slot, uint32_t task)
{
	lease_hold(core, slot, task);
	task_lease(core, task, slot);
}

int
lease_find(const struct core *core, const struct slot *slot, uint32_t task, uint32_t epoch)
{
	uint16_t number = (uint16_t)(slot - core->slots);
	if (task >= core->config.tasks || copy_lease_epoch(core, task, number) != epoch)
		return -1;
	for (int i = 0; i < slot->held; i++)
		if (slot->lease[i] == task)
			return i;
	return -1;
}

void
lease_drop(struct core *core, uint16_t number, unsigned index)
{
	struct slot *slot = &core->slots[number];
	CHECK(index < slot->held);
	if (slot->lease[index] == slot->started)
		slot->started = CORE_NO_TASK;
	core->stats.recovering -= slot->state == SLOT_KILLING;
	slot->held--;
	slot->passed -= index < slot->passed;
	memmove(&slot->lease[index], &slot->lease[index + 1],
	        (slot->held - index) * sizeof slot->lease[0]);
	core->held--;
	if (index == 0 && slot->held > 0)
		copy_begun(core, number);
	place_note_room(core, number);
}

void
lease_lost(struct core *core, uint16_t slot, uint32_t task, enum cause cause, bool lost)
{
	if (copy_is_at(core, task, slot))
		copy_end(core, task, cause);
	else
		task_fence(core, task, cause, lost);
}

void
lease_fence_all(struct core *core, uint16_t number, int guilty, enum cause cause)
{
	struct slot *slot = &core->slots[number];
	if (slot->state == SLOT_KILLING)
		core->stats.recovering -= slot->held;
	bool blames_all = CORE_PLANTED(core, CHARGE_OF_INNOCENT) && guilty >= 0;
	for (int i = 0; i < slot->held; i++)
		/* cppcheck-suppress negativeIndex ; guilty may be -1, i is not */
		lease_lost(core, number, slot->lease[i],
		           i == guilty || blames_all ? cause : CAUSE_INFRA, true);
	core->held -= slot->held;
	slot->held = slot->passed = 0;
	slot->started = CORE_NO_TASK;
	place_note_room(core, number);
}

/* The slot whose present worker says this, which is a sign of life; NULL if it is anybody else. */
static struct slot *
lease_speaker(struct core *core, const struct core_step *event)
{
	if (event->slot >= core->config.slots)
		return NULL;
	struct slot *slot = &core->slots[event->slot];
	if (slot->incarnation != event->incarnation || !slot_can_speak(slot))
		return NULL;
	core_touch_slot(core, event->slot);
	slot->heard_ns = core->now_ns;
	return slot;
}

/* Place of the lease that an ending is reported for, or -1.  A worker given up without a kill that
 * reports anything has come to the end of what it was in, so it may have leases again. */
static int
lease_claim(struct core *core, const struct core_step *event)
{
	struct slot *slot = lease_speaker(core, event);
	if (!slot)
		return -1;
	if (slot->state == SLOT_FENCED)
		slot_enter(core, event->slot, SLOT_UP);
	int index = lease_find(core, slot, event->task, event->epoch);
	if (index >= 0)
		watch_moved(core, slot);
	return index;
}

/* Later leases are not begun before earlier ones, so those in front of it were lost on the way. */
static void
lease_pass(struct core *core, struct slot *slot, unsigned index)
{
	if (slot->passed == 0 && index > 0)
		watch_passed(core, slot);
	slot->passed = (uint8_t)index;
}

/* A worker that has nothing to do does not hang: what it should hold, or its report of the end of
 * that, was lost on the way, or is still on it. */
static void
lease_idle(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	if (slot->state == SLOT_FENCED)
		slot_enter(core, number, SLOT_UP);
	if (slot->held == 0)
		return;
	lease_pass(core, slot, slot->held);
	watch_moved(core, slot);
}

void
lease_beat(struct core *core, const struct core_step *event)
{
	if (event->slot == core_probe(core)) {
		watch_probe_beat(core, event);
		return;
	}
	struct slot *slot = lease_speaker(core, event);
	if (slot && event->task == CORE_NO_TASK) {
		lease_idle(core, event->slot);
		return;
	}
	int index = slot ? lease_find(core, slot, event->task, event->epoch) : -1;
	if (index < 0) {
		core->stats.stale++;
		return;
	}
	lease_pass(core, slot, (unsigned)index);
	if (slot->started == event->task && slot->progress == event->record)
		return;
	slot->started = event->task;
	slot->progress = event->record;
	watch_moved(core, slot);
}

void
lease_done(struct core *core, const struct core_step *event)
{
	int index = lease_claim(core, event);
	if (index < 0) {
		core->stats.stale++;
		return;
	}
	bool copy = copy_is_at(core, event->task, event->slot);
	lease_pass(core, &core->slots[event->slot], (unsigned)index);
	copy_time(core, event->slot, event->task);
	lease_drop(core, event->slot, (unsigned)index);
	if (copy)
		copy_done(core, event->task, event->value);
	else
		task_done(core, event->task, event->value);
}

void
lease_failed(struct core *core, const struct core_step *event)
{
	int index = lease_claim(core, event);
	if (index < 0 || (event->cause != CAUSE_DATA && event->cause != CAUSE_INFRA)) {
		core->stats.stale++;
		return;
	}
	if (!copy_is_at(core, event->task, event->slot))
		core->tasks[event->task].reason = (uint32_t)event->value;
	lease_pass(core, &core->slots[event->slot], (unsigned)index);
	lease_drop(core, event->slot, (unsigned)index);
	lease_lost(core, event->slot, event->task, event->cause, false);
}

/* Whether the refused lease did exist: one older than the task's epoch, or the one being fenced
 * now. */
static bool
lease_is_old(const struct core *core, const struct core_step *event)
{
	if (event->slot >= core->config.slots || event->task >= core->config.tasks)
		return false;
	const struct task *task = &core->tasks[event->task];
	if (core->copies && core->copies[event->task].epoch == event->epoch)
		return copy_state(core, event->task) != COPY_LIVE;
	return event->epoch > 0 && (event->epoch < task->epoch ||
	                            (event->epoch == task->epoch && task->phase == PHASE_FENCING));
}

void
lease_refused(struct core *core, const struct core_step *event)
{
	int index = lease_claim(core, event);
	if (index >= 0) {
		/* The store disagrees with us: ask it.  The worker has dropped all it held. */
		lease_drop(core, event->slot, (unsigned)index);
		lease_lost(core, event->slot, event->task, CAUSE_INFRA, false);
		lease_fence_all(core, event->slot, -1, CAUSE_NONE);
		return;
	}
	bool old = lease_is_old(core, event);
	core->stats.fenced += old;
	core->stats.stale += !old;
}

void
lease_returned(struct core *core, const struct core_step *event)
{
	int index = lease_claim(core, event);
	if (index < 0) {
		core->stats.stale++;
		return;
	}
	lease_drop(core, event->slot, (unsigned)index);
	/* An epoch that a copy was asked for beside is over with its attempt. */
	if (copy_is_at(core, event->task, event->slot) ||
	    core->tasks[event->task].flags & TASK_COPIED)
		lease_lost(core, event->slot, event->task, CAUSE_INFRA, true);
	else
		task_return(core, event->task);
}

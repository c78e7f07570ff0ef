/* SPDX-License-Identifier: ISC
 *
 * Slots: workers come, speak, fall silent and go.
 */
#include <string.h>

#include "sim/history/moment_parts.h"

static uint32_t *
leases_of(const struct moment *moment, uint32_t slot)
{
	return &moment->lease[(size_t)slot * moment->credit];
}

void
moment_lease_push(struct moment *moment, uint32_t slot, uint32_t task)
{
	struct moment_slot *place = &moment->slot[slot];

	if (place->held < moment->credit)
		leases_of(moment, slot)[place->held++] = task;
	if (place->held == 1)
		place->moved_ns = moment->now_ns;
}

int
moment_lease_find(const struct moment *moment, uint32_t slot, uint32_t task)
{
	const uint32_t *lease = leases_of(moment, slot);

	for (int i = 0; i < moment->slot[slot].held; i++)
		if (lease[i] == task)
			return i;
	return -1;
}

void
moment_lease_drop(struct moment *moment, uint32_t slot, int index)
{
	struct moment_slot *place = &moment->slot[slot];
	uint32_t *lease = leases_of(moment, slot);

	place->held--;
	place->passed -= index < place->passed;
	place->progress = index == place->passed ? 0 : place->progress;
	memmove(&lease[index], &lease[index + 1], (size_t)(place->held - index) * sizeof(lease[0]));
}

void
moment_slot_enter(struct moment *moment, struct moment_slot *slot, enum slot_phase phase)
{
	slot->phase = (uint8_t)phase;
	slot->since_ns = moment->now_ns;
}

void
moment_lease_fenced(struct moment *moment, const struct core_step *step)
{
	struct moment_slot *slot = step->slot < moment->slots ? &moment->slot[step->slot] : NULL;
	int index = slot == NULL ? -1 : moment_lease_find(moment, step->slot, step->task);

	if (index >= 0)
		moment_lease_drop(moment, step->slot, index);
	if (slot != NULL && step->cause == CAUSE_HANG &&
	    (slot->phase == PHASE_UP || slot->phase == PHASE_SILENT)) {
		moment->counts.hangs++;
		moment_slot_enter(moment, slot, PHASE_FENCED);
	}
}

struct moment_slot *
moment_speaker(struct moment *moment, const struct core_step *step)
{
	struct moment_slot *slot;

	/* A job that has ended only watches its workers go. */
	if (step->slot >= moment->slots || moment->outcome != OUTCOME_NONE)
		return NULL;
	slot = &moment->slot[step->slot];
	if (!moment_can_speak(slot) || slot->incarnation != step->incarnation)
		return NULL;
	slot->beat_ns = moment->now_ns;
	return slot;
}

bool
moment_can_speak(const struct moment_slot *slot)
{
	return slot->phase == PHASE_UP || slot->phase == PHASE_SILENT ||
	       slot->phase == PHASE_KILLED || slot->phase == PHASE_FENCED ||
	       slot->phase == PHASE_DRAINING;
}

static void
moved(struct moment *moment, struct moment_slot *slot)
{
	slot->moved_ns = moment->now_ns;
	if (slot->phase == PHASE_SILENT)
		moment_slot_enter(moment, slot, PHASE_UP);
}

/* Who was given up without a kill and comes to the end of what it was in is of use again. */
static void
returns(struct moment *moment, struct moment_slot *slot)
{
	if (slot->phase == PHASE_FENCED)
		moment_slot_enter(moment, slot, PHASE_UP);
}

void
moment_slot_reports(struct moment *moment, struct moment_slot *slot, int index)
{
	returns(moment, slot);
	if (index < 0)
		return;
	moved(moment, slot);
	/* Leases are done in order: what is before this one has ended, but was not reported. */
	if (index != slot->passed) {
		slot->passed = (uint8_t)index;
		slot->progress = 0;
	}
}

void
moment_slots_void(struct moment *moment)
{
	for (uint32_t i = 0; i < moment->slots; i++) {
		struct moment_slot *slot = &moment->slot[i];
		for (unsigned j = 0; j < slot->held; j++) {
			uint32_t task = leases_of(moment, i)[j];
			if (moment->task[task].state == TASK_LEASED)
				moment_task_void(moment, task);
		}
		*slot = (struct moment_slot){.done = slot->done, .deaths = slot->deaths};
	}
}

static void
on_beat(struct moment *moment, const struct core_step *step)
{
	struct moment_slot *slot = moment_speaker(moment, step);
	int index;

	if (slot == NULL)
		return;
	if (step->task == CORE_NO_TASK) {
		returns(moment, slot);
		moved(moment, slot);
		slot->passed = slot->held;
		return;
	}
	index = moment_lease_find(moment, step->slot, step->task);
	if (index < 0 || moment_lease_epoch(&moment->task[step->task], step->slot) != step->epoch ||
	    (index == slot->passed && slot->progress == step->record))
		return;
	moved(moment, slot);
	slot->passed = (uint8_t)index;
	slot->progress = step->record;
}

static void
on_spawn(struct moment *moment, struct moment_slot *slot, const struct core_step *step)
{
	moment->counts.restarts += step->incarnation > 1;
	slot->incarnation = step->incarnation;
	slot->pid = 0;
	slot->joiner = false;
	moment_slot_enter(moment, slot, PHASE_STARTING);
}

static void
on_joined(struct moment *moment, struct moment_slot *slot, const struct core_step *step)
{
	bool expected = slot->phase == PHASE_STARTING && slot->incarnation == step->incarnation;
	bool free = slot->phase == PHASE_EMPTY || slot->phase == PHASE_RESTING;

	if (!expected && (!free || slot->incarnation >= step->incarnation))
		return;
	moment->counts.joins++;
	slot->joiner = !expected;
	slot->incarnation = step->incarnation;
	slot->pid = (int32_t)step->value;
	slot->beat_ns = moment->now_ns;
	moved(moment, slot);
	moment_slot_enter(moment, slot, PHASE_UP);
}

static void
on_exited(struct moment *moment, struct moment_slot *slot, const struct core_step *step)
{
	bool leaves = slot->phase == PHASE_DRAINING && step->value == 0;
	/* A probe's lease ends with its worker; all others are fenced one by one. */
	bool probe = step->slot == moment->slots - 1;

	if (slot->incarnation != step->incarnation ||
	    (slot->phase != PHASE_STARTING && !moment_can_speak(slot)))
		return;
	slot->pid = 0;
	slot->deaths += step->value != 0;
	moment->counts.deaths += step->value != 0;
	if (probe)
		slot->held = slot->passed = 0;
	moment_slot_enter(moment, slot,
	                  leaves || probe || slot->joiner || moment->outcome != OUTCOME_NONE
	                      ? PHASE_EMPTY
	                      : PHASE_RESTING);
}

void
moment_apply_slot(struct moment *moment, const struct core_step *step)
{
	struct moment_slot *slot;

	if (step->slot >= moment->slots)
		return;
	slot = &moment->slot[step->slot];
	switch (step->kind) {
	case EV_BEAT:
		on_beat(moment, step);
		break;
	case ACT_SPAWN:
		on_spawn(moment, slot, step);
		break;
	case EV_WORKER_JOINED:
		on_joined(moment, slot, step);
		break;
	case EV_WORKER_EXITED:
		on_exited(moment, slot, step);
		break;
	case ACT_SUSPECT:
		moment->counts.suspected++;
		if (slot->phase == PHASE_UP)
			moment_slot_enter(moment, slot, PHASE_SILENT);
		break;
	case ACT_KILL:
		moment->counts.hangs += step->cause == CAUSE_HANG;
		moment_slot_enter(moment, slot, PHASE_KILLED);
		break;
	case ACT_DISMISS:
		moment_slot_enter(moment, slot, PHASE_DRAINING);
		break;
	case ACT_QUARANTINE:
		moment->counts.quarantined++;
		moment_slot_enter(moment, slot, PHASE_QUARANTINED);
		break;
	default:
		break;
	}
}

/* SPDX-License-Identifier: ISC
 *
 * Slots.
 */
#include "slot.h"
#include "copy.h"
#include "lease.h"
#include "place.h"
#include "probe.h"
#include "retry.h"
#include "task.h"
#include "watch.h"

void
slot_enter(struct core *core, uint16_t number, enum slot_state state)
{
	struct slot *slot = &core->slots[number];
	slot->state = (uint8_t)state;
	slot->since_ns = core->now_ns;
	place_note_room(core, number);
}

bool
slot_can_speak(const struct slot *slot)
{
	return slot->state == SLOT_UP || slot->state == SLOT_KILLING ||
	       slot->state == SLOT_FENCED || slot->state == SLOT_LEAVING;
}

bool
slot_is_alive(const struct slot *slot)
{
	return slot->state == SLOT_STARTING || slot_can_speak(slot);
}

void
slot_spawn(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	slot->incarnation++;
	slot->heard_ns = core->now_ns;
	slot_enter(core, number, SLOT_STARTING);
	watch_soon(core, number, core_later(core->now_ns, core->config.lease_ttl_ns));
	struct core_step *spawn = core_emit(core, ACT_SPAWN);
	spawn->slot = number;
	spawn->incarnation = slot->incarnation;
}

void
slot_kill(struct core *core, uint16_t number, enum cause cause)
{
	struct slot *slot = &core->slots[number];
	slot->killed_for = (uint8_t)cause;
	core->stats.recovering += slot->held;
	slot_enter(core, number, SLOT_KILLING);
	watch_soon(core, number, core_later(core->now_ns, core->config.kill_confirm_ns));
	struct core_step *kill = core_emit(core, ACT_KILL);
	kill->slot = number;
	kill->incarnation = slot->incarnation;
	kill->cause = (uint8_t)cause;
}

void
slot_overtaken(struct core *core, uint16_t number, uint32_t task, uint32_t epoch)
{
	struct slot *slot = &core->slots[number];
	bool may_kill = slot->own && core->config.takeover == TAKEOVER_KILL;
	struct core_step *note = core_emit(core, ACT_OVERTAKEN);
	note->slot = number;
	note->task = task;
	note->epoch = epoch;
	if (slot->state == SLOT_KILLING)
		return;
	note->value = !may_kill;
	if (may_kill) {
		slot_kill(core, number, CAUSE_SPECULATIVE);
		return;
	}
	/* It does not know, and nothing that waits behind it shall wait for that. */
	lease_fence_all(core, number, -1, CAUSE_NONE);
	slot->killed_for = CAUSE_SPECULATIVE;
	if (slot->state == SLOT_UP)
		slot_enter(core, number, SLOT_FENCED);
}

void
slot_dismiss(struct core *core, uint16_t number)
{
	slot_enter(core, number, SLOT_LEAVING);
	watch_soon(core, number, watch_slot_due(core, number));
	struct core_step *dismiss = core_emit(core, ACT_DISMISS);
	dismiss->slot = number;
	dismiss->incarnation = core->slots[number].incarnation;
}

void
slot_dismiss_all(struct core *core)
{
	for (uint16_t number = 0; number < core->config.slots; number++) {
		const struct slot *slot = &core->slots[number];
		if (slot->state == SLOT_UP || slot->state == SLOT_FENCED)
			slot_dismiss(core, number);
	}
}

/* Whether that worker may come now: the one we spawned, or a joiner into a free place. */
static bool
slot_expects(const struct core *core, const struct core_step *event)
{
	if (event->slot > core->config.slots)
		return false;
	const struct slot *slot = &core->slots[event->slot];
	if (slot->own || event->slot == core_probe(core))
		return slot->state == SLOT_STARTING && slot->incarnation == event->incarnation;
	return slot->state == SLOT_ABSENT && slot->incarnation < event->incarnation;
}

void
slot_joined(struct core *core, const struct core_step *event)
{
	if (!slot_expects(core, event)) {
		core->stats.stale++;
		return;
	}
	uint16_t number = event->slot;
	struct slot *slot = &core->slots[number];
	slot->incarnation = event->incarnation;
	slot->heard_ns = slot->progress_ns = core->now_ns;
	slot->suspected = false;
	slot_enter(core, number, SLOT_UP);
	bool joiner = !slot->own && number != core_probe(core);
	core->joiners += joiner;
	if (core->draining || core->outcome != OUTCOME_NONE || slot->retiring)
		slot_dismiss(core, number);
	else if (number == core_probe(core))
		probe_joined(core);
	else if (joiner)
		place_join(core, number);
}

/* Notes the death and returns how many there were within the window, this one included. */
static uint32_t
slot_note_death(struct core *core, uint16_t number)
{
	uint32_t size = core->config.restart_max + 1, count = 0;
	int64_t *deaths = &core->deaths[(size_t)number * size];
	struct slot *slot = &core->slots[number];
	deaths[slot->death_next] = core->now_ns;
	slot->death_next = (slot->death_next + 1) % size;
	for (uint32_t i = 0; i < size; i++)
		if (deaths[i] != CORE_NEVER &&
		    core->now_ns < core_later(deaths[i], core->config.restart_within_ns))
			count++;
	return count > 0 ? count : 1;
}

static void
slot_quarantine(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	slot_enter(core, number, SLOT_QUARANTINED);
	if (!slot->retiring) {
		core->staff--;
		place_leave(core, number);
	}
	slot->retiring = false;
	core->stats.quarantined++;
	core_emit(core, ACT_QUARANTINE)->slot = number;
}

static void
slot_restart(struct core *core, uint16_t number)
{
	core->stats.restarts++;
	slot_spawn(core, number);
}

/* Its worker has gone, and no other follows. */
static void
slot_vacate(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	core->joiners -= !slot->own;
	if (slot->retiring)
		slot->own = slot->retiring = false;
	slot_enter(core, number, SLOT_ABSENT);
	if (!slot->own && ring_has(&core->ring, number))
		place_leave(core, number);
}

/* An unwanted death of one of our own: start it again, at once or later, unless it dies too often.
 */
static void
slot_died(struct core *core, uint16_t number)
{
	const struct core_config *config = &core->config;
	uint32_t deaths = slot_note_death(core, number);
	if (deaths > config->restart_max) {
		slot_quarantine(core, number);
	} else if (deaths == 1) {
		slot_restart(core, number);
	} else {
		slot_enter(core, number, SLOT_RESTING);
		int64_t delay_ns =
		    retry_ceiling_ns(config->restart_base_ns, config->restart_cap_ns, deaths - 2);
		timers_add(&core->timers, core_later(core->now_ns, delay_ns),
		           config->tasks + number);
	}
}

/* Ends the leases of a worker that has exited: only the task it was in can be guilty. */
static void
slot_lose_leases(struct core *core, const struct core_step *event, bool clean)
{
	struct slot *slot = &core->slots[event->slot];
	enum cause crash = CORE_PLANTED(core, POISON_LOOP) ? CAUSE_INFRA : CAUSE_CRASH;
	enum cause cause = slot->state == SLOT_KILLING ? slot->killed_for : crash;
	int guilty = clean ? -1 : lease_find(core, slot, event->task, event->epoch);
	if (guilty >= 0 && !copy_is_at(core, event->task, event->slot)) {
		core->tasks[event->task].reason = (uint32_t)event->value;
		if (cause == CAUSE_CRASH)
			task_crashed_at(core, event->task, event->record);
	}
	lease_fence_all(core, event->slot, guilty, cause);
}

void
slot_exited(struct core *core, const struct core_step *event)
{
	if (event->slot > core->config.slots ||
	    (core->slots[event->slot].incarnation != event->incarnation &&
	     !CORE_PLANTED(core, STALE_EXIT)) ||
	    !slot_is_alive(&core->slots[event->slot])) {
		core->stats.stale++;
		return;
	}
	if (event->slot == core_probe(core)) {
		probe_exited(core, event);
		return;
	}
	const struct slot *slot = &core->slots[event->slot];
	bool clean = slot->state == SLOT_LEAVING && event->value == 0;
	bool over = core->draining || core->outcome != OUTCOME_NONE;
	bool blameless = slot->state == SLOT_KILLING && slot->killed_for == CAUSE_SPECULATIVE;
	slot_lose_leases(core, event, clean);
	if (!slot->own || slot->retiring || over)
		slot_vacate(core, event->slot);
	else if (clean)
		slot_spawn(core, event->slot); /* wanted again while it was leaving */
	else if (blameless)
		slot_restart(core, event->slot);
	else
		slot_died(core, event->slot);
}

void
slot_rested(struct core *core, uint16_t number)
{
	CHECK(core->slots[number].state == SLOT_RESTING);
	if (core->draining || core->slots[number].retiring)
		slot_vacate(core, number);
	else
		slot_restart(core, number);
}

void
slot_write_off(struct core *core, uint16_t number)
{
	if (number == core_probe(core)) {
		probe_written_off(core);
		return;
	}
	struct slot *slot = &core->slots[number];
	lease_fence_all(core, number, watch_started(slot), slot->killed_for);
	slot_quarantine(core, number);
}

bool
slot_all_lost(const struct core *core)
{
	/* Nobody is lost where nobody is wanted: such a job waits for joiners or a SCALE. */
	return core->wanted > 0 && core->staff == 0 && core->joiners == 0 &&
	       core->probe.queue.count == 0;
}

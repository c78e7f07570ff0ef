/* SPDX-License-Identifier: ISC
 *
 * Watching the workers.  Deadlines are kept as times of the last sign, not as timers: a beat then
 * costs a store, and the slot's one alarm finds out now and then whether it is due by now.
 */
#include "watch.h"
#include "copy.h"
#include "lease.h"
#include "slot.h"
#include "task.h"

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
watch_soon(struct core *core, uint16_t slot, int64_t due_ns)
{
	alarms_set(&core->alarms, slot, due_ns);
}

static uint16_t
watch_number(const struct core *core, const struct slot *slot)
{
	return (uint16_t)(slot - core->slots);
}

static void
watch_reset(struct core *core, struct slot *slot)
{
	const struct core_config *config = &core->config;
	int64_t first = earlier(config->suspect_ns, earlier(config->dead_ns, config->lease_ttl_ns));
	slot->progress_ns = core->now_ns;
	slot->suspected = false;
	watch_soon(core, watch_number(core, slot), core_later(core->now_ns, first));
}

void
watch_begin(struct core *core, struct slot *slot)
{
	slot->heard_ns = core->now_ns;
	slot->started = CORE_NO_TASK;
	slot->progress = 0;
	watch_reset(core, slot);
}

void
watch_moved(struct core *core, struct slot *slot)
{
	/* Deadlines only move away, so the next look may come early but never late. */
	if (slot->suspected)
		watch_reset(core, slot);
	else
		slot->progress_ns = core->now_ns;
}

void
watch_passed(struct core *core, struct slot *slot)
{
	slot->passed_ns = core->now_ns;
	watch_soon(core, watch_number(core, slot),
	           core_later(core->now_ns, core->config.lease_ttl_ns));
}

void
watch_probe_beat(struct core *core, const struct core_step *event)
{
	struct slot *slot = &core->slots[event->slot];
	if (slot->incarnation != event->incarnation || slot->state != SLOT_UP ||
	    event->task != core->probe.task) {
		core->stats.stale++;
		return;
	}
	slot->heard_ns = core->now_ns;
	if (slot->progress != event->record)
		slot->progress_ns = core->now_ns;
	slot->progress = event->record;
}

int
watch_started(const struct slot *slot)
{
	for (int i = 0; i < slot->held; i++)
		if (slot->lease[i] == slot->started)
			return i;
	return slot->held > 0 ? 0 : -1;
}

/* One of ours that was told to leave, and has nothing left to finish, has to go in time. */
static int64_t
watch_leaver_due(const struct core *core, const struct slot *slot)
{
	bool may_kill = slot->own && core->config.takeover == TAKEOVER_KILL;
	int64_t idle_ns = slot->since_ns > slot->progress_ns ? slot->since_ns : slot->progress_ns;
	return slot->state == SLOT_LEAVING && may_kill
	           ? core_later(idle_ns, core->config.lease_ttl_ns)
	           : CORE_NEVER;
}

int64_t
watch_slot_due(const struct core *core, uint16_t number)
{
	const struct core_config *config = &core->config;
	const struct slot *slot = &core->slots[number];
	bool probe = number == core_probe(core);
	int64_t silent = core_later(slot->heard_ns, config->lease_ttl_ns);
	int64_t dead = core_later(slot->progress_ns, config->dead_ns);
	switch ((enum slot_state)slot->state) {
	case SLOT_STARTING:
		return silent;
	case SLOT_KILLING:
		return core_later(slot->since_ns, config->kill_confirm_ns);
	case SLOT_UP:
	case SLOT_LEAVING:
		if (probe && slot->state == SLOT_LEAVING)
			return core_later(slot->since_ns, config->lease_ttl_ns);
		if (probe)
			return earlier(silent, dead);
		break;
	default:
		return CORE_NEVER;
	}
	if (slot->held == 0)
		return watch_leaver_due(core, slot);
	int64_t due = earlier(silent, dead);
	if (!slot->suspected)
		due = earlier(due, core_later(slot->progress_ns, config->suspect_ns));
	if (slot->passed > 0)
		due = earlier(due, core_later(slot->passed_ns, config->lease_ttl_ns));
	return due;
}

static void
watch_suspect(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	slot->suspected = true;
	struct core_step *suspect = core_emit(core, ACT_SUSPECT);
	suspect->slot = number;
	suspect->task = slot->lease[watch_started(slot)];
	suspect->value = (uint64_t)(core->now_ns - slot->progress_ns);
}

static void
watch_give_up(struct core *core, uint16_t number)
{
	bool may_kill = number == core_probe(core) ||
	                (core->slots[number].own && core->config.takeover == TAKEOVER_KILL);
	struct slot *slot = &core->slots[number];
	core->stats.hangs++;
	/* A worker that never joined holds nothing that a fence could protect. */
	if (may_kill || slot->state == SLOT_STARTING) {
		slot_kill(core, number, CAUSE_HANG);
		return;
	}
	int started = watch_started(slot);
	slot->killed_for = CAUSE_HANG;
	if (!copy_is_at(core, slot->lease[started], number))
		core->tasks[slot->lease[started]].reason = 0;
	lease_fence_all(core, number, started, CAUSE_HANG);
	if (slot->state == SLOT_UP)
		slot_enter(core, number, SLOT_FENCED);
}

static void
watch_fence_passed(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	while (slot->passed > 0) {
		uint32_t task = slot->lease[0];
		lease_drop(core, number, 0);
		lease_lost(core, number, task, CAUSE_INFRA, true);
	}
}

static void
watch_look(struct core *core, uint16_t number)
{
	const struct core_config *config = &core->config;
	struct slot *slot = &core->slots[number];
	int64_t now = core->now_ns;
	int64_t dead_ns =
	    CORE_PLANTED(core, SLOW_TAKEN_FOR_DEAD) ? config->suspect_ns : config->dead_ns;
	if (slot->state == SLOT_KILLING) {
		slot_write_off(core, number);
		return;
	}
	/* The probe and a worker that has not joined have no lease to be suspected of. */
	if (slot->held == 0 || now >= core_later(slot->heard_ns, config->lease_ttl_ns) ||
	    now >= core_later(slot->progress_ns, dead_ns)) {
		watch_give_up(core, number);
		return;
	}
	if (!slot->suspected && now >= core_later(slot->progress_ns, config->suspect_ns))
		watch_suspect(core, number);
	if (slot->passed > 0 && now >= core_later(slot->passed_ns, config->lease_ttl_ns))
		watch_fence_passed(core, number);
}

void
watch_tick(struct core *core)
{
	while (alarms_due(&core->alarms) <= core->now_ns) {
		uint16_t slot = alarms_take(&core->alarms);
		if (core->now_ns >= watch_slot_due(core, slot))
			watch_look(core, slot);
		watch_soon(core, slot, watch_slot_due(core, slot));
	}
}

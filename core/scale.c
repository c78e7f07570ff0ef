/* SPDX-License-Identifier: ISC
 *
 * Scaling.  A slot that is given back is retiring until its worker has gone: it finishes what it is
 * in, hands back the rest and is not started again.  Wanted again before that, it just stays ours.
 */
#include "scale.h"
#include "place.h"
#include "slot.h"

static bool
scale_may(const struct core *core)
{
	return core->planned && !core->draining && core->outcome == OUTCOME_NONE;
}

static bool
scale_is_staffed(const struct slot *slot)
{
	return slot->own && !slot->retiring && slot->state != SLOT_QUARANTINED;
}

static bool
scale_is_free(const struct slot *slot)
{
	return slot->retiring || (!slot->own && slot->state == SLOT_ABSENT);
}

static void
scale_open(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	bool returns = slot->retiring;
	slot->own = true;
	slot->retiring = false;
	core->staff++;
	ring_join(&core->ring, number);
	core_touch_slot(core, number);
	if (!returns)
		slot_spawn(core, number);
}

static void
scale_close(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	slot->retiring = true;
	core->staff--;
	ring_leave(&core->ring, number);
	core_touch_slot(core, number);
	if (slot->state == SLOT_UP || slot->state == SLOT_FENCED)
		slot_dismiss(core, number);
}

void
scale_to(struct core *core, const struct core_step *event)
{
	uint32_t slots = core->config.slots;
	if (!scale_may(core) || event->value > slots || event->value == core->staff) {
		core->stats.stale++;
		return;
	}
	uint32_t members = core->ring.members;
	core->wanted = (uint32_t)event->value;
	for (uint16_t slot = 0; slot < slots && core->staff < core->wanted; slot++)
		if (scale_is_free(&core->slots[slot]))
			scale_open(core, slot);
	for (uint16_t slot = (uint16_t)slots; slot > 0 && core->staff > core->wanted; slot--)
		if (scale_is_staffed(&core->slots[slot - 1]))
			scale_close(core, slot - 1);
	/* Joiners and quarantined slots may be in the way of the rest. */
	core->stats.stale += core->staff != core->wanted;
	place_rebalance(core, members);
}

void
scale_drain(struct core *core, const struct core_step *event)
{
	if (!scale_may(core) || event->slot >= core->config.slots ||
	    !scale_is_staffed(&core->slots[event->slot])) {
		core->stats.stale++;
		return;
	}
	uint32_t members = core->ring.members;
	core->wanted--;
	scale_close(core, event->slot);
	place_rebalance(core, members);
}

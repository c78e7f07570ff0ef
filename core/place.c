/* SPDX-License-Identifier: ISC
 *
 * Placement: per-slot queues by consistent hashing, an urgent queue before them, stealing from the
 * fullest.
 */
#include "place.h"
#include "lease.h"
#include "task.h"

static struct queue *
place_home(struct core *core, uint32_t task)
{
	uint16_t slot = ring_owner(&core->ring, task);
	return &core->queues[slot == CORE_NO_SLOT ? core->config.slots : slot];
}

void
place_push(struct core *core, uint32_t task)
{
	core->ready++;
	queue_push(place_home(core, task), core->tasks, task);
}

void
place_push_urgent(struct core *core, uint32_t task)
{
	core->ready++;
	queue_push(&core->urgent, core->tasks, task);
}

void
place_note_room(struct core *core, uint16_t slot)
{
	const struct slot *s = &core->slots[slot];
	uint64_t bit = UINT64_C(1) << (slot % 64), *word = &core->hungry[slot / 64];
	bool hungry =
	    s->state == SLOT_UP && s->held < core->config.credit && slot != core_probe(core);
	core->hungry_count += hungry;
	core->hungry_count -= (*word & bit) != 0;
	*word = hungry ? *word | bit : *word & ~bit;
}

/* Puts the tasks of a queue where they belong now, in their order. */
static void
place_spread(struct core *core, struct queue *queue)
{
	for (uint32_t left = queue->count; left > 0; left--) {
		uint32_t task = queue_pop(queue, core->tasks);
		queue_push(place_home(core, task), core->tasks, task);
	}
}

void
place_join(struct core *core, uint16_t slot)
{
	ring_join(&core->ring, slot);
	for (uint32_t from = 0; from <= core->config.slots; from++)
		if (from != slot)
			place_spread(core, &core->queues[from]);
}

void
place_leave(struct core *core, uint16_t slot)
{
	ring_leave(&core->ring, slot);
	place_spread(core, &core->queues[slot]);
}

static struct queue *
place_fullest(struct core *core)
{
	struct queue *fullest = &core->queues[core->config.slots];
	for (uint32_t slot = 0; slot < core->config.slots; slot++)
		if (core->queues[slot].count > fullest->count)
			fullest = &core->queues[slot];
	return fullest;
}

/* The queue to serve that slot from; NULL if all there is should go to another one. */
static struct queue *
place_choose(struct core *core, uint16_t slot)
{
	struct queue *urgent = &core->urgent;
	if (urgent->count > 0 &&
	    (core->hungry_count == 1 || core->tasks[urgent->head].holder != slot))
		return urgent;
	struct queue *queue = &core->queues[slot];
	if (queue->count == 0)
		queue = place_fullest(core);
	return queue->count > 0 ? queue : NULL;
}

static void
place_give(struct core *core, uint16_t slot)
{
	struct queue *queue = place_choose(core, slot);
	if (!queue)
		return;
	uint32_t task = queue_pop(queue, core->tasks);
	core->ready--;
	lease_grant(core, slot, task);
}

/* One lease to each slot that has room and holds no more than level: the least loaded come first.
 */
static void
place_round(struct core *core, unsigned level)
{
	for (unsigned word = 0; word * 64 < core->config.slots; word++) {
		for (uint64_t left = core->hungry[word]; left && core->ready; left &= left - 1) {
			uint16_t slot = (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(left));
			if (core->slots[slot].held <= level)
				place_give(core, slot);
		}
	}
}

void
place_dispatch(struct core *core)
{
	while (core->ready > 0 && core->hungry_count > 0)
		for (unsigned level = 0; level < core->config.credit && core->ready; level++)
			place_round(core, level);
}

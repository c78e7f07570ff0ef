/* SPDX-License-Identifier: ISC
 *
 * Placement: per-slot queues by consistent hashing, an urgent queue before them, stealing from the
 * fullest.
 */
#include "place.h"
#include "lease.h"
#include "task.h"

uint32_t
place_leaves(uint32_t slots)
{
	uint32_t leaves = 2;
	while (leaves < slots + 1)
		leaves *= 2;
	return leaves;
}

/* Who won at that node of the tournament; below the nodes come the queues themselves. */
static uint32_t
place_winner(const struct core *core, uint32_t node)
{
	return node < core->fullest_leaves ? core->fullest[node] : node - core->fullest_leaves;
}

static uint32_t
place_count(const struct core *core, uint32_t number)
{
	return number <= core->config.slots ? core->queues[number].count : 0;
}

/* Returns whether the winner has changed. */
static bool
place_play(struct core *core, uint32_t node)
{
	uint32_t a = place_winner(core, 2 * node), b = place_winner(core, 2 * node + 1);
	uint16_t winner = (uint16_t)(place_count(core, b) > place_count(core, a) ? b : a);
	bool changed = core->fullest[node] != winner;
	core->fullest[node] = winner;
	return changed;
}

void
place_init(struct core *core, uint16_t *fullest, struct slotset *room, uint64_t *words)
{
	core->fullest = fullest;
	core->fullest_leaves = place_leaves(core->config.slots);
	core->room = room;
	for (uint32_t node = core->fullest_leaves; node-- > 1;)
		place_play(core, node);
	for (uint32_t held = 0; held < core->config.credit; held++)
		slotset_init(&room[held], words + held * slotset_words(core->config.slots),
		             core->config.slots);
}

/* The count of that queue has changed. */
static void
place_rank(struct core *core, uint32_t number)
{
	core_touch_slot(core, number);
	for (uint32_t node = (core->fullest_leaves + number) / 2; node > 0; node /= 2)
		if (!place_play(core, node) && core->fullest[node] != number)
			return;
}

uint16_t
place_fullest(const struct core *core)
{
	return core->fullest[1];
}

#ifdef PLANTED_BUGS
/* What consistent hashing is there to avoid. */
static uint32_t
place_by_count(const struct core *core, uint32_t task)
{
	uint32_t left = task % core->ring.members;
	for (uint16_t slot = 0;; slot++)
		if (ring_has(&core->ring, slot) && left-- == 0)
			return slot;
}
#else
static inline uint32_t
place_by_count(const struct core *core, uint32_t task)
{
	return core->config.slots;
}
#endif

uint32_t
place_home(const struct core *core, uint32_t task)
{
	if (core->config.placement != PLACEMENT_HASH)
		return core->config.slots;
	if (CORE_PLANTED(core, HASH_BY_COUNT) && core->ring.members > 0)
		return place_by_count(core, task);
	uint16_t slot = ring_owner(&core->ring, task);
	return slot == CORE_NO_SLOT ? core->config.slots : slot;
}

static void
place_push_home(struct core *core, uint32_t task)
{
	uint32_t home = place_home(core, task);
	queue_push(&core->queues[home], core->tasks, task);
	place_rank(core, home);
}

void
place_push(struct core *core, uint32_t task)
{
	core->ready++;
	place_push_home(core, task);
}

void
place_push_first(struct core *core, uint32_t task)
{
	uint32_t home = place_home(core, task);
	core->ready++;
	queue_push_first(&core->queues[home], core->tasks, task);
	place_rank(core, home);
}

void
place_push_urgent(struct core *core, uint32_t task)
{
	core->ready++;
	queue_push(&core->urgent, core->tasks, task);
}

void
place_note_room(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	bool hungry = slot->state == SLOT_UP && slot->held < core->config.credit &&
	              number != core_probe(core);
	core_touch_slot(core, number);
	uint8_t room = hungry ? (uint8_t)(slot->held + 1) : 0;
	if (room == slot->room)
		return;
	if (slot->room > 0)
		slotset_remove(&core->room[slot->room - 1], number);
	if (room > 0)
		slotset_add(&core->room[room - 1], number);
	core->hungry_count += (room > 0) - (uint32_t)(slot->room > 0);
	slot->room = room;
}

/* Puts the tasks of a queue where they belong now, in their order; how many that moved. */
static uint32_t
place_spread(struct core *core, uint32_t number)
{
	uint32_t moved = 0;
	for (uint32_t left = core->queues[number].count; left > 0; left--) {
		uint32_t task = queue_pop(&core->queues[number], core->tasks);
		moved += place_home(core, task) != number;
		place_push_home(core, task);
	}
	place_rank(core, number);
	return moved;
}

/* What is leased does not move, nor what was leased before, which is for anybody. */
static void
place_note_moved(struct core *core, uint32_t members, uint32_t moved)
{
	uint32_t queued = core->ready - core->urgent.count;
	if (queued == 0 || core->config.placement != PLACEMENT_HASH ||
	    core->outcome != OUTCOME_NONE)
		return;
	struct core_step *note = core_emit(core, ACT_REBALANCED);
	note->incarnation = members;
	note->epoch = core->ring.members;
	note->record = moved;
	note->value = queued;
}

void
place_rebalance(struct core *core, uint32_t members)
{
	uint32_t moved = 0;
	for (uint32_t from = 0; from <= core->config.slots; from++)
		moved += place_spread(core, from);
	place_note_moved(core, members, moved);
}

void
place_join(struct core *core, uint16_t slot)
{
	uint32_t members = core->ring.members;
	ring_join(&core->ring, slot);
	place_rebalance(core, members);
}

void
place_leave(struct core *core, uint16_t slot)
{
	uint32_t members = core->ring.members;
	ring_leave(&core->ring, slot);
	place_note_moved(core, members, place_spread(core, slot));
}

/* Where to serve a slot from, beside the queues of slots by their numbers. */
enum { PLACE_URGENT = CORE_SLOTS_MAX + 1, PLACE_NONE };

/* PLACE_NONE if all there is should go to another slot. */
static uint32_t
place_choose(const struct core *core, uint16_t slot)
{
	const struct queue *urgent = &core->urgent;
	if (urgent->count > 0 &&
	    (core->hungry_count == 1 || core->tasks[urgent->head].holder != slot))
		return PLACE_URGENT;
	uint32_t from = core->queues[slot].count > 0 ? slot : place_fullest(core);
	return core->queues[from].count > 0 ? from : PLACE_NONE;
}

/* Returns whether the slot got a lease. */
static bool
place_give(struct core *core, uint16_t slot)
{
	uint32_t from = place_choose(core, slot);
	if (from == PLACE_NONE)
		return false;
	struct queue *queue = from == PLACE_URGENT ? &core->urgent : &core->queues[from];
	uint32_t task = queue_pop(queue, core->tasks);
	if (from != PLACE_URGENT)
		place_rank(core, from);
	core->ready--;
	lease_grant(core, slot, task);
	return true;
}

/* One lease to the least loaded slot with room; only one slot at most is passed over for it.
 * Returns whether anybody got it. */
static bool
place_give_one(struct core *core)
{
	for (uint32_t held = 0; held < core->config.credit; held++) {
		const struct slotset *set = &core->room[held];
		uint16_t slot = set->count > 0 ? slotset_next(set, 0) : CORE_NO_SLOT;
		for (; slot != CORE_NO_SLOT; slot = slotset_next(set, slot + 1u))
			if (place_give(core, slot))
				return true;
	}
	return false;
}

/* The lowest slot with room from that one on, or CORE_NO_SLOT. */
static uint16_t
place_next_with_room(const struct core *core, uint32_t from)
{
	uint16_t lowest = CORE_NO_SLOT;
	for (uint32_t held = 0; held < core->config.credit; held++) {
		const struct slotset *set = &core->room[held];
		uint16_t slot = set->count > 0 ? slotset_next(set, from) : CORE_NO_SLOT;
		lowest = slot < lowest ? slot : lowest;
	}
	return lowest;
}

/* One lease to whose turn it is; one slot at most is passed over, as above. */
static bool
place_give_in_turn(struct core *core)
{
	for (unsigned tries = 0; tries < 3; tries++) {
		uint16_t slot = place_next_with_room(core, core->turn);
		if (slot == CORE_NO_SLOT)
			slot = place_next_with_room(core, 0);
		core->turn = slot + 1u;
		if (place_give(core, slot))
			return true;
	}
	return false;
}

void
place_dispatch(struct core *core)
{
	bool in_turn = core->config.placement == PLACEMENT_ROUND_ROBIN;
	while (core->ready > 0 && core->hungry_count > 0) {
		bool given = in_turn ? place_give_in_turn(core) : place_give_one(core);
		/* Else a count or the tournament is wrong, and this would never end. */
		CHECK(given);
	}
}

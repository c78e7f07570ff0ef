/* SPDX-License-Identifier: ISC
 *
 * Consistent hashing of tasks onto slots: when a slot leaves, only its tasks move; when one joins,
 * only its share does.  The ring is quantised into a table of buckets, so that a lookup is one load
 * and a change of membership costs what changes hands.
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include "core.h"

#define RING_POINTS 128 /* virtual nodes of a slot */

struct ring {
	uint16_t *owner;  /* of each bucket */
	uint32_t *first;  /* index in points of each bucket's first, and of the end */
	uint32_t *points; /* of all slots, members or not, round the circle */
	uint32_t slots;
	uint32_t members;
	uint32_t changes; /* of membership, so far */
	unsigned bits;    /* 2^bits buckets */
	uint64_t member[CORE_SLOTS_MAX / 64];
};

/* log2 of the buckets for that many slots. */
unsigned ring_bits(uint32_t slots);
/* owner has room for 2^ring_bits(slots), first for one more, points for slots * RING_POINTS; slots
 * 0..members-1 are in from the start. */
void ring_init(struct ring *ring, uint32_t slots, uint32_t members, uint16_t *owner,
               uint32_t *first, uint32_t *points);
bool ring_has(const struct ring *ring, uint16_t slot);
void ring_join(struct ring *ring, uint16_t slot);
void ring_leave(struct ring *ring, uint16_t slot);
/* The slot that the task belongs to; CORE_NO_SLOT if the ring is empty. */
uint16_t ring_owner(const struct ring *ring, uint32_t task);
/* The first member with a point in the bucket, or CORE_NO_SLOT. */
uint16_t ring_first_member(const struct ring *ring, uint32_t bucket);

#endif

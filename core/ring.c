/* SPDX-License-Identifier: ISC
 *
 * Consistent hashing.  A bucket belongs to the first point at or after its start, round the circle;
 * so nothing needs to be sorted: the lowest point in each bucket, then one sweep backwards.
 */
#include "ring.h"
#include "check.h"
#include "rng.h"

#define RING_SALT 0x6772617665736866u /* keeps tasks and points apart though both count from 0 */

unsigned
ring_bits(uint32_t slots)
{
	unsigned bits = 12;
	while ((1u << bits) < slots * 64)
		bits++;
	return bits;
}

bool
ring_has(const struct ring *ring, uint16_t slot)
{
	return ring->member[slot / 64] >> (slot % 64) & 1;
}

static void
ring_place(struct ring *ring, uint16_t slot)
{
	for (uint64_t i = 0; i < RING_POINTS; i++) {
		uint64_t point = rng_mix(slot * (uint64_t)RING_POINTS + i + 1);
		uint64_t bucket = point >> (64 - ring->bits);
		if (ring->owner[bucket] != CORE_NO_SLOT && ring->nearest[bucket] <= point)
			continue;
		ring->owner[bucket] = slot;
		ring->nearest[bucket] = point;
	}
}

static void
ring_rebuild(struct ring *ring)
{
	uint32_t buckets = 1u << ring->bits;
	for (uint32_t bucket = 0; bucket < buckets; bucket++)
		ring->owner[bucket] = CORE_NO_SLOT;
	for (uint16_t slot = 0; slot < ring->slots; slot++)
		if (ring_has(ring, slot))
			ring_place(ring, slot);
	uint16_t next = CORE_NO_SLOT;
	/* Twice round: the last buckets belong to the first point of the circle. */
	for (uint32_t i = 2 * buckets; i-- > 0;) {
		uint32_t bucket = i & (buckets - 1);
		if (ring->owner[bucket] != CORE_NO_SLOT)
			next = ring->owner[bucket];
		else if (i < buckets)
			ring->owner[bucket] = next;
	}
}

void
ring_init(struct ring *ring, uint32_t slots, uint32_t members, uint16_t *owner, uint64_t *nearest)
{
	*ring = (struct ring){.owner = owner,
	                      .nearest = nearest,
	                      .slots = slots,
	                      .members = members,
	                      .bits = ring_bits(slots)};
	for (uint32_t slot = 0; slot < members; slot++)
		ring->member[slot / 64] |= UINT64_C(1) << (slot % 64);
	ring_rebuild(ring);
}

void
ring_join(struct ring *ring, uint16_t slot)
{
	CHECK(!ring_has(ring, slot));
	ring->member[slot / 64] |= UINT64_C(1) << (slot % 64);
	ring->members++;
	ring_rebuild(ring);
}

void
ring_leave(struct ring *ring, uint16_t slot)
{
	CHECK(ring_has(ring, slot));
	ring->member[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
	ring->members--;
	ring_rebuild(ring);
}

uint16_t
ring_owner(const struct ring *ring, uint32_t task)
{
	return ring->owner[rng_mix(task + RING_SALT) >> (64 - ring->bits)];
}

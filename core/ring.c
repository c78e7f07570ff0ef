/* SPDX-License-Identifier: ISC
 *
 * Consistent hashing.  A bucket belongs to the first point of a member at or after its start, round
 * the circle.  The points of all slots are sorted once; from then on a slot that joins or leaves
 * changes the buckets of its own points and the empty ones before them, nothing else.
 */
#include <string.h>

#include "check.h"
#include "ring.h"
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

static uint64_t
ring_where(uint32_t point)
{
	return rng_mix((uint64_t)point + 1);
}

static uint32_t
ring_bucket(const struct ring *ring, uint32_t point)
{
	return (uint32_t)(ring_where(point) >> (64 - ring->bits));
}

static void
ring_sort(struct ring *ring)
{
	uint32_t buckets = 1u << ring->bits, count = ring->slots * RING_POINTS;
	memset(ring->first, 0, (buckets + 1) * sizeof *ring->first);
	for (uint32_t point = 0; point < count; point++)
		ring->first[ring_bucket(ring, point)]++;
	for (uint32_t bucket = 1; bucket <= buckets; bucket++)
		ring->first[bucket] += ring->first[bucket - 1];
	for (uint32_t point = count; point-- > 0;)
		ring->points[--ring->first[ring_bucket(ring, point)]] = point;
	/* Buckets are in order by now: what is left is to sort the few points in each. */
	for (uint32_t i = 1; i < count; i++) {
		uint32_t point = ring->points[i], hole = i;
		while (hole > 0 && ring_where(ring->points[hole - 1]) > ring_where(point)) {
			ring->points[hole] = ring->points[hole - 1];
			hole--;
		}
		ring->points[hole] = point;
	}
}

uint16_t
ring_first_member(const struct ring *ring, uint32_t bucket)
{
	for (uint32_t i = ring->first[bucket]; i < ring->first[bucket + 1]; i++) {
		uint16_t slot = (uint16_t)(ring->points[i] / RING_POINTS);
		if (ring_has(ring, slot))
			return slot;
	}
	return CORE_NO_SLOT;
}

void
ring_init(struct ring *ring, uint32_t slots, uint32_t members, uint16_t *owner, uint32_t *first,
          uint32_t *points)
{
	*ring = (struct ring){.owner = owner,
	                      .first = first,
	                      .points = points,
	                      .slots = slots,
	                      .members = members,
	                      .bits = ring_bits(slots)};
	for (uint32_t slot = 0; slot < members; slot++)
		ring->member[slot / 64] |= UINT64_C(1) << (slot % 64);
	ring_sort(ring);
	uint32_t buckets = 1u << ring->bits;
	uint16_t next = CORE_NO_SLOT;
	/* Twice round: the last buckets belong to the first point of the circle. */
	for (uint32_t i = 2 * buckets; i-- > 0;) {
		uint16_t found = ring_first_member(ring, i & (buckets - 1));
		next = found != CORE_NO_SLOT ? found : next;
		ring->owner[i & (buckets - 1)] = next;
	}
}

/* The first member of the bucket has changed: so has the owner of it and of the empty ones before
 * it. */
static void
ring_settle(struct ring *ring, uint32_t bucket)
{
	uint32_t mask = (1u << ring->bits) - 1;
	uint16_t owner = ring_first_member(ring, bucket);
	if (owner == CORE_NO_SLOT)
		owner = ring->members > 0 ? ring->owner[(bucket + 1) & mask] : CORE_NO_SLOT;
	if (ring->owner[bucket] == owner)
		return;
	do {
		ring->owner[bucket] = owner;
		bucket = (bucket - 1) & mask;
	} while (ring->owner[bucket] != owner && ring_first_member(ring, bucket) == CORE_NO_SLOT);
}

static void
ring_settle_all(struct ring *ring, uint16_t slot)
{
	ring->changes++;
	for (uint32_t i = 0; i < RING_POINTS; i++)
		ring_settle(ring, ring_bucket(ring, slot * (uint32_t)RING_POINTS + i));
}

void
ring_join(struct ring *ring, uint16_t slot)
{
	CHECK(!ring_has(ring, slot));
	ring->member[slot / 64] |= UINT64_C(1) << (slot % 64);
	ring->members++;
	ring_settle_all(ring, slot);
}

void
ring_leave(struct ring *ring, uint16_t slot)
{
	CHECK(ring_has(ring, slot));
	ring->member[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
	ring->members--;
	ring_settle_all(ring, slot);
}

uint16_t
ring_owner(const struct ring *ring, uint32_t task)
{
	return ring->owner[rng_mix(task + RING_SALT) >> (64 - ring->bits)];
}

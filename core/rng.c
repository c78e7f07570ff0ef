/* SPDX-License-Identifier: ISC
 *
 * splitmix64: eight bytes of state, any seed is good, and its finaliser serves as the ring's hash.
 */
#include "rng.h"

void
rng_init(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

uint64_t
rng_mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
	return value ^ (value >> 31);
}

uint64_t
rng_next(struct rng *rng)
{
	rng->state += 0x9e3779b97f4a7c15u;
	return rng_mix(rng->state);
}

uint64_t
rng_upto(struct rng *rng, uint64_t max)
{
	uint64_t draw = rng_next(rng);
	if (max == UINT64_MAX)
		return draw;
	/* The bias of a multiply is below max / 2^64: far finer than any delay needs. */
	return (uint64_t)(((unsigned __int128)draw * (max + 1)) >> 64);
}

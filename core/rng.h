/* SPDX-License-Identifier: ISC
 *
 * The coordinator's only source of chance: splitmix64, seeded by the scenario.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* Uniform in [0, max]. */
uint64_t rng_upto(struct rng *rng, uint64_t max);

/* A fixed, well mixing bijection of 64 bits; also the hash of the ring. */
uint64_t rng_mix(uint64_t value);

#endif

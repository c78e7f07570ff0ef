/* SPDX-License-Identifier: ISC
 *
 * What the two files of drawing share.
 */
#ifndef SIM_FUZZ_DRAW_PARTS_H
#define SIM_FUZZ_DRAW_PARTS_H

#include "core/rng.h"
#include "sim/fuzz/draw.h"

/* Uniform in [low, high]. */
uint64_t draw_between(struct rng *rng, uint64_t low, uint64_t high);
/* From low to high, each order of magnitude as likely as another. */
uint64_t draw_scale(struct rng *rng, uint64_t low, uint64_t high);
bool draw_one_in(struct rng *rng, unsigned n);

/* Fills in the scenario's faults. */
void draw_faults(struct rng *rng, struct drawn *drawn);
/* At most so many attempts and workers the faults can cost. */
uint64_t draw_hurts(const struct scenario *scenario);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Which crashes a sweep tries: hits of points, as a recorded run had them, without those that would
 * only repeat another.
 */
#ifndef SIM_SWEEP_CRASH_POINT_H
#define SIM_SWEEP_CRASH_POINT_H

#include "sim/fault/hits.h"

struct crash_point {
	enum point point;
	uint32_t nth;  /* hit of that point */
	uint32_t like; /* hits that this one stands for, itself included */
};

struct crash_points {
	struct crash_point *item; /* owned; those worth most first */
	size_t count;
	uint32_t hits;   /* all that were recorded and match */
	uint32_t beyond; /* left out because they are not in every run */
};

/* Chooses from a recorded run.  hits_max: of each point, those beyond are not in every run and left
 * out; NULL: all.  Two hits of one point between which nothing durable changed are
 * equivalent: one stands for both.  glob: names of points, NULL = all.  only_recovering: hits while
 * the run recovers.  0 or -ENOMEM. */
int crash_points_init(struct crash_points *points, const struct hit_log *log,
                      const uint32_t hits_max[POINTS], const char *glob, bool only_recovering);
void crash_points_fini(struct crash_points *points);

#endif

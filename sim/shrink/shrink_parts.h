/* SPDX-License-Identifier: ISC
 *
 * What the files of shrinking share.
 */
#ifndef SIM_SHRINK_SHRINK_PARTS_H
#define SIM_SHRINK_SHRINK_PARTS_H

#include <stddef.h>

#include "sim/shrink/shrink.h"

/* Takes `smaller` for *scenario if it still fails.  False also when it is the same. */
bool shrink_try(struct shrink *shrink, struct scenario *scenario, const struct scenario *smaller);

/* Lowers the unsigned field of *scenario, of that size and value, as far as it can down to `least`.
 */
bool shrink_number(struct shrink *shrink, struct scenario *scenario, void *field, size_t size,
                   uint64_t value, uint64_t least);

/* Each tries what it knows, and says whether anything helped. */
bool shrink_workload(struct shrink *shrink, struct scenario *scenario);
bool shrink_fault(struct shrink *shrink, struct scenario *scenario, size_t index);

/* In the virtual world, a fault at a moment becomes one at a point, at an early hit, and a kill
 * from elsewhere one of whoever is there. */
bool shrink_moment(struct shrink *shrink, struct scenario *scenario, size_t index);
/* There, too, timers and the faults around them become long enough for real processes. */
bool shrink_haste(struct shrink *shrink, struct scenario *scenario);
/* The run may take no longer than anybody waits. */
bool shrink_wall(struct shrink *shrink, struct scenario *scenario);

#endif

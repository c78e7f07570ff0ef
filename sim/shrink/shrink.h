/* SPDX-License-Identifier: ISC
 *
 * Making a failing scenario small: faults are left out, hits and times lowered, records, tasks and
 * workers taken away, as long as it fails the same way (delta debugging: Zeller and Hildebrandt,
 * Simplifying and Isolating Failure-Inducing Input, 2002).
 */
#ifndef SIM_SHRINK_SHRINK_H
#define SIM_SHRINK_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

struct shrink {
	/* Does this scenario fail the same way? */
	bool (*fails)(void *context, const struct scenario *scenario);
	void *context;
	int64_t until_ns; /* no new try after this; INT64_MAX: until nothing helps any more */
	unsigned tries;   /* counted */
};

/* Shrinks *scenario, which fails.  What it points to stays as it is. */
void shrink_run(struct shrink *shrink, struct scenario *scenario);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A sweep: the run is recorded once, then killed at every hit of every point, each time in a fresh
 * run that is resumed to its end and judged.
 */
#ifndef SIM_SWEEP_SWEEP_H
#define SIM_SWEEP_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_options {
	const char *file;       /* scenario */
	const char *const *set; /* overrides */
	size_t sets;
	const char *points; /* glob of points' names; NULL = all */
	bool pairs;         /* a second kill in the recovery from each */
	int64_t budget_ns;  /* INT64_MAX: until all is done */
	unsigned jobs;      /* side by side */
};

/* Prints TAP 13 to standard output.  The exit code: 0 every crash point that was tried is proven, 1
 * one is not, 3 one could not be reached. */
int sweep_run(const struct sweep_options *options);

#endif

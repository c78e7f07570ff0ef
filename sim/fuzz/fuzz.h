/* SPDX-License-Identifier: ISC
 *
 * Fuzzing: one drawn scenario after the other in the virtual world, the coordinator audited after
 * every step; a seed that breaks an invariant is kept as a scenario file.
 */
#ifndef SIM_FUZZ_FUZZ_H
#define SIM_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_options {
	const char *file; /* scenario whose job, workers and recovery are kept; NULL: drawn, too */
	const char *const *set;
	size_t sets;
	uint64_t first, last; /* seeds */
	int64_t budget_ns;    /* INT64_MAX: until all are done */
	unsigned jobs;        /* side by side */
};

/* Prints TAP 13.  The exit code: 0 no seed breaks anything, 1 one does. */
int fuzz_run(const struct fuzz_options *options);

#endif

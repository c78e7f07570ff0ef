/* SPDX-License-Identifier: ISC
 *
 * The same job and the same kills under each strategy of recovery: what it loses, what it doubles,
 * what it costs.
 */
#ifndef SIM_COMPARE_COMPARE_H
#define SIM_COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

struct compare_options {
	const char *file;       /* scenario, of kind etl */
	const char *const *set; /* overrides */
	size_t sets;
	const char *strategies; /* names with commas between them; NULL or "all" = all */
	bool grid;              /* also one kill at each point that a strategy reaches */
	unsigned jobs;          /* kills of the grid side by side */
	const char *csv, *html; /* files to write; NULL = none */
};

/* Plays it all, prints the table to standard output and writes the files.  The exit code: 0 the
 * correct strategies are clean and each naive one was caught, 1 one is not, 3 a fault did not land.
 */
int compare_run(const struct compare_options *options);

#endif

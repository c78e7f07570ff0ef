/* SPDX-License-Identifier: ISC
 *
 * Sums of states that came before, each with a number of the user's.
 */
#ifndef SIM_TORTURE_SUMS_H
#define SIM_TORTURE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUM_UNKNOWN UINT32_MAX

struct sums {
	uint64_t *sum; /* 0: free */
	uint32_t *holder;
	size_t places;
};

/* For so many sums.  0 or -ENOMEM; sums_fini either way. */
int sums_init(struct sums *sums, size_t count);
void sums_fini(struct sums *sums);
/* False: it is there already. */
bool sums_add(struct sums *sums, uint64_t sum, uint32_t holder);
/* The number that it was added with, or SUM_UNKNOWN. */
uint32_t sums_find(const struct sums *sums, uint64_t sum);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The values of functions that add up: how many records, and sums of columns.  Combining them early
 * or late, in any order, gives the same.
 */
#ifndef SIM_MAPREDUCE_TOTALS_H
#define SIM_MAPREDUCE_TOTALS_H

#include <stdbool.h>

#include "sim/job/partial.h"
#include "sim/mapreduce/entry.h"
#include "sim/scenario/scenario.h"

struct totals {
	uint64_t records;
	struct decimal_sum sum[SCENARIO_SUMS_MAX];
};

/* Bytes of a value with so many sums. */
static inline uint32_t
totals_length(size_t sums)
{
	return (uint32_t)(sizeof(uint64_t) + sums * sizeof(struct decimal_sum));
}

/* The value's bytes in value[]; returns its length. */
uint32_t totals_put(const struct totals *totals, size_t sums, char value[sizeof(struct totals)]);

/* Adds a value; false: it is none. */
bool totals_add(struct totals *totals, size_t sums, const struct entry *entry);

#endif

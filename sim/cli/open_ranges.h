/* SPDX-License-Identifier: ISC
 *
 * What of a run is not done, as ranges of records.
 */
#ifndef SIM_CLI_OPEN_RANGES_H
#define SIM_CLI_OPEN_RANGES_H

#include "sim/store/store.h"

#define OPEN_RANGES_SHOWN 20

/* Neighbouring tasks that are not done become one range of records. */
struct open_ranges {
	struct {
		uint64_t first, end;
	} range[OPEN_RANGES_SHOWN];
	size_t count;
	uint64_t more; /* ranges beyond those kept */
	uint64_t records;
	bool by_key; /* set before: tasks cover key ranges, which are no ranges of records */
};

/* For store_tasks_read; context is the ranges, otherwise zeroed at first. */
int open_ranges_add(void *context, const struct store_task_row *row);

#endif

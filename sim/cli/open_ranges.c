/* SPDX-License-Identifier: ISC
 *
 * Gathering ranges, task by task.
 */
#include "sim/cli/open_ranges.h"

int
open_ranges_add(void *context, const struct store_task_row *row)
{
	struct open_ranges *open = context;

	if (row->plan.stage != 0 || row->state != TASK_READY)
		return 0;
	open->records += row->plan.records;
	if (open->by_key)
		return 0;
	if (open->count > 0 && open->range[open->count - 1].end == row->plan.first) {
		open->range[open->count - 1].end += row->plan.records;
	} else if (open->count < OPEN_RANGES_SHOWN) {
		open->range[open->count].first = row->plan.first;
		open->range[open->count++].end = row->plan.first + row->plan.records;
	} else {
		open->more++;
	}
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * How far the orders of a graph are: by steps, all together, and one order's story.
 */
#ifndef SIM_CLI_ORDERS_H
#define SIM_CLI_ORDERS_H

#include <jansson.h>
#include <stdio.h>

#include "sim/store/store.h"

struct orders {
	const struct scenario_job *job;
	uint64_t step[SCENARIO_STEPS_MAX][TASK_STATES]; /* tasks of each step, by state */
	uint64_t complete; /* nothing is left to do, and nothing of it was given up */
	uint64_t failed;   /* nothing is left to do, and something was given up */
	uint64_t begun;    /* something is done or given up, and something is left */
	/* The order that is being counted. */
	size_t counted;
	bool open, dead, touched;
};

/* For store_tasks_read, from an order's first task on; context is the orders, zeroed but for job.
 */
int orders_add(void *context, const struct store_task_row *row);

/* A line for all, and one for each step. */
void orders_print(const struct orders *orders, FILE *out);
/* A new object, the caller's; NULL without memory. */
json_t *orders_to_json(const struct orders *orders);

/* The number behind --order, of an order that the job has: its first task into *task.  False after
 * saying what is wrong. */
bool orders_find(const struct scenario_job *job, const char *text, uint32_t *task);
/* What became of each step of the order whose first task that is.  0 or -errno. */
int orders_tell(struct store *store, const struct scenario_job *job, uint32_t task, FILE *out);

#endif

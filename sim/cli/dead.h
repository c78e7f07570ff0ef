/* SPDX-License-Identifier: ISC
 *
 * The dead letters of a run for people and programs: which records, why, and how to go on.
 */
#ifndef SIM_CLI_DEAD_H
#define SIM_CLI_DEAD_H

#include <jansson.h>
#include <stdio.h>

#include "sim/rundir/rundir.h"
#include "sim/store/store.h"

#define DEAD_SHOWN 20
#define DEAD_BYTES_SHOWN 80

struct dead_list {
	struct store_dead_row row[DEAD_SHOWN];
	char bytes[DEAD_SHOWN][4 * DEAD_BYTES_SHOWN + 1]; /* safe to print */
	size_t count;
	uint64_t more; /* beyond those kept */
};

/* For store_dead_read; context is the list, zeroed at first. */
int dead_add(void *context, const struct store_dead_row *row);

/* A line each. */
void dead_print(const struct dead_list *dead, const struct scenario_job *job, FILE *out);
/* What the commands of these tasks said last, a line for each task; nothing of jobs without
 * commands. */
void dead_print_errors(const struct dead_list *dead, const struct rundir *run, FILE *out);
/* A new array, the caller's; NULL without memory. */
json_t *dead_to_json(const struct dead_list *dead);

/* Can what such a job gave up be done later?  Not of a stream: it has a place in its log, behind
 * which the job is now. */
bool dead_can_be_redriven(const struct scenario_job *job);
/* How to go on with the failed run of that job in that directory. */
void dead_print_next_step(const char *path, const struct scenario_job *job, uint64_t dead_records,
                          FILE *out);

#endif

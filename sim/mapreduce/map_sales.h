/* SPDX-License-Identifier: ISC
 *
 * The built-in function over CSV: sums per key.
 */
#ifndef SIM_MAPREDUCE_MAP_SALES_H
#define SIM_MAPREDUCE_MAP_SALES_H

#include "sim/mapreduce/map.h"

/* As job_aggregate's; NULL is closed like nothing. */
int sales_open(struct job **sales, const struct scenario *scenario, const char *path, char *error,
               size_t size);
void sales_close(struct job *sales);
int sales_plan(struct job *sales, struct plan_summary *summary,
               int (*put)(void *context, const struct task_plan *task), void *context, char *error,
               size_t size);
const struct input *sales_input(const struct job *sales);

/* A record that cannot be used is a dead letter at once. */
int sales_map(struct job *sales, struct map *map);

#endif

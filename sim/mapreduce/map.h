/* SPDX-License-Identifier: ISC
 *
 * A map: one chunk of the input becomes keys with values, gathered by partition.
 */
#ifndef SIM_MAPREDUCE_MAP_H
#define SIM_MAPREDUCE_MAP_H

#include "sim/command/command.h"
#include "sim/mapreduce/gather.h"

/* One attempt at a map, or another time at one whose parts are lost. */
struct map {
	const struct scenario_job *spec;
	const struct task_plan *task;
	struct work *work;
	struct work_result *result;
	const char *bytes; /* of the chunk, verified */
	struct gather *gather;
	struct gather *raw;      /* with a combiner: what the map makes goes here first */
	struct command_end *end; /* room, for functions that are commands */
};

/* The built-in functions over lines.  A line that has nothing for the function is a dead letter at
 * once: it will not get better.  0 or -errno, as from run() of a job. */
int map_pages(struct map *map);
int map_words(struct map *map);

/* Lines to the user's command, lines with key, TAB and value from it. */
int map_command(struct map *map);

/* Of a combined log's line: the path of its request.  False: it is no such line. */
bool map_find_page(const char *line, const char *end, const char **page, size_t *length);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The job kind `mapreduce` from the inside: what its parts share.
 */
#ifndef SIM_MAPREDUCE_MAPREDUCE_H
#define SIM_MAPREDUCE_MAPREDUCE_H

#include "sim/job/input.h"
#include "sim/mapreduce/effects.h"
#include "sim/mapreduce/map.h"
#include "sim/mapreduce/together.h"

struct mapreduce {
	const struct scenario_job *spec;
	char *path;
	struct input input;
	struct job *sales; /* that function's reader; NULL: another function */
	bool adds;         /* what the function makes adds up; else a command reduces it */
	struct gather gather, raw;
	struct command_end end;
	struct map_effect map;
	struct reduce_effect reduce;
};

/* Does the map of that task into parts made by `maker`: 0 with job->map, or as from run() of a job.
 */
int mapreduce_map(struct mapreduce *job, const struct task_plan *task, uint32_t maker,
                  struct work *work, struct work_result *result);

/* One partition: 0 with job->reduce. */
int mapreduce_reduce(struct mapreduce *job, const struct task_plan *task, struct work *work,
                     struct work_result *result);

/* Looks which maps have lost this partition and makes the parts of exactly those again.  How many
 * that were, or -errno. */
int mapreduce_remake(struct mapreduce *job, uint32_t partition, const struct task_plan *reduce,
                     struct work *work);

/* All partitions in the order of their keys, as lines. */
int mapreduce_combine(struct mapreduce *job, struct work *work, int fd, uint64_t *lines,
                      uint64_t *bytes);

#endif

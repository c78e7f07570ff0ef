/* SPDX-License-Identifier: ISC
 *
 * The parts of the job kinds that read records: their input is opened in aggregate.c and split into
 * tasks in split.c.  `aggregate`: records are summed per key in aggregate_run.c, and
 * aggregate_output.c writes what all tasks found.  `etl`: etl.h.
 */
#ifndef SIM_JOB_AGGREGATE_H
#define SIM_JOB_AGGREGATE_H

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#ifdef __x86_64__
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "sim/job/csv_reader.h"
#include "sim/job/input.h"
#include "sim/job/job.h"
#include "sim/job/partial.h"

#define AGGREGATE_COLUMNS_MAX (2 * SCENARIO_SUMS_MAX + 2)

struct job {
	const struct scenario_job *spec;
	char *path;
	struct input input;
	size_t data; /* offset of the first byte behind the header's line end */
	struct csv_format format;
	/* The key's (etl: those of the id), then those of the sums, event time and source. */
	uint32_t column[AGGREGATE_COLUMNS_MAX];
	size_t columns;
	struct csv_reader *reader;
	struct partial partial;
	char *key; /* room for a key whose doubled quotes are undone */
	size_t key_room;
	bool has_output; /* a task of its own comes behind all others */
	struct etl *etl; /* what only that kind has */
};

/* For aggregate_key() alone. */
const char *aggregate_key_unescape(struct job *job, const struct csv_field *field, size_t *length);

/* The key's value: the field's own bytes, or job->key if it has doubled quotes.  NULL: no memory.
 */
static inline const char *
aggregate_key(struct job *job, const struct csv_field *field, size_t *length)
{
	*length = field->length;
	return field->escaped ? aggregate_key_unescape(job, field, length) : field->text;
}

/* Number of the range that a key belongs to; job->spec->ranges = the open rest. */
uint32_t aggregate_range(const struct job *job, const char *key, size_t length);

/* See struct job_kind_ops. */
int aggregate_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
                   size_t size);
void aggregate_close(struct job *job);
int aggregate_plan(struct job *job, struct plan_summary *summary,
                   int (*put)(void *context, const struct task_plan *task), void *context,
                   char *error, size_t size);
int aggregate_run(struct job *job, const struct task_plan *task, struct work *work,
                  struct work_result *result);
int aggregate_combine(struct job *job, struct effects_reader *effects, struct work *work, int fd,
                      uint64_t *lines, uint64_t *bytes);

#endif

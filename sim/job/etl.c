/* SPDX-License-Identifier: ISC
 *
 * The job kind `etl`: opening it, and what its strategy wants to have before the first record.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/etl.h"

static void
etl_close(struct job *job)
{
	struct etl *etl = job == NULL ? NULL : job->etl;

	if (etl != NULL) {
		free(etl->source);
		free(etl->batch.row);
		free(etl->batch.dead);
		free(etl->batch.failed);
		free(etl->text);
		free(etl);
	}
	aggregate_close(job);
}

static const char *
leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
etl_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
         size_t size)
{
	struct job *job;
	int result = aggregate_open(&job, scenario, path, error, size);

	if (result != 0)
		return result;
	job->etl = calloc(1, sizeof(*job->etl));
	if (job->etl != NULL)
		job->etl->source = strdup(leaf_of(path));
	if (job->etl == NULL || job->etl->source == NULL) {
		etl_close(job);
		snprintf(error, size, "no memory left to open %s", path);
		return -ENOMEM;
	}
	job->etl->scenario = scenario;
	job->etl->strategy = strategy_find(scenario->strategy);
	job->has_output = job->etl->strategy->close != NULL;
	*out = job;
	return 0;
}

static int
etl_prepare(struct job *job, struct sink *sink, const struct task_plan *task)
{
	const struct strategy_task prepared = {
	    .sink = sink,
	    .scenario = job->etl->scenario,
	    .task = task,
	    .bytes = job->input.bytes + task->offset,
	    .separator = job->format.separator,
	};
	const struct strategy *strategy = job->etl->strategy;

	if (task->stage != TASK_STAGE_WORK)
		return 0;
	return strategy->prepare == NULL ? 0 : strategy->prepare(&prepared);
}

/* The field's value as it is hashed: its own bytes, or in etl->text without its doubled quotes. */
static int
take_field(struct etl *etl, const struct csv_field *from, size_t *used, struct etl_field *field)
{
	*field = (struct etl_field){.text = from->text, .length = from->length};
	if (!from->escaped)
		return 0;
	if (*used + from->length > etl->text_room)
		return -ENOMEM;
	field->text = etl->text + *used;
	field->length = csv_field_copy(from, etl->text + *used);
	*used += field->length;
	return 0;
}

/* All that could have doubled quotes must have room at once: fields point into it. */
static int
make_room(struct etl *etl, const struct csv_field *field, size_t fields)
{
	size_t needed = 0;
	char *larger;

	for (size_t i = 0; i < fields; i++)
		needed += field[i].escaped ? field[i].length : 0;
	if (needed <= etl->text_room)
		return 0;
	larger = realloc(etl->text, needed);
	if (larger == NULL)
		return -ENOMEM;
	etl->text = larger;
	etl->text_room = needed;
	return 0;
}

int
etl_record_key(struct job *job, const char *date, const struct csv_field *field,
               unsigned char key[ETL_KEY_BYTES])
{
	struct etl *etl = job->etl;
	size_t ids = job->spec->ids, used = 0;
	struct etl_field value[SCENARIO_SUMS_MAX];
	const struct etl_key_parts parts = {
	    .date = date, .source = etl->source, .field = value, .fields = ids, .kind = "row"};
	int error = make_room(etl, field, ids);

	for (size_t i = 0; i < ids && error == 0; i++)
		error = take_field(etl, &field[i], &used, &value[i]);
	if (error == 0)
		(etl->strategy->key != NULL ? etl->strategy->key : etl_key)(&parts, key);
	return error;
}

const struct job_kind_ops job_etl = {
    .name = "etl",
    .commits = true,
    .open = etl_open,
    .close = etl_close,
    .plan = aggregate_plan,
    .prepare = etl_prepare,
    .run = etl_run,
};

/* SPDX-License-Identifier: ISC
 *
 * The job kind `mapreduce`: maps make parts of chunks, a part for each partition; reduces merge a
 * partition's parts of all maps; one task puts the partitions together.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/job/chunk.h"
#include "sim/job/lines.h"
#include "sim/mapreduce/map_sales.h"
#include "sim/mapreduce/mapreduce.h"

struct job {
	struct mapreduce all;
};

static void
mapreduce_close(struct job *job)
{
	if (job == NULL)
		return;
	gather_fini(&job->all.gather);
	gather_fini(&job->all.raw);
	if (job->all.sales != NULL)
		sales_close(job->all.sales);
	else
		input_close(&job->all.input);
	free(job->all.path);
	free(job);
}

static int
open_input(struct mapreduce *job, const struct scenario *scenario, char *error, size_t size)
{
	int result;

	if (scenario->job.function != FUNCTION_SALES)
		return input_open(&job->input, job->path, scenario->job.input_bytes, error, size);
	result = sales_open(&job->sales, scenario, job->path, error, size);
	if (result == 0)
		job->input = *sales_input(job->sales);
	return result;
}

static int
mapreduce_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
               size_t size)
{
	struct job *job = calloc(1, sizeof(*job));
	int result = -ENOMEM;

	snprintf(error, size, "no memory left to open the job");
	if (job == NULL)
		return -ENOMEM;
	job->all.spec = &scenario->job;
	job->all.adds = scenario->job.function != FUNCTION_COMMAND || scenario->job.reduces == 0;
	job->all.path = strdup(path);
	job->all.input.bytes = "";
	if (job->all.path != NULL &&
	    gather_init(&job->all.gather, job->all.adds, scenario->job.sums) == 0 &&
	    gather_init(&job->all.raw, false, 0) == 0)
		result = open_input(&job->all, scenario, error, size);
	if (result != 0) {
		mapreduce_close(job);
		return result;
	}
	error[0] = '\0';
	*out = job;
	return 0;
}

static int
mapreduce_plan(struct job *job, struct plan_summary *summary,
               int (*put)(void *context, const struct task_plan *task), void *context, char *error,
               size_t size)
{
	const struct scenario_job *spec = job->all.spec;
	int result = job->all.sales != NULL
	                 ? sales_plan(job->all.sales, summary, put, context, error, size)
	                 : lines_plan(&job->all.input, job->all.path, spec->chunk, summary, put,
	                              context, error, size);

	for (uint32_t i = 0; i < spec->partitions && result == 0; i++) {
		const struct task_plan task = {
		    .task = summary->tasks++, .stage = STAGE_REDUCE, .range = i};

		result = put(context, &task);
	}
	if (result == 0) {
		const struct task_plan task = {.task = summary->tasks++, .stage = STAGE_RESULT};

		result = put(context, &task);
	}
	return result;
}

static int
call_function(struct mapreduce *job, struct map *map)
{
	switch (job->spec->function) {
	case FUNCTION_PAGES:
		return map_pages(map);
	case FUNCTION_WORDS:
		return map_words(map);
	case FUNCTION_SALES:
		return sales_map(job->sales, map);
	case FUNCTION_COMMAND:
		break;
	}
	return map_command(map);
}

int
mapreduce_map(struct mapreduce *job, const struct task_plan *task, uint32_t maker,
              struct work *work, struct work_result *result)
{
	struct map map = {.spec = job->spec,
	                  .task = task,
	                  .work = work,
	                  .result = result,
	                  .gather = &job->gather,
	                  .raw = &job->raw,
	                  .end = &job->end};
	uint32_t partitions = (uint32_t)job->spec->partitions;
	int error = chunk_open(&job->input, task, work, result, &map.bytes);

	if (error != 0)
		return error;
	gather_begin(&job->gather, work, task->task, maker, partitions, job->spec->sort_memory);
	job->raw.first = PART_COMBINES;
	gather_begin(&job->raw, work, task->task, maker, 1, job->spec->sort_memory);
	error = call_function(job, &map);
	if (error != 0 || work->probe_record != CORE_NO_RECORD) {
		gather_drop(&job->gather);
		gather_drop(&job->raw);
		return error;
	}
	job->map.partitions = partitions;
	job->map.remade = 0;
	error = gather_end(&job->gather, job->map.mark);
	return error != 0 ? error : part_sync_names(work);
}

static int
mapreduce_run(struct job *job, const struct task_plan *task, struct work *work,
              struct work_result *result)
{
	int error;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	if (task->stage == STAGE_MAP) {
		error = mapreduce_map(&job->all, task, task->task, work, result);
		result->effects = &job->all.map;
		result->effects_length = map_effect_length(job->all.map.partitions);
		return error;
	}
	error = mapreduce_reduce(&job->all, task, work, result);
	result->effects = &job->all.reduce;
	result->effects_length = sizeof(job->all.reduce);
	return error;
}

static int
combine(struct job *job, struct effects_reader *effects, struct work *work, int fd, uint64_t *lines,
        uint64_t *bytes)
{
	return mapreduce_combine(&job->all, work, fd, lines, bytes);
}

const struct job_kind_ops job_mapreduce = {
    .name = "mapreduce",
    .parts = true,
    .output_stage = STAGE_RESULT,
    .open = mapreduce_open,
    .close = mapreduce_close,
    .plan = mapreduce_plan,
    .run = mapreduce_run,
    .combine = combine,
};

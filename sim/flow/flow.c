/* SPDX-License-Identifier: ISC
 *
 * The job kind `stream`: opening it, its plan, and which task is what.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "sim/flow/flow.h"
#include "sim/flow/flow_claim.h"
#include "sim/flow/flow_feed.h"
#include "sim/flow/flow_input.h"
#include "sim/flow/flow_replay.h"
#include "sim/flow/flow_service.h"

const struct flow_pattern *
flow_pattern_find(enum stream_pattern pattern)
{
	static const struct flow_pattern *const patterns[] = {
	    [PATTERN_STREAMING] = &flow_streaming,
	    [PATTERN_BATCHING] = &flow_batching,
	    [PATTERN_JOIN] = &flow_join,
	    [PATTERN_KAPPA] = &flow_kappa,
	    [PATTERN_STATELESS] = &flow_stateless,
	    [PATTERN_STATEFUL] = &flow_stateful,
	    [PATTERN_CLAIM_CHECK] = &flow_claim_check,
	};

	return patterns[pattern];
}

const char *
flow_topic_name(uint32_t partition, char name[TOPIC_NAME_MAX])
{
	snprintf(name, TOPIC_NAME_MAX, "stream-%" PRIu32, partition);
	return name;
}

const char *
flow_users_name(uint32_t partition, char name[TOPIC_NAME_MAX])
{
	snprintf(name, TOPIC_NAME_MAX, "users-%" PRIu32, partition);
	return name;
}

static void
flow_close(struct job *job)
{
	if (job == NULL)
		return;
	input_close(&job->input);
	free(job);
}

static int
flow_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
          size_t size)
{
	struct job *job = calloc(1, sizeof(*job));
	struct flow_scan scan;
	int result;

	if (job == NULL) {
		snprintf(error, size, "no memory left to open the job");
		return -ENOMEM;
	}
	job->scenario = scenario;
	job->pattern = flow_pattern_find(scenario->job.pattern);
	result = input_open(&job->input, path, scenario->job.input_bytes, error, size);
	if (result == 0)
		result = flow_scan_begin(&scan, &job->input);
	if (result == -EBADMSG)
		snprintf(error, size, "input %s does not begin with the line %s", path,
		         FLOW_HEADER);
	if (result != 0) {
		flow_close(job);
		return result;
	}
	*out = job;
	return 0;
}

/* How many events each partition has. */
static int
count(struct job *job, uint64_t events[SCENARIO_PARTITIONS_MAX], char *error, size_t size)
{
	struct flow_scan scan;
	struct flow_line line;
	int found = flow_scan_begin(&scan, &job->input);

	if (found != 0)
		return found;
	while ((found = flow_scan_next(&scan, &line)) == 1)
		events[flow_partition(line.key, line.key_length, job->scenario->job.partitions)]++;
	if (found < 0)
		snprintf(error, size, "input line %" PRIu64 " cannot be used: %s", scan.line,
		         scan.problem);
	return found;
}

/* Behind all others: *task is the first number that is free, and is moved on. */
static int
plan_replays(int (*put)(void *context, const struct task_plan *task), void *context,
             struct task_plan *task)
{
	struct task_plan replay = {.task = task->task++, .first = task->first};
	int error = put(context, &replay);

	replay.task = task->task++;
	replay.stage = TASK_STAGE_OUTPUT;
	return error != 0 ? error : put(context, &replay);
}

static int
flow_plan(struct job *job, struct plan_summary *summary,
          int (*put)(void *context, const struct task_plan *task), void *context, char *error,
          size_t size)
{
	uint64_t events[SCENARIO_PARTITIONS_MAX] = {0};
	uint32_t partitions = job->scenario->job.partitions;
	struct task_plan task = {.stage = TASK_STAGE_WORK};
	int result = count(job, events, error, size);

	for (task.task = 0; result == 0 && task.task < partitions; task.task++)
		result = put(context, &task);
	for (uint32_t i = 0; result == 0 && i < partitions; i++, task.task++) {
		task.range = i;
		task.records = events[i];
		result = put(context, &task);
		task.first += events[i];
	}
	if (result == 0 && job->pattern == &flow_stateless) {
		const struct task_plan service = {.task = task.task++, .first = task.first};

		result = put(context, &service);
	}
	if (result == 0 && job->pattern == &flow_claim_check) {
		const struct task_plan collector = {
		    .task = task.task++, .stage = TASK_STAGE_OUTPUT, .first = task.first};

		result = put(context, &collector);
	}
	if (result == 0 && job->pattern == &flow_kappa)
		result = plan_replays(put, context, &task);
	if (result != 0)
		return result;
	*summary = (struct plan_summary){
	    .tasks = task.task,
	    .records = task.first,
	    .bytes = job->input.length,
	    .fingerprint = XXH3_64bits(job->input.bytes, job->input.length),
	};
	return 0;
}

/* Neither feeder nor consumer. */
static int
run_other(struct job *job, const struct task_plan *task, struct work *work)
{
	int64_t rest;

	if (job->pattern == &flow_kappa)
		return flow_replay(job, task, work);
	if (job->pattern == &flow_stateless)
		return flow_service_run(job, work);
	rest = flow_claim_rest(work->folder, true);
	return rest < 0 ? (int)rest : 0;
}

static int
flow_run(struct job *job, const struct task_plan *task, struct work *work,
         struct work_result *result)
{
	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	if (task->task < job->scenario->job.partitions)
		return flow_feed_run(job, task->task, work);
	if (task->task >= 2 * job->scenario->job.partitions)
		return run_other(job, task, work);
	return flow_consume(job, task, work, result);
}

const struct job_kind_ops job_stream = {
    .name = "stream",
    .commits = true,
    .open = flow_open,
    .close = flow_close,
    .plan = flow_plan,
    .run = flow_run,
};

/* SPDX-License-Identifier: ISC
 *
 * The job kind `command`: a task is a run of the user's command.  It gets the lines of its chunk on
 * standard input, or is one of job.tasks without input; what it prints is its part of the result.
 * What it does elsewhere is its own: a task may be tried more than once, so that happens at least
 * once; what it prints gets into the result exactly once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/command/command.h"
#include "sim/command/command_effect.h"
#include "sim/command/feed.h"
#include "sim/command/printed.h"
#include "sim/command/words.h"
#include "sim/disk/disk.h"
#include "sim/job/chunk.h"
#include "sim/job/lines.h"
#include "sim/job/part.h"

#define COPY_BYTES (256u << 10)

struct job {
	const struct scenario_job *spec;
	char *path;
	struct input input;
	bool feeds;  /* commands get their lines on standard input */
	bool writes; /* commands write into {output} */
	struct command_effect effect;
	struct command_end end;
};

/* One attempt. */
struct run {
	struct job *job;
	struct feed feed;
	struct part *part;
	struct printed printed;
};

static void
command_close(struct job *job)
{
	if (job == NULL)
		return;
	input_close(&job->input);
	free(job->path);
	free(job);
}

static int
command_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
             size_t size)
{
	struct job *job = calloc(1, sizeof(*job));
	int result = 0;

	if (job != NULL)
		job->path = strdup(path);
	if (job == NULL || job->path == NULL) {
		snprintf(error, size, "no memory left to open the job");
		command_close(job);
		return -ENOMEM;
	}
	job->spec = &scenario->job;
	job->feeds = scenario->job.tasks == 0 &&
	             !words_have(job->spec->command, job->spec->commands, "{input}");
	job->writes = words_have(job->spec->command, job->spec->commands, "{output}");
	job->input.bytes = "";
	if (scenario->job.tasks == 0)
		result = input_open(&job->input, path, scenario->job.input_bytes, error, size);
	if (result != 0) {
		command_close(job);
		return result;
	}
	*out = job;
	return 0;
}

/* As many tasks as the scenario says, of a record each. */
static int
plan_numbers(const struct job *job, struct plan_summary *summary,
             int (*put)(void *context, const struct task_plan *task), void *context)
{
	uint32_t tasks = (uint32_t)job->spec->tasks;
	int result = 0;

	for (uint32_t i = 0; i < tasks && result == 0; i++) {
		const struct task_plan task = {.task = i, .first = i, .records = 1};

		result = put(context, &task);
	}
	*summary = (struct plan_summary){.tasks = tasks, .records = tasks};
	return result;
}

static int
command_plan(struct job *job, struct plan_summary *summary,
             int (*put)(void *context, const struct task_plan *task), void *context, char *error,
             size_t size)
{
	struct task_plan output = {.stage = TASK_STAGE_OUTPUT};
	int result;

	if (job->spec->tasks >= CORE_NO_TASK - 1)
		return -E2BIG;
	result = job->spec->tasks > 0 ? plan_numbers(job, summary, put, context)
	                              : lines_plan(&job->input, job->path, job->spec->chunk,
	                                           summary, put, context, error, size);
	if (result != 0)
		return result;
	output.task = summary->tasks++;
	return put(context, &output);
}

static int
give(void *context, const char **bytes, size_t *length)
{
	struct run *run = context;

	return feed_give(&run->feed, bytes, length);
}

static int
take(void *context, const char *bytes, size_t length)
{
	struct run *run = context;

	printed_take(&run->printed, bytes, length);
	return part_write(run->part, bytes, length);
}

/* What it printed is garbage: for the next attempt, it does not exist. */
static int
begin_anew(struct run *run)
{
	part_drop(run->part);
	run->part = NULL;
	return part_new(&run->part, run->feed.work, run->feed.task->task, 0, run->feed.task->task);
}

static void
look(void *context, const char *bytes, size_t length)
{
	struct run *run = context;

	printed_take(&run->printed, bytes, length);
}

/* What is wrong with its output, or NULL. */
static const char *
output_fault(struct run *run, char *text, size_t size)
{
	int error = run->job->writes ? part_adopt(run->part, look, run) : 0;

	if (error == 0)
		return printed_fault(&run->printed, run->feed.result->records, text, size);
	snprintf(text, size, "{output} cannot be read: %s", strerror(-error));
	return text;
}

static int
judge(struct run *run)
{
	const struct command_end *end = &run->job->end;
	uint32_t reason = REASON_NONE;
	enum command_verdict verdict = command_judge(run->job->spec, end, &reason);
	char text[160];
	const char *how;
	int error;

	if (verdict == COMMAND_DONE) {
		how = output_fault(run, text, sizeof(text));
		if (how == NULL)
			return 0;
		verdict = COMMAND_AGAIN;
		reason = REASON_GARBAGE;
	} else {
		how = command_fate_text(end, text, sizeof(text));
	}
	error = feed_settle(&run->feed, verdict, reason, how, end);
	return error != 0 ? error : begin_anew(run);
}

static int
start(struct run *run)
{
	const struct scenario_job *spec = run->job->spec;
	char output[PATH_MAX] = "";
	const struct words_values values = {
	    /* A record of its own that is tried again is another task's, but the same number. */
	    .task = spec->tasks > 0 ? (uint32_t)run->feed.task->first : run->feed.task->task,
	    .attempt = run->feed.work->epoch,
	    .from = run->feed.task->first + 1,
	    .to = run->feed.task->first + run->feed.task->records,
	    .input = run->job->path,
	    .output = output,
	};
	struct command command = {
	    .count = spec->commands,
	    .folder = spec->folder,
	    .task = values.task,
	    .epoch = run->feed.work->epoch,
	    .limit_ns = spec->limit_ns,
	    .output_max = spec->output_max,
	    .give = run->job->feeds ? give : NULL,
	    .take = run->job->writes ? NULL : take,
	    .context = run,
	};
	int error = part_path(run->part, output);
	char **words;

	if (error != 0)
		return error;
	words = words_fill(spec->command, spec->commands, &values);
	if (words == NULL)
		return -ENOMEM;
	command.words = words;
	error = command_execute(run->feed.work->shepherd, &command, run->feed.work, &run->job->end);
	words_free(words, spec->commands);
	return error;
}

static int
seal(struct run *run)
{
	struct command_effect *effect = &run->job->effect;
	int error = part_seal(run->part, run->feed.work, &effect->part);

	run->part = NULL;
	if (error == 0)
		error = part_sync_names(run->feed.work);
	effect->records = run->feed.result->records;
	run->feed.result->effects = effect;
	run->feed.result->effects_length = sizeof(*effect);
	*run->feed.work->progress = run->feed.task->records;
	return error;
}

static int
attempt(struct run *run)
{
	int error = feed_heed(&run->feed);

	if (error == 0)
		error = part_new(&run->part, run->feed.work, run->feed.task->task, 0,
		                 run->feed.task->task);
	if (error == 0)
		error = start(run);
	if (error == 0)
		error = judge(run);
	if (error == 0)
		return seal(run);
	part_drop(run->part);
	return error;
}

static int
probe(struct run *run)
{
	struct work *work = run->feed.work;
	int error = feed_bury(&run->feed, work->probe_record, REASON_CRASHED);

	*work->record = work->probe_record;
	if (error == 0)
		error = work->at_record(work, work->probe_record);
	*work->progress = 1;
	return error < 0 ? error : 0;
}

static int
command_run_task(struct job *job, const struct task_plan *task, struct work *work,
                 struct work_result *result)
{
	struct run *run = calloc(1, sizeof(*run));
	int error = 0;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	if (run == NULL)
		return -ENOMEM;
	run->job = job;
	run->printed.wanted = job->spec->prints;
	feed_init(&run->feed, task, work, result);
	if (job->spec->tasks == 0)
		error = chunk_open(&job->input, task, work, result, &run->feed.bytes);
	if (error == 0)
		error = work->probe_record != CORE_NO_RECORD ? probe(run) : attempt(run);
	free(run);
	return error;
}

/* Copies one task's part behind what is there. */
static int
copy_part(struct work *work, const struct command_effect *effect, int fd)
{
	const char *bytes;
	int error = part_map(work, &effect->part, &bytes);

	if (error != 0)
		return error == -EBADMSG ? -EUCLEAN : error;
	for (uint64_t at = 0; at < effect->part.bytes && error == 0;) {
		uint64_t rest = effect->part.bytes - at;
		ssize_t written =
		    disk_output_write(fd, bytes + at, rest < COPY_BYTES ? rest : COPY_BYTES);

		if (written >= 0)
			at += (uint64_t)written;
		else if (written != -EINTR)
			error = (int)written;
		if (error == 0 && !work->beat(work))
			error = -EINTR;
	}
	part_unmap(&effect->part, bytes);
	return error;
}

static int
command_combine(struct job *job, struct effects_reader *unordered, struct work *work, int fd,
                uint64_t *lines, uint64_t *bytes)
{
	struct effects_reader reader;
	const void *blob;
	size_t length;
	int result = work->effects(work, TASK_STAGE_WORK, &reader);

	*lines = *bytes = 0;
	while (result == 0 && (result = reader.next(&reader, &blob, &length)) == 1) {
		struct command_effect effect;

		if (length != sizeof(effect))
			return -EBADMSG;
		memcpy(&effect, blob, sizeof(effect));
		result = copy_part(work, &effect, fd);
		*bytes += effect.part.bytes;
		*lines += effect.records;
		++*work->progress;
	}
	return result;
}

const struct job_kind_ops job_command = {
    .name = "command",
    .parts = true,
    .output_stage = TASK_STAGE_OUTPUT,
    .open = command_open,
    .close = command_close,
    .plan = command_plan,
    .run = command_run_task,
    .combine = command_combine,
};

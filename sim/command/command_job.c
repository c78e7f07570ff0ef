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

#include "sim/command/attempt.h"
#include "sim/command/words.h"
#include "sim/disk/disk.h"
#include "sim/job/lines.h"
#include "sim/job/part.h"

#define COPY_BYTES (256u << 10)

static void
command_close(struct job *job)
{
	if (job == NULL)
		return;
	command_stay_fini(&job->stay);
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
	job->stays = scenario->job.process == PROCESS_PER_WORKER;
	command_stay_init(&job->stay);
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
    .run = command_attempt,
    .combine = command_combine,
};

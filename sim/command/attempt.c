/* SPDX-License-Identifier: ISC
 *
 * Asking a command for one task's output, judging what it did, and sealing it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sim/command/attempt.h"
#include "sim/command/feed.h"
#include "sim/command/printed.h"
#include "sim/command/talk.h"
#include "sim/command/words.h"
#include "sim/job/chunk.h"
#include "sim/job/part.h"

/* One attempt. */
struct run {
	struct job *job;
	struct feed feed;
	struct part *part;
	struct printed printed;
	struct talk talk; /* with a command that stays */
	bool begun;       /* it was told of the task */
	char last;        /* byte that it was given */
};

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

/* The line that begins the task, and its lines, of which the last has an end in any case. */
static int
give_talk(void *context, const char **bytes, size_t *length)
{
	struct run *run = context;
	int error = 0;

	*length = 0;
	if (!run->begun) {
		run->begun = true;
		run->last = '\n';
		*bytes = run->talk.begin;
		*length = strlen(run->talk.begin);
		return 0;
	}
	if (run->job->feeds)
		error = feed_give(&run->feed, bytes, length);
	if (error == 0 && *length == 0 && run->last != '\n') {
		*bytes = "\n";
		*length = 1;
	}
	if (*length > 0)
		run->last = (*bytes)[*length - 1];
	return error;
}

static int
take_talk(void *context, const char *bytes, size_t length)
{
	struct run *run = context;

	return talk_take(&run->talk, bytes, length);
}

/* The mark is by chance: no input can foresee it. */
static int
begin_talk(struct run *run, const struct words_values *values)
{
	uint64_t mark;

	if (getrandom(&mark, sizeof(mark), 0) != sizeof(mark))
		return -EIO;
	run->talk.take = take;
	run->talk.context = run;
	talk_init(&run->talk, values, run->job->feeds ? run->feed.result->records : 0, mark);
	return 0;
}

/* What it printed is of no use: it does not exist. */
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
	struct job *job = run->job;
	uint32_t reason = REASON_NONE;
	enum command_verdict verdict = command_judge(job->spec, &job->end, &reason);
	char text[160];
	const char *how;
	int error;

	if (verdict == COMMAND_DONE) {
		how = output_fault(run, text, sizeof(text));
		if (how == NULL)
			return 0;
		verdict = COMMAND_AGAIN;
		reason = REASON_GARBAGE;
		job->stay.spoiled = true;
	} else {
		how = command_fate_text(&job->end, text, sizeof(text));
	}
	error = feed_settle(&run->feed, verdict, reason, how, &job->end);
	return error != 0 ? error : begin_anew(run);
}

/* What it says is no answer: it was ended for that. */
static int
judge_fault(struct run *run)
{
	int error =
	    feed_settle(&run->feed, COMMAND_AGAIN, REASON_GARBAGE, run->talk.fault, &run->job->end);

	return error != 0 ? error : begin_anew(run);
}

static struct command
command_of(struct run *run, const struct words_values *values)
{
	const struct scenario_job *spec = run->job->spec;
	struct command command = {
	    .count = spec->commands,
	    .folder = spec->folder,
	    .task = values->task,
	    .epoch = values->attempt,
	    .limit_ns = spec->limit_ns,
	    .output_max = spec->output_max,
	    .give = run->job->feeds ? give : NULL,
	    .take = run->job->writes ? NULL : take,
	    .context = run,
	};

	if (run->job->stays) {
		command.give = give_talk;
		command.take = take_talk;
		command.stay = &run->job->stay;
	}
	return command;
}

static int
ask(struct run *run, const struct words_values *values)
{
	struct job *job = run->job;
	struct command command = command_of(run, values);
	char **words = words_fill(job->spec->command, job->spec->commands, values);
	int error = words == NULL ? -ENOMEM : 0;

	if (error == 0 && job->stays)
		error = begin_talk(run, values);
	command.words = words;
	if (error == 0)
		error =
		    command_execute(run->feed.work->shepherd, &command, run->feed.work, &job->end);
	if (job->end.fate == COMMAND_ANSWERED)
		job->end.detail = run->talk.code;
	words_free(words, job->spec->commands);
	return error;
}

/* A process that came to its end by itself while it was asked, and has not said a word of this
 * task, may not have heard of it: another one is asked, and that one's end counts. */
static int
ask_twice(struct run *run, const struct words_values *values)
{
	struct job *job = run->job;
	int error = ask(run, values);

	if (error != 0 || job->end.fate != COMMAND_UNANSWERED || job->stay.answered == 0 ||
	    run->talk.said)
		return error;
	feed_rewind(&run->feed);
	run->begun = false;
	return ask(run, values);
}

/* 0: there is an output, or the task goes on without. */
static int
ask_and_judge(struct run *run)
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
	int error = part_path(run->part, output);

	if (error == 0)
		error = ask_twice(run, &values);
	if (error == -EBADMSG)
		return judge_fault(run);
	return error != 0 ? error : judge(run);
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
		error = ask_and_judge(run);
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

int
command_attempt(struct job *job, const struct task_plan *task, struct work *work,
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

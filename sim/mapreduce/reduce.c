/* SPDX-License-Identifier: ISC
 *
 * A reduce: a partition's parts of all maps, merged, and added up or given to a command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/command/verdict_of.h"
#include "sim/command/words.h"
#include "sim/fault/fault.h"
#include "sim/mapreduce/inputs.h"
#include "sim/mapreduce/mapreduce.h"
#include "sim/mapreduce/printout.h"
#include "sim/mapreduce/sorted_lines.h"

struct reduce {
	struct mapreduce *job;
	const struct task_plan *task;
	struct work *work;
	struct work_result *result;
	struct together *together;
	struct printout printout;
	struct sorted_lines lines; /* for the command's input */
};

static struct together_task
task_of(const struct reduce *reduce)
{
	return (struct together_task){.work = reduce->work,
	                              .task = reduce->task->task,
	                              .maker = reduce->task->task,
	                              .number = PART_SPILLS,
	                              .adds = reduce->job->adds,
	                              .sums = reduce->job->spec->sums};
}

static int
add_up(struct reduce *reduce)
{
	struct part *part;
	int error = part_new(&part, reduce->work, reduce->task->task, 0, reduce->task->task);

	if (error != 0)
		return error;
	error = together_write(reduce->together, part);
	if (error == 0)
		return part_seal(part, reduce->work, &reduce->job->reduce.mark);
	part_drop(part);
	return error;
}

static int
give(void *context, const char **bytes, size_t *length)
{
	struct reduce *reduce = context;

	return sorted_lines_give(&reduce->lines, bytes, length);
}

static int
take(void *context, const char *bytes, size_t length)
{
	struct reduce *reduce = context;

	return printout_take(&reduce->printout, bytes, length);
}

static int
run_command(struct reduce *reduce)
{
	const struct scenario_job *spec = reduce->job->spec;
	const struct words_values values = {.task = reduce->task->range,
	                                    .attempt = reduce->work->epoch};
	struct command command = {
	    .count = spec->reduces,
	    .folder = spec->folder,
	    .task = reduce->task->range,
	    .epoch = reduce->work->epoch,
	    .limit_ns = spec->limit_ns,
	    .output_max = spec->output_max,
	    .give = give,
	    .take = take,
	    .context = reduce,
	};
	char **words = words_fill(spec->reduce, spec->reduces, &values);
	int error;

	if (words == NULL)
		return -ENOMEM;
	command.words = words;
	error = command_execute(reduce->work->shepherd, &command, reduce->work, &reduce->job->end);
	words_free(words, spec->reduces);
	return error;
}

/* Nothing of a reduce can be left out: it is tried again, and in the end the job has failed. */
static int
fail(struct reduce *reduce, enum command_verdict verdict, uint32_t reason, const char *how)
{
	const struct command_end *end = &reduce->job->end;

	reduce->work->failed(reduce->work, how, end->errors, end->errors_length);
	reduce->result->reason = reason;
	return verdict == COMMAND_LATER ? -EREMOTE : -EBADMSG;
}

static int
judge(struct reduce *reduce, int error)
{
	uint32_t reason = REASON_NONE;
	enum command_verdict verdict;
	char text[160];

	if (error == 0)
		error = printout_end(&reduce->printout);
	if (error == -EBADMSG)
		return fail(reduce, COMMAND_AGAIN, REASON_GARBAGE, reduce->printout.fault);
	if (error != 0)
		return error;
	verdict = command_judge(reduce->job->spec, &reduce->job->end, &reason);
	if (verdict == COMMAND_DONE)
		return 0;
	return fail(reduce, verdict, reason,
	            command_fate_text(&reduce->job->end, text, sizeof(text)));
}

/* What it prints is sorted, as it need not be. */
static int
ask_command(struct reduce *reduce)
{
	struct gather *gather = &reduce->job->gather;
	int error;

	gather_begin(gather, reduce->work, reduce->task->task, reduce->task->task, 1,
	             reduce->job->spec->sort_memory);
	printout_init(&reduce->printout, gather);
	reduce->lines.together = reduce->together;
	error = judge(reduce, run_command(reduce));
	printout_fini(&reduce->printout);
	sorted_lines_fini(&reduce->lines);
	if (error == 0)
		error = gather_end(gather, &reduce->job->reduce.mark);
	else
		gather_drop(gather);
	reduce->job->reduce.lines = reduce->printout.lines;
	reduce->job->reduce.digest = reduce->printout.digest;
	return error;
}

/* -EUCLEAN: a map's part is lost. */
static int
try(struct reduce *reduce)
{
	struct together_task task = task_of(reduce);
	struct inputs inputs;
	int error = inputs_of_maps(&inputs, reduce->work, reduce->task->range);

	if (error != 0)
		return error;
	for (uint32_t i = 0; i < inputs.count; i++) {
		char name[PART_NAME_MAX];

		fault_hurt_part(inputs.mark[i].task, reduce->work->out,
		                part_name(&inputs.mark[i], name));
	}
	reduce->job->reduce = (struct reduce_effect){.lines = 0};
	error = together_narrow(&task, inputs.mark, &inputs.count);
	if (error == 0)
		error = together_open(&reduce->together, &task, inputs.mark, inputs.count);
	if (error == 0) {
		error = reduce->job->adds ? add_up(reduce) : ask_command(reduce);
		together_close(reduce->together);
	}
	together_remove_spilled(&task, inputs.mark, inputs.count);
	inputs_fini(&inputs);
	return error != 0 ? error : part_sync_names(reduce->work);
}

int
mapreduce_reduce(struct mapreduce *job, const struct task_plan *task, struct work *work,
                 struct work_result *result)
{
	struct reduce reduce = {.job = job, .task = task, .work = work, .result = result};
	int error;

	while ((error = try(&reduce)) == -EUCLEAN) {
		int remade = mapreduce_remake(job, task->range, task, work);

		/* What was damaged is none of the maps': the disk is not to be trusted. */
		if (remade <= 0)
			return remade < 0 ? remade : -EUCLEAN;
		reduce = (struct reduce){.job = job, .task = task, .work = work, .result = result};
	}
	return error;
}

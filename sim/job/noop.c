/* SPDX-License-Identifier: ISC
 *
 * The job kind `noop`: tasks that do nothing, or only take their time.  It measures and shows the
 * machinery around tasks.
 */
#include <errno.h>
#include <stdio.h>

#include "sim/job/tokens.h"

static int
noop_open(struct job **out, const struct scenario *scenario, const char *input, char *error,
          size_t size)
{
	if (scenario->job.tasks >= CORE_NO_TASK) {
		snprintf(error, size, "%llu tasks are too many: at most %u can be planned",
		         (unsigned long long)scenario->job.tasks, CORE_NO_TASK - 1);
		return -E2BIG;
	}
	return tokens_open(out, (uint32_t)scenario->job.tasks, scenario->job.task_ns, error, size);
}

static int
noop_bad(const struct task_plan *task, struct work *work, struct work_result *result)
{
	const struct dead_record dead = {
	    .record = task->first, .bytes = "", .reason = REASON_FLAKY, .column = CSV_NO_COLUMN};

	if (work->isolate)
		return work->dead(work, &dead);
	result->reason = REASON_FLAKY;
	result->bad_record = task->first;
	return -EBADMSG;
}

static int
noop_run(struct job *job, const struct task_plan *task, struct work *work,
         struct work_result *result)
{
	bool probe = work->probe_record != CORE_NO_RECORD;
	int error;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	*work->record = task->first;
	if (probe || work->next_stop(work, task->first) == task->first) {
		error = work->at_record(work, task->first);
		if (error == -EBADMSG)
			return noop_bad(task, work, result);
		if (error)
			return error > 0 ? 0 : error;
	}
	error = job->task_ns > 0 ? tokens_work(job, work) : 0;
	if (!error)
		result->records = 1;
	return error;
}

const struct job_kind_ops job_noop = {
    .name = "noop",
    .tokens_only = true,
    .open = noop_open,
    .close = tokens_close,
    .plan = tokens_plan,
    .run = noop_run,
};

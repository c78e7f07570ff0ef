/* SPDX-License-Identifier: ISC
 *
 * The job kind `noop`: tasks that do nothing, or only take their time.  It measures and shows the
 * machinery around tasks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/job/job.h"
#include "sim/util/clock.h"

struct job {
	uint32_t tasks;
	int64_t task_ns;
};

static int
noop_open(struct job **out, const struct scenario *scenario, const char *input, char *error,
          size_t size)
{
	struct job *job;

	if (scenario->job.tasks >= CORE_NO_TASK) {
		snprintf(error, size, "%llu tasks are too many: at most %u can be planned",
		         (unsigned long long)scenario->job.tasks, CORE_NO_TASK - 1);
		return -E2BIG;
	}
	job = malloc(sizeof(*job));
	if (!job) {
		snprintf(error, size, "no memory left to open the job");
		return -ENOMEM;
	}
	*job =
	    (struct job){.tasks = (uint32_t)scenario->job.tasks, .task_ns = scenario->job.task_ns};
	*out = job;
	return 0;
}

static void
noop_close(struct job *job)
{
	free(job);
}

static int
noop_plan(struct job *job, struct plan_summary *summary,
          int (*put)(void *context, const struct task_plan *task), void *context, char *error,
          size_t size)
{
	*summary = (struct plan_summary){.tasks = job->tasks, .records = job->tasks};
	for (uint32_t i = 0; i < job->tasks; i++) {
		const struct task_plan task = {
		    .task = i, .stage = TASK_STAGE_WORK, .first = i, .records = 1};
		int result = put(context, &task);

		if (result)
			return result;
	}
	return 0;
}

/* Sleeps in steps that are short enough to beat between them. */
static int
noop_work(const struct job *job, struct work *work)
{
	int64_t now = clock_now_ns(), end = now + job->task_ns;

	while (now < end) {
		int64_t step = end - now < NS_PER_MS ? end - now : NS_PER_MS;

		clock_wait_until(now + step);
		++*work->progress;
		if (!work->beat(work))
			return -EINTR;
		now = clock_now_ns();
	}
	return 0;
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
	error = job->task_ns > 0 ? noop_work(job, work) : 0;
	if (!error)
		result->records = 1;
	return error;
}

const struct job_kind_ops job_noop = {
    .name = "noop",
    .tokens_only = true,
    .open = noop_open,
    .close = noop_close,
    .plan = noop_plan,
    .run = noop_run,
};

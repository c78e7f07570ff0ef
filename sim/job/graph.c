/* SPDX-License-Identifier: ISC
 *
 * The job kind `graph`: steps that wait for each other, for each of so many orders.  A step is a
 * task and a record at once; doing it is one effect that cannot be taken back, such as a payment.
 * What waits for what is the coordinator's business and the store's.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/job/job.h"
#include "sim/util/clock.h"

struct job {
	uint32_t tasks;
	int64_t task_ns;
};

static int
graph_open(struct job **out, const struct scenario *scenario, const char *input, char *error,
           size_t size)
{
	struct job *job = malloc(sizeof(*job));

	if (job == NULL) {
		snprintf(error, size, "no memory left to open the job");
		return -ENOMEM;
	}
	*job = (struct job){.tasks = (uint32_t)(scenario->job.steps * scenario->job.orders),
	                    .task_ns = scenario->job.task_ns};
	*out = job;
	return 0;
}

static void
graph_close(struct job *job)
{
	free(job);
}

static int
graph_plan(struct job *job, struct plan_summary *summary,
           int (*put)(void *context, const struct task_plan *task), void *context, char *error,
           size_t size)
{
	int result = 0;

	*summary = (struct plan_summary){.tasks = job->tasks, .records = job->tasks};
	for (uint32_t i = 0; result == 0 && i < job->tasks; i++)
		result = put(context, &(struct task_plan){.task = i, .first = i, .records = 1});
	return result;
}

/* Takes its time, in steps that are short enough to beat between them. */
static int
graph_work(const struct job *job, struct work *work)
{
	int64_t now = clock_now_ns(), end = now + job->task_ns;

	while (now < end) {
		clock_wait_until(end - now < NS_PER_MS ? end : now + NS_PER_MS);
		++*work->progress;
		if (!work->beat(work))
			return -EINTR;
		now = clock_now_ns();
	}
	return 0;
}

static int
graph_run(struct job *job, const struct task_plan *task, struct work *work,
          struct work_result *result)
{
	int error = 0;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	*work->record = task->first;
	if (work->next_stop(work, task->first) == task->first)
		error = work->at_record(work, task->first);
	if (error == -EBADMSG) {
		result->reason = REASON_FLAKY;
		result->bad_record = task->first;
	}
	if (error == 0 && job->task_ns > 0)
		error = graph_work(job, work);
	result->records = 1;
	result->logged = error == 0;
	return error;
}

const struct job_kind_ops job_graph = {
    .name = "graph",
    .tokens_only = true,
    .open = graph_open,
    .close = graph_close,
    .plan = graph_plan,
    .run = graph_run,
};

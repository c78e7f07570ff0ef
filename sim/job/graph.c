/* SPDX-License-Identifier: ISC
 *
 * The job kind `graph`: steps that wait for each other, for each of so many orders.  A step is a
 * task and a record at once; doing it is one effect that cannot be taken back, such as a payment.
 * What waits for what is the coordinator's business and the store's.
 */
#include <errno.h>

#include "sim/job/tokens.h"

static int
graph_open(struct job **out, const struct scenario *scenario, const char *input, char *error,
           size_t size)
{
	return tokens_open(out, (uint32_t)(scenario->job.steps * scenario->job.orders),
	                   scenario->job.task_ns, error, size);
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
		error = tokens_work(job, work);
	result->records = 1;
	result->logged = error == 0;
	return error;
}

const struct job_kind_ops job_graph = {
    .name = "graph",
    .tokens_only = true,
    .open = graph_open,
    .close = tokens_close,
    .plan = tokens_plan,
    .run = graph_run,
};

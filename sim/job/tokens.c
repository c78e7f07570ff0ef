/* SPDX-License-Identifier: ISC
 *
 * Tasks that are a number each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/job/tokens.h"
#include "sim/util/clock.h"

int
tokens_open(struct job **out, uint32_t tasks, int64_t task_ns, char *error, size_t size)
{
	struct job *job = malloc(sizeof(*job));

	if (job == NULL) {
		snprintf(error, size, "no memory left to open the job");
		return -ENOMEM;
	}
	*job = (struct job){.tasks = tasks, .task_ns = task_ns};
	*out = job;
	return 0;
}

void
tokens_close(struct job *job)
{
	free(job);
}

int
tokens_plan(struct job *job, struct plan_summary *summary,
            int (*put)(void *context, const struct task_plan *task), void *context, char *error,
            size_t size)
{
	int result = 0;

	*summary = (struct plan_summary){.tasks = job->tasks, .records = job->tasks};
	for (uint32_t i = 0; result == 0 && i < job->tasks; i++)
		result = put(context,
		             &(struct task_plan){
				 .task = i, .stage = TASK_STAGE_WORK, .first = i, .records = 1});
	return result;
}

/* In steps that are short enough to beat between them. */
int
tokens_work(const struct job *job, struct work *work)
{
	int64_t now_ns = clock_now_ns(), end_ns = now_ns + job->task_ns;

	while (now_ns < end_ns) {
		clock_wait_until(end_ns - now_ns < NS_PER_MS ? end_ns : now_ns + NS_PER_MS);
		++*work->progress;
		if (!work->beat(work))
			return -EINTR;
		now_ns = clock_now_ns();
	}
	return 0;
}

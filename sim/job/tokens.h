/* SPDX-License-Identifier: ISC
 *
 * What kinds of job without an input have in common: a task is one record, its number is all there
 * is of it, and it takes its time.
 */
#ifndef SIM_JOB_TOKENS_H
#define SIM_JOB_TOKENS_H

#include "sim/job/job.h"

struct job {
	uint32_t tasks;
	int64_t task_ns;
};

/* As of struct job_kind_ops. */
int tokens_open(struct job **out, uint32_t tasks, int64_t task_ns, char *error, size_t size);
void tokens_close(struct job *job);
int tokens_plan(struct job *job, struct plan_summary *summary,
                int (*put)(void *context, const struct task_plan *task), void *context, char *error,
                size_t size);
/* Takes the time of a task, with beats.  0, or -EINTR: leave. */
int tokens_work(const struct job *job, struct work *work);

#endif

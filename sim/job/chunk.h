/* SPDX-License-Identifier: ISC
 *
 * The bytes of a task that is a chunk of the input: as the plan has them, or not to be trusted.
 */
#ifndef SIM_JOB_CHUNK_H
#define SIM_JOB_CHUNK_H

#include "sim/job/input.h"
#include "sim/job/job.h"

/* Gives the task's bytes, which are the input's or, when a fault flips some, a copy of them;
 * compared with the plan's checksum.  0, -EBADMSG with the result saying so, -EINTR or -ENOMEM. */
int chunk_open(const struct input *input, const struct task_plan *task, struct work *work,
               struct work_result *result, const char **bytes);

/* Fails the attempt for the chunk as a whole: none of its records can be trusted. */
int chunk_mistrust(const struct task_plan *task, struct work_result *result);

#endif

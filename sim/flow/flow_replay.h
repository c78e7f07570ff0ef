/* SPDX-License-Identifier: ISC
 *
 * kappa: the tasks that replay the logs.  One does it by schedule while events come; one more, a
 * stage later, when all are there and consumed.
 */
#ifndef SIM_FLOW_FLOW_REPLAY_H
#define SIM_FLOW_FLOW_REPLAY_H

#include "sim/flow/flow.h"

/* Spaces of cells. */
#define FLOW_SPACE_LEFT_OUT (-1) /* events that are dead letters */
#define FLOW_SPACE_LIVE 0        /* the streaming view; from 1 on: versions of the replayed one */

/* The one by schedule; the version in its place is a mark of it. */
static inline uint32_t
flow_replay_task(const struct scenario *scenario)
{
	return 2 * scenario->job.partitions;
}

int flow_replay(struct job *job, const struct task_plan *task, struct work *work);

#endif

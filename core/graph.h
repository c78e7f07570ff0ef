/* SPDX-License-Identifier: ISC
 *
 * Graphs: a task may start when those that it waits for have ended as its edges say (I4).  What
 * follows from the end of a task costs its edges, no more; what a task that is given up takes with
 * it is skipped, naming that task.
 */
#ifndef CORE_GRAPH_H
#define CORE_GRAPH_H

#include "state.h"

/* How a task stands to its parents. */
struct graph_wait {
	uint32_t pending; /* parents that have not ended */
	uint32_t blame;   /* doomed: the task that is to blame, CORE_NO_TASK: it is not needed */
	bool needed;      /* one that it makes up for is dead */
	bool doomed;      /* it will never run */
};

/* Whether so many tasks can be tasks of this graph. */
bool graph_fits(const struct core_graph *graph, uint32_t tasks);
/* Counts it anew, from the phases of its parents. */
struct graph_wait graph_look(const struct core *core, uint32_t task);
/* EV PLAN_READY: makes ready what waits for nothing that has not ended. */
void graph_open(struct core *core);
/* The task is done, dead or skipped; without a graph nothing follows from it here. */
void graph_ended(struct core *core, uint32_t task);
/* Skips the next few tasks that can never run. */
void graph_skip_some(struct core *core);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Graphs.  All that a blocked task has to know is how many parents it waits for, which is counted
 * down; it can be counted anew from the parents' states, so that nothing is lost with a supervisor.
 */
#include "graph.h"
#include "task.h"

#define PARENTS_MAX UINT16_MAX

bool
graph_fits(const struct core_graph *graph, uint32_t tasks)
{
	if (graph->steps == 0 || tasks % graph->steps != 0)
		return false;
	for (uint32_t step = 0; step < graph->steps; step++)
		if (graph->first_parent[step + 1] - graph->first_parent[step] > PARENTS_MAX)
			return false;
	return true;
}

static bool
graph_is_over(enum phase phase)
{
	return phase == PHASE_DONE || phase == PHASE_DEAD || phase == PHASE_SKIPPED;
}

/* Who is to blame for what an ended task has not done. */
static uint32_t
graph_blame(const struct core *core, uint32_t task)
{
	return core->tasks[task].phase == PHASE_SKIPPED ? core->tasks[task].reason : task;
}

/* The parent at the other end of an edge has ended. */
static void
graph_weigh(const struct core *core, struct graph_wait *wait, uint32_t parent, unsigned kind)
{
	enum phase phase = core->tasks[parent].phase;
	if (kind == EDGE_STRONG && phase != PHASE_DONE && !wait->doomed) {
		wait->doomed = true;
		wait->blame = graph_blame(core, parent);
	}
	wait->needed |= kind == EDGE_DEATH && phase == PHASE_DEAD;
}

/* Whether the step is there only to make up for others. */
static bool
graph_compensates(const struct core_graph *graph, uint32_t step)
{
	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++)
		if (graph->parent[i].kind == EDGE_DEATH)
			return true;
	return false;
}

/* With all parents at their end: a task that makes up for others may have nothing to do. */
static void
graph_conclude(const struct core *core, struct graph_wait *wait, uint32_t task)
{
	const struct core_graph *graph = core->config.graph;
	if (wait->doomed || wait->pending > 0 || wait->needed ||
	    !graph_compensates(graph, task % graph->steps))
		return;
	wait->doomed = true;
	wait->blame = CORE_NO_TASK;
}

struct graph_wait
graph_look(const struct core *core, uint32_t task)
{
	const struct core_graph *graph = core->config.graph;
	uint32_t step = task % graph->steps, base = task - step;
	struct graph_wait wait = {.blame = CORE_NO_TASK};
	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		const struct core_edge *edge = &graph->parent[i];
		if (graph_is_over(core->tasks[base + edge->step].phase))
			graph_weigh(core, &wait, base + edge->step, edge->kind);
		else
			wait.pending++;
	}
	graph_conclude(core, &wait, task);
	return wait;
}

/* Blocked, and as its parents are now. */
static void
graph_settle(struct core *core, uint32_t number, const struct graph_wait *wait, bool first)
{
	struct task *task = &core->tasks[number];
	core->pending[number] = (uint16_t)wait->pending;
	task->flags |= wait->needed ? TASK_NEEDED : 0;
	if (wait->doomed) {
		task->flags |= TASK_DOOMED;
		task->reason = wait->blame;
		queue_push(&core->doomed, core->tasks, number);
	} else if (wait->pending == 0) {
		task_unblock(core, number, first);
	}
}

void
graph_open(struct core *core)
{
	for (uint32_t number = 0; number < core->config.tasks; number++) {
		if (core->tasks[number].phase != PHASE_BLOCKED)
			continue;
		struct graph_wait wait = graph_look(core, number);
		graph_settle(core, number, &wait, false);
	}
}

static void
graph_tell(struct core *core, uint32_t number, uint32_t parent, unsigned kind)
{
	struct task *task = &core->tasks[number];
	if (task->phase != PHASE_BLOCKED || task->flags & TASK_DOOMED)
		return;
	core_touch_task(core, number);
	CHECK(core->pending[number] > 0);
	struct graph_wait wait = {.pending = core->pending[number] - 1u,
	                          .blame = CORE_NO_TASK,
	                          .needed = task->flags & TASK_NEEDED};
	if (CORE_PLANTED(core, CHILD_TOO_EARLY) && core->tasks[parent].phase == PHASE_DONE)
		wait.pending = 0;
	if (!CORE_PLANTED(core, DEAD_TAKEN_FOR_DONE) || core->tasks[parent].phase != PHASE_DEAD)
		graph_weigh(core, &wait, parent, kind);
	graph_conclude(core, &wait, number);
	graph_settle(core, number, &wait, true);
}

void
graph_ended(struct core *core, uint32_t task)
{
	const struct core_graph *graph = core->config.graph;
	/* Before the plan is ready, tasks are only restored. */
	if (!graph || !core->planned)
		return;
	uint32_t step = task % graph->steps, base = task - step;
	for (uint32_t i = graph->first_child[step]; i < graph->first_child[step + 1]; i++)
		graph_tell(core, base + graph->child[i].step, task, graph->child[i].kind);
}

void
graph_skip_some(struct core *core)
{
	if (core->draining)
		return;
	for (unsigned skipped = 0; skipped < SKIP_BATCH && core->doomed.count > 0; skipped++) {
		uint32_t task = queue_pop(&core->doomed, core->tasks);
		core->tasks[task].flags &= (uint16_t)~TASK_DOOMED;
		task_skip(core, task);
	}
}

/* SPDX-License-Identifier: ISC
 *
 * Graphs: whether a task may be done is read off the states of those that it waits for, in the
 * transaction that makes it done.  There is no second account of that which could go astray.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/fault/point.h"
#include "sim/store/store_internal.h"
#include "sim/util/plant.h"

static bool
is_over(int state)
{
	return state == TASK_DONE || state == TASK_DEAD || state == TASK_SKIPPED;
}

int
store_graph_allows(struct store *store, const struct core_graph *graph, uint32_t task)
{
	uint32_t step = task % graph->steps, base = task - step;
	bool makes_up = false, death = false;

	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		const struct core_edge *edge = &graph->parent[i];
		int state = store_task_state(store, base + edge->step);

		if (state < 0)
			return state;
		if (!is_over(state) || (edge->kind == EDGE_STRONG && state != TASK_DONE))
			return 0;
		makes_up |= edge->kind == EDGE_DEATH;
		death |= edge->kind == EDGE_DEATH && state == TASK_DEAD;
	}
	return !makes_up || death;
}

int
store_graph_effect(struct store *store, uint32_t task)
{
	int changed = STORE_RUN(store, SQL_GRAPH_EFFECT, task);

	return changed < 0 ? changed : 0;
}

/* States of all tasks; for those that a redrive opens, OPENED. */
#define OPENED TASK_STATES

struct redrive {
	struct store *store;
	const struct core_graph *graph;
	uint8_t *state;
	uint32_t tasks;
	uint64_t opened;
};

static int
read_states(struct redrive *redrive)
{
	sqlite3_stmt *row = store_statement(redrive->store, SQL_TASK_STATES, 0, NULL);
	uint32_t room = 0;
	int found;

	while ((found = store_step_row(redrive->store, row)) == 1) {
		if (redrive->tasks == room) {
			uint8_t *larger = realloc(redrive->state, room = room * 2 + 1024);
			if (larger == NULL) {
				sqlite3_reset(row);
				return -ENOMEM;
			}
			redrive->state = larger;
		}
		redrive->state[redrive->tasks++] = (uint8_t)sqlite3_column_int(row, 1);
	}
	return found;
}

/* Something has been done to make up for its death: that is settled. */
static bool
is_made_up_for(const struct redrive *redrive, uint32_t base, uint32_t step)
{
	const struct core_graph *graph = redrive->graph;

	for (uint32_t i = graph->first_child[step]; i < graph->first_child[step + 1]; i++)
		if (graph->child[i].kind == EDGE_DEATH &&
		    redrive->state[base + graph->child[i].step] == TASK_DONE)
			return true;
	return false;
}

/* Skipped for nothing that is not opened, or not needed by what is opened now. */
static bool
has_a_chance(const struct redrive *redrive, uint32_t base, uint32_t step)
{
	const struct core_graph *graph = redrive->graph;
	bool opened = false;

	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		uint8_t state = redrive->state[base + graph->parent[i].step];

		if (graph->parent[i].kind == EDGE_WEAK)
			continue;
		if (graph->parent[i].kind == EDGE_STRONG &&
		    (state == TASK_DEAD || state == TASK_SKIPPED))
			return false;
		opened |= state == OPENED;
	}
	return opened;
}

/* What is opened opens what was skipped for it, which opens more. */
static void
choose(struct redrive *redrive, uint32_t base)
{
	uint32_t steps = redrive->graph->steps;
	bool more = false;

	for (uint32_t step = 0; step < steps; step++) {
		uint8_t *state = &redrive->state[base + step];
		if (*state != TASK_DEAD || is_made_up_for(redrive, base, step))
			continue;
		*state = OPENED;
		more = true;
	}
	while (more && !planted("redrive-forgets-skipped")) {
		more = false;
		for (uint32_t step = 0; step < steps; step++) {
			if (redrive->state[base + step] != TASK_SKIPPED ||
			    !has_a_chance(redrive, base, step))
				continue;
			redrive->state[base + step] = OPENED;
			more = true;
		}
	}
}

static int
open_again(struct redrive *redrive, uint32_t task)
{
	int changed = STORE_RUN(redrive->store, SQL_TASK_OPEN_AGAIN, task);

	if (changed >= 0)
		changed = STORE_RUN(redrive->store, SQL_DEAD_CLEAR_TASK, task, 0);
	redrive->opened++;
	return changed < 0 ? changed : 0;
}

static int
redrive_all(struct redrive *redrive)
{
	int error = read_states(redrive);

	if (error == 0 && redrive->tasks % redrive->graph->steps != 0)
		error = -EBADMSG;
	for (uint32_t base = 0; error == 0 && base < redrive->tasks; base += redrive->graph->steps)
		choose(redrive, base);
	for (uint32_t task = 0; error == 0 && task < redrive->tasks; task++)
		if (redrive->state[task] == OPENED)
			error = open_again(redrive, task);
	if (error == 0) {
		int changed = store_step_reset(
		    redrive->store, store_statement(redrive->store, SQL_RUN_REOPEN, 0, NULL));
		error = changed < 0 ? changed : 0;
	}
	return error;
}

int
store_graph_redrive(struct store *store, const struct core_graph *graph, uint64_t *tasks)
{
	struct redrive redrive = {.store = store, .graph = graph};
	int error = store_begin(store);

	if (error != 0)
		return error;
	error = redrive_all(&redrive);
	*tasks = redrive.opened;
	free(redrive.state);
	if (error != 0) {
		store_rollback(store);
		return error;
	}
	point_reach(POINT_DIRECTOR_BEFORE_REDRIVE);
	return store_commit(store);
}

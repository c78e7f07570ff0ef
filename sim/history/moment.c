/* SPDX-License-Identifier: ISC
 *
 * The block of memory that a moment is, and what can be asked of it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/history/moment_parts.h"

static void
lay_out(struct moment *moment)
{
	moment->slot = (struct moment_slot *)(moment + 1);
	moment->task = (struct moment_task *)(moment->slot + moment->slots);
	moment->lease = (uint32_t *)(moment->task + moment->room);
}

struct moment *
moment_new(const struct plan *plan, const struct scenario *scenario)
{
	uint32_t slots = scenario->core.slots + 1, credit = scenario->core.credit;
	size_t size = sizeof(struct moment) + slots * sizeof(struct moment_slot) +
	              plan->tasks * sizeof(struct moment_task) +
	              (size_t)slots * credit * sizeof(uint32_t);
	struct moment *moment = calloc(1, size);

	if (moment == NULL)
		return NULL;
	moment->plan = plan;
	moment->scenario = scenario;
	moment->slots = slots;
	moment->credit = credit;
	moment->room = plan->tasks;
	moment->size = size;
	moment->headless_ns = -1;
	moment->stage = CORE_STAGES_MAX;
	for (size_t i = 0; i < SCENARIO_FAULTS_MAX; i++)
		moment->fault[i] = (struct moment_fault){.injected_ns = -1, .slot = CORE_NO_SLOT};
	lay_out(moment);
	return moment;
}

void
moment_free(struct moment *moment)
{
	free(moment);
}

struct moment *
moment_copy(const struct moment *moment)
{
	struct moment *copy = malloc(moment->size);

	if (copy != NULL)
		moment_set(copy, moment);
	return copy;
}

void
moment_set(struct moment *to, const struct moment *from)
{
	memcpy(to, from, from->size);
	lay_out(to);
}

/* Of a graph: would the coordinator let it run? */
static bool
parents_allow(const struct moment *moment, const struct core_graph *graph, uint32_t task)
{
	uint32_t step = task % graph->steps, base = task - step;
	bool makes_up = false, death = false;

	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		uint32_t parent = base + graph->parent[i].step;
		uint8_t state = moment->task[parent].state;

		if (!moment_is_over(state) ||
		    (graph->parent[i].kind == EDGE_STRONG && state != TASK_DONE))
			return false;
		makes_up |= graph->parent[i].kind == EDGE_DEATH;
		death |= graph->parent[i].kind == EDGE_DEATH && state == TASK_DEAD;
	}
	return !makes_up || death;
}

enum task_state
moment_task_state(const struct moment *moment, uint32_t task)
{
	const struct core_graph *graph = moment->scenario->core.graph;
	uint8_t state = moment->task[task].state;

	if (graph != NULL && state == TASK_READY && moment->tasks % graph->steps == 0)
		return parents_allow(moment, graph, task) ? TASK_READY : TASK_BLOCKED;
	if (state == TASK_READY && moment->plan->task[task].stage > moment->stage)
		return TASK_BLOCKED;
	return (enum task_state)state;
}

bool
moment_is_over(uint8_t state)
{
	return state == TASK_DONE || state == TASK_DEAD || state == TASK_SKIPPED;
}

uint32_t
moment_in_hand(const struct moment *moment, uint32_t slot)
{
	const struct moment_slot *place = &moment->slot[slot];

	if (place->passed >= place->held)
		return CORE_NO_TASK;
	return moment->lease[(size_t)slot * moment->credit + place->passed];
}

struct books
moment_books(const struct moment *moment)
{
	struct books books = moment->sums;

	books.in = moment->records;
	books.balanced =
	    books.in == books.committed + books.leased + books.waiting + books.dead + books.skipped;
	return books;
}

int64_t
moment_time(const struct moment *moment, int64_t at_ns)
{
	int64_t sum;

	return __builtin_add_overflow(at_ns, moment->offset_ns, &sum) ? moment->now_ns : sum;
}

const char *
slot_phase_name(unsigned phase)
{
	static const char *const names[SLOT_PHASES] = {"empty",    "starting", "up",
	                                               "silent",   "killed",   "fenced",
	                                               "draining", "resting",  "quarantined"};

	return phase < SLOT_PHASES ? names[phase] : "?";
}

const char *
run_phase_name(unsigned phase)
{
	static const char *const names[RUN_PHASES] = {"set up",   "restoring",     "working",
	                                              "draining", "no supervisor", "power off",
	                                              "stopped",  "ended"};

	return phase < RUN_PHASES ? names[phase] : "?";
}

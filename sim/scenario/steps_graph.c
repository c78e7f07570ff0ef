/* SPDX-License-Identifier: ISC
 *
 * The steps of a scenario as the graph that the coordinator goes by.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

#define EDGES_MAX (SCENARIO_STEPS_MAX * 3 * SCENARIO_TEXTS_MAX)

struct steps_graph {
	struct core_graph graph; /* first: freeing it frees all */
	uint32_t first_parent[SCENARIO_STEPS_MAX + 1], first_child[SCENARIO_STEPS_MAX + 1];
	struct core_edge parent[EDGES_MAX], child[EDGES_MAX];
};

static uint32_t
step_number(const struct scenario_job *job, const char *id)
{
	uint32_t number = 0;

	while (strcmp(job->step[number].id, id) != 0)
		number++;
	return number;
}

static void
add_parents(struct steps_graph *made, const struct scenario_job *job, uint32_t *edges,
            char *const *id, size_t ids, enum core_edge_kind kind)
{
	for (size_t i = 0; i < ids; i++)
		made->parent[(*edges)++] =
		    (struct core_edge){.step = step_number(job, id[i]), .kind = (uint8_t)kind};
}

static void
turn_round(struct steps_graph *made)
{
	uint32_t edges = 0, steps = made->graph.steps;

	for (uint32_t parent = 0; parent < steps; parent++) {
		made->first_child[parent] = edges;
		for (uint32_t step = 0; step < steps; step++)
			for (uint32_t i = made->first_parent[step];
			     i < made->first_parent[step + 1]; i++)
				if (made->parent[i].step == parent)
					made->child[edges++] = (struct core_edge){
					    .step = step, .kind = made->parent[i].kind};
	}
	made->first_child[steps] = edges;
}

int
steps_graph(struct scenario *scenario)
{
	const struct scenario_job *job = &scenario->job;
	struct steps_graph *made = calloc(1, sizeof(*made));
	uint32_t edges = 0;

	if (made == NULL)
		return -ENOMEM;
	made->graph = (struct core_graph){.steps = (uint32_t)job->steps,
	                                  .first_parent = made->first_parent,
	                                  .parent = made->parent,
	                                  .first_child = made->first_child,
	                                  .child = made->child};
	for (uint32_t i = 0; i < job->steps; i++) {
		const struct job_step *step = &job->step[i];

		made->first_parent[i] = edges;
		add_parents(made, job, &edges, step->after, step->afters, EDGE_STRONG);
		add_parents(made, job, &edges, step->weakly_after, step->weakly_afters, EDGE_WEAK);
		add_parents(made, job, &edges, step->compensates, step->compensated, EDGE_DEATH);
	}
	made->first_parent[job->steps] = edges;
	turn_round(made);
	scenario->core.graph = &made->graph;
	return 0;
}

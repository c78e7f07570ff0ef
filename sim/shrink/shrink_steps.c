/* SPDX-License-Identifier: ISC
 *
 * What can be smaller: the workload, the workers, the models' mischief, and each fault.
 */
#include <string.h>

#include "sim/shrink/shrink_parts.h"

#define NUMBER(field, least) \
	shrink_number(shrink, scenario, &(field), sizeof(field), (uint64_t)(field), least)

/* Fewer workers mean fewer places, too, or the same. */
static bool
fewer_workers(struct shrink *shrink, struct scenario *scenario)
{
	struct scenario smaller = *scenario;
	uint32_t spare = scenario->core.slots - scenario->core.workers;
	bool shrunk = false;

	for (uint32_t workers = 1; workers < scenario->core.workers; workers++) {
		smaller = *scenario;
		smaller.core.workers = workers;
		smaller.slots = smaller.core.slots = workers + spare;
		for (size_t i = 0; i < smaller.faults; i++) {
			if (smaller.fault[i].slot >= workers)
				smaller.fault[i].slot = (uint16_t)(workers - 1);
			if (smaller.fault[i].victims > workers)
				smaller.fault[i].victims = (uint16_t)workers;
		}
		if (shrink_try(shrink, scenario, &smaller))
			shrunk = true;
	}
	return shrunk;
}

static bool
calmer_models(struct shrink *shrink, struct scenario *scenario)
{
	struct model *model = &scenario->model;
	bool shrunk = NUMBER(model->drop_ppm, 0);

	shrunk |= NUMBER(model->duplicate_ppm, 0);
	shrunk |= NUMBER(model->reorder_ppm, 0);
	shrunk |= NUMBER(model->busy_ppm, 0);
	return shrunk;
}

bool
shrink_workload(struct shrink *shrink, struct scenario *scenario)
{
	struct scenario_job *job = &scenario->job;
	bool shrunk = false;

	if (job->generate_sales > 0)
		shrunk |= NUMBER(job->generate_sales, 1);
	if (job->generate_bad > 0)
		shrunk |= NUMBER(job->generate_bad, 0);
	if (job->tasks > 0)
		shrunk |= NUMBER(job->tasks, 1);
	if (job->chunk > 0)
		shrunk |= NUMBER(job->chunk, 1);
	shrunk |= fewer_workers(shrink, scenario);
	shrunk |= NUMBER(scenario->core.credit, 1);
	shrunk |= calmer_models(shrink, scenario);
	shrunk |= shrink_haste(shrink, scenario);
	shrunk |= shrink_wall(shrink, scenario);
	return shrunk;
}

static bool
surely(struct shrink *shrink, struct scenario *scenario, size_t index)
{
	struct scenario smaller = *scenario;

	smaller.fault[index].chance_ppm = 1000000;
	return shrink_try(shrink, scenario, &smaller);
}

/* A fault that is needed is said to be: the file is no proof without it. */
static bool
needed(struct shrink *shrink, struct scenario *scenario, size_t index)
{
	struct scenario smaller = *scenario;

	smaller.fault[index].optional = false;
	return shrink_try(shrink, scenario, &smaller);
}

bool
shrink_fault(struct shrink *shrink, struct scenario *scenario, size_t index)
{
	struct fault *fault = &scenario->fault[index];
	bool shrunk = shrink_moment(shrink, scenario, index);

	shrunk |= surely(shrink, scenario, index);
	if (fault->times > 1)
		shrunk |= NUMBER(fault->times, 1);
	if (fault->victims > 1)
		shrunk |= NUMBER(fault->victims, 1);
	if (fault->when == WHEN_POINT)
		shrunk |= NUMBER(fault->nth, 1);
	if (fault->when == WHEN_RECORD && fault->what == FAULT_BAD_CHUNK)
		shrunk |= NUMBER(fault->task, 0);
	else if (fault->when == WHEN_RECORD)
		shrunk |= NUMBER(fault->record, 0);
	if (fault->optional)
		shrunk |= needed(shrink, scenario, index);
	return shrunk;
}

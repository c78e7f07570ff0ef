/* SPDX-License-Identifier: ISC
 *
 * Whom a fault strikes, and conditions over the run's state.
 */
#include "sim/virtual/world.h"

static bool
is_candidate(const struct vsupervisor *supervisor, const struct vworker *worker,
             const struct fault *fault, uint32_t strike)
{
	const struct core *core = supervisor->core;

	if (!worker->alive || !worker->joined || worker->paused || worker->struck == strike)
		return false;
	switch (fault->who) {
	case WHO_SLOT:
		return worker->slot == fault->slot;
	case WHO_BUSY:
		return worker->at_task != CORE_NO_TASK;
	case WHO_HOLDER:
		return fault->task < supervisor->world->plan->tasks &&
		       core_task(core, (uint32_t)fault->task).slot == worker->slot;
	default:
		return true;
	}
}

static bool
is_better(const struct fault *fault, const struct vworker *worker, const struct vworker *best)
{
	if (best == NULL)
		return true;
	if (fault->who == WHO_OLDEST)
		return worker->born_ns < best->born_ns;
	return fault->who == WHO_NEWEST && worker->born_ns > best->born_ns;
}

struct vworker *
victim_choose(struct vworld *world, const struct fault *fault, uint32_t strike)
{
	struct vsupervisor *supervisor = world->ruling;
	bool drawn = fault->who == WHO_ANY || fault->who == WHO_BUSY;
	struct vworker *best = NULL;
	uint64_t candidates = 0;

	if (supervisor == NULL || supervisor->core == NULL)
		return NULL;
	for (uint32_t slot = 0; slot < world->config.slots; slot++) {
		struct vworker *worker = &supervisor->worker[slot];
		if (!is_candidate(supervisor, worker, fault, strike))
			continue;
		/* Each of those seen so far has the same chance. */
		if (drawn ? rng_upto(&world->chance, candidates) == 0
		          : is_better(fault, worker, best))
			best = worker;
		candidates++;
	}
	return best;
}

static uint64_t
ask(void *context, const struct condition_term *term)
{
	struct vworld *world = context;
	struct vsupervisor *supervisor = world->ruling;
	const struct core *core = supervisor != NULL ? supervisor->core : NULL;
	const struct core_stats *stats;
	bool there = term->slot < world->config.slots;

	if (term->what == CONDITION_ELAPSED)
		return (uint64_t)world->now_ns;
	if (term->what == CONDITION_GENERATION)
		return world->rows.generation;
	if (core == NULL)
		return term->what == CONDITION_RECOVERY && world->supervisor_lost_ns >= 0;
	stats = core_stats(core);
	switch (term->what) {
	case CONDITION_PROGRESS:
		return core_stats_over(stats) * 1000000 / world->plan->tasks;
	case CONDITION_DONE:
		return stats->tasks[TASK_DONE];
	case CONDITION_READY:
		return stats->tasks[TASK_READY];
	case CONDITION_LEASED:
		return stats->tasks[TASK_LEASED];
	case CONDITION_DEAD:
		return stats->tasks[TASK_DEAD];
	case CONDITION_RETRIES:
		return stats->retries;
	case CONDITION_WORKERS:
		return supervisor->alive_workers;
	case CONDITION_RECOVERY:
		return stats->recovering > 0 || world->supervisor_lost_ns >= 0;
	case CONDITION_HOLDS:
		return there && term->value < world->plan->tasks &&
		       core_task(core, (uint32_t)term->value).slot == term->slot;
	case CONDITION_BUSY:
		return there && core_slot(core, term->slot).held > 0;
	case CONDITION_UP:
		return there && supervisor->worker[term->slot].alive;
	default:
		return 0;
	}
}

bool
condition_is_true(struct vworld *world, const struct condition *condition)
{
	return condition_holds(condition, ask, world);
}

/* SPDX-License-Identifier: ISC
 *
 * The run's state as faults' conditions ask for it: published for every process, and looked at here
 * for faults that wait for it alone.
 */
#include "sim/fault/script.h"
#include "sim/process/supervisor.h"
#include "sim/util/clock.h"

/* A condition may ask for the time, and nothing may happen for long. */
#define LOOK_NS (5 * NS_PER_MS)

static void
set(struct fault_area *area, enum condition_what what, uint64_t value)
{
	atomic_store_explicit(&area->number[what], value, memory_order_relaxed);
}

static uint64_t
workers_up(const struct supervisor *supervisor)
{
	uint64_t count = 0;

	for (uint16_t slot = 0; slot < supervisor->config.slots; slot++)
		count += supervisor->place[slot].channel.fd >= 0;
	return count;
}

static bool
is_fact(const struct supervisor *supervisor, const struct condition_term *term)
{
	struct core_task_view task;

	if (term->slot >= supervisor->config.slots)
		return false;
	switch (term->what) {
	case CONDITION_HOLDS:
		if (term->value >= supervisor->config.tasks)
			return false;
		task = core_task(supervisor->core, (uint32_t)term->value);
		return task.state == TASK_LEASED && task.slot == term->slot;
	case CONDITION_BUSY:
		return core_slot(supervisor->core, term->slot).held > 0;
	case CONDITION_UP:
		return supervisor->place[term->slot].channel.fd >= 0;
	default:
		return false;
	}
}

static void
publish_facts(struct supervisor *supervisor, size_t index)
{
	const struct condition *condition = &supervisor->run->scenario.fault[index].condition;
	uint32_t facts = 0;

	for (unsigned i = 0; i < condition->terms; i++)
		if (is_fact(supervisor, &condition->term[i]))
			facts |= 1u << i;
	atomic_store_explicit(&supervisor->run->faults->fault[index].facts, facts,
	                      memory_order_relaxed);
}

void
supervisor_state_publish(struct supervisor *supervisor)
{
	const struct core_stats *stats = core_stats(supervisor->core);
	struct fault_area *area = supervisor->run->faults;
	uint32_t tasks = supervisor->config.tasks;

	if (!supervisor->watching)
		return;
	set(area, CONDITION_PROGRESS, tasks == 0 ? 0 : core_stats_over(stats) * 1000000 / tasks);
	set(area, CONDITION_DONE, stats->tasks[TASK_DONE]);
	set(area, CONDITION_READY, stats->tasks[TASK_READY]);
	set(area, CONDITION_LEASED, stats->tasks[TASK_LEASED]);
	set(area, CONDITION_DEAD, stats->tasks[TASK_DEAD]);
	set(area, CONDITION_RETRIES, stats->retries);
	set(area, CONDITION_GENERATION, supervisor->generation);
	set(area, CONDITION_WORKERS, workers_up(supervisor));
	/* What the supervisor before us had leased is recovered when it is leased again. */
	if (stats->leased > 0)
		set(area, CONDITION_RECOVERY, stats->recovering);
	for (size_t i = 0; i < supervisor->run->scenario.faults; i++)
		if (supervisor->run->scenario.fault[i].condition.terms > 0)
			publish_facts(supervisor, i);
}

void
supervisor_state_begin(struct supervisor *supervisor)
{
	supervisor->watching = fault_self.hits != NULL; /* a sweep asks for the recovery */
	for (size_t i = 0; i < supervisor->run->scenario.faults; i++)
		supervisor->watching |= supervisor->run->scenario.fault[i].condition.terms > 0;
}

static bool
is_due(struct supervisor *supervisor, size_t index)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];
	struct fault_state *state = &supervisor->run->faults->fault[index];
	uint64_t bit = UINT64_C(1) << index;
	bool was_true = (supervisor->was_true & bit) != 0;
	bool again = fault->every_ns > 0 &&
	             clock_now_ns() >= atomic_load(&state->injected_ns) + fault->every_ns;

	if (!fault_condition_holds(&supervisor->run->scenario, supervisor->run->faults, index)) {
		supervisor->was_true &= ~bit;
		return false;
	}
	/* Without `every`, it has to become true anew. */
	if (was_true && !again)
		return false;
	if ((supervisor->injections & bit) != 0 || atomic_load(&state->requested) > 0)
		return false;
	return fault_may_begin(&supervisor->run->scenario, supervisor->run->faults, index) &&
	       !script_stops(&supervisor->run->scenario, supervisor->run->faults, index);
}

static void
begin(struct supervisor *supervisor, size_t index)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];

	if (fault_needs_nobody(fault))
		fault_do(index, "state");
	else if (fault_is_for_director(fault))
		fault_request(index);
	else
		supervisor->injections |= UINT64_C(1) << index;
}

int64_t
supervisor_state_look(struct supervisor *supervisor)
{
	const struct run *run = supervisor->run;
	bool pending = false;

	for (size_t i = 0; supervisor->watching && i < run->scenario.faults; i++) {
		if (run->scenario.fault[i].when != WHEN_STATE ||
		    !fault_pending(&run->scenario, run->faults, i))
			continue;
		pending = true;
		if (!is_due(supervisor, i))
			continue;
		supervisor->was_true |= UINT64_C(1) << i;
		begin(supervisor, i);
	}
	return pending ? supervisor->now_ns + LOOK_NS : CORE_NEVER;
}

/* SPDX-License-Identifier: ISC
 *
 * The ledger of graphs.  It goes by the names that steps have in the scenario, not by the edges
 * that were made of them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/verdict/ledger_graph.h"

/* How a step must end. */
enum fate { FATE_OPEN, FATE_EFFECT, FATE_DEAD, FATE_SKIPPED, FATE_UNNEEDED };

struct entry {
	uint32_t effects;
	uint32_t first; /* number of its first effect among all, from 1; 0: none */
	uint32_t blame;
	uint8_t state;
};

struct ledger_graph {
	const struct scenario_job *job;
	struct ledger_finding *finding;
	uint64_t tasks;
	uint32_t effects;
	uint64_t strange; /* effects of tasks that are not there */
	struct entry *entry;
};

struct ledger_graph *
ledger_graph_new(const struct scenario_job *job)
{
	struct ledger_graph *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return NULL;
	ledger->job = job;
	ledger->tasks = job->steps * job->orders;
	ledger->entry = calloc(ledger->tasks + 1, sizeof(*ledger->entry));
	if (ledger->entry == NULL) {
		free(ledger);
		return NULL;
	}
	return ledger;
}

void
ledger_graph_free(struct ledger_graph *ledger)
{
	if (ledger != NULL)
		free(ledger->entry);
	free(ledger);
}

void
ledger_graph_task(struct ledger_graph *ledger, uint32_t task, enum task_state state, uint32_t blame)
{
	if (task >= ledger->tasks)
		return;
	ledger->entry[task].state = (uint8_t)state;
	ledger->entry[task].blame = blame;
}

void
ledger_graph_effect(struct ledger_graph *ledger, uint64_t task)
{
	struct entry *entry;

	ledger->effects++;
	if (task >= ledger->tasks) {
		ledger->strange++;
		return;
	}
	entry = &ledger->entry[task];
	if (entry->effects++ == 0)
		entry->first = ledger->effects;
}

static void __attribute__((format(printf, 3, 4)))
note(struct ledger_graph *ledger, uint64_t task, const char *format, ...)
{
	struct ledger_finding *finding = ledger->finding;
	size_t used;
	va_list arguments;

	if (finding->example[0] != '\0')
		return;
	used = (size_t)snprintf(
	    finding->example, sizeof(finding->example), "%s of order %" PRIu64 " ",
	    ledger->job->step[task % ledger->job->steps].id, task / ledger->job->steps);
	va_start(arguments, format);
	vsnprintf(finding->example + used, sizeof(finding->example) - used, format, arguments);
	va_end(arguments);
}

static size_t
find(const struct scenario_job *job, const char *id)
{
	size_t i = 0;

	while (strcmp(job->step[i].id, id) != 0)
		i++;
	return i;
}

static enum fate
fate_of(const struct ledger_graph *ledger, uint64_t base, enum fate *fate, size_t step)
{
	const struct job_step *is = &ledger->job->step[step];
	bool needed = is->compensated == 0;

	for (size_t i = 0; i < is->afters; i++)
		if (fate[find(ledger->job, is->after[i])] != FATE_EFFECT)
			return FATE_SKIPPED;
	for (size_t i = 0; i < is->compensated; i++)
		needed |= fate[find(ledger->job, is->compensates[i])] == FATE_DEAD;
	if (!needed)
		return FATE_UNNEEDED;
	return ledger->entry[base + step].state == TASK_DEAD ? FATE_DEAD : FATE_EFFECT;
}

static bool
all_known(const struct ledger_graph *ledger, const enum fate *fate, char *const *id, size_t ids)
{
	for (size_t i = 0; i < ids; i++)
		if (fate[find(ledger->job, id[i])] == FATE_OPEN)
			return false;
	return true;
}

/* A step's fate follows from those that it waits for: round after round, until all are known. */
static void
find_fates(const struct ledger_graph *ledger, uint64_t base, enum fate *fate)
{
	const struct scenario_job *job = ledger->job;
	size_t known = 0;

	memset(fate, 0, job->steps * sizeof(*fate));
	while (known < job->steps)
		for (size_t step = 0; step < job->steps; step++) {
			const struct job_step *is = &job->step[step];
			if (fate[step] != FATE_OPEN ||
			    !all_known(ledger, fate, is->after, is->afters) ||
			    !all_known(ledger, fate, is->weakly_after, is->weakly_afters) ||
			    !all_known(ledger, fate, is->compensates, is->compensated))
				continue;
			fate[step] = fate_of(ledger, base, fate, step);
			known++;
		}
}

/* Its reason is a step that was given up, which it needed, or which one that it needed names too.
 */
static bool
blame_holds(const struct ledger_graph *ledger, uint64_t base, size_t step)
{
	const struct job_step *is = &ledger->job->step[step];
	uint32_t blame = ledger->entry[base + step].blame;
	bool named = false;

	for (size_t i = 0; i < is->afters; i++) {
		uint64_t parent = base + find(ledger->job, is->after[i]);
		const struct entry *entry = &ledger->entry[parent];
		named |= parent == blame || (entry->state == TASK_SKIPPED && entry->blame == blame);
	}
	if (blame == CORE_NO_TASK) /* it needed one that was not needed itself */
		return named;
	return named && blame >= base && blame < base + ledger->job->steps &&
	       ledger->entry[blame].state == TASK_DEAD;
}

static void
check_state(struct ledger_graph *ledger, uint64_t base, size_t step, enum fate fate)
{
	static const uint8_t states[] = {[FATE_EFFECT] = TASK_DONE,
	                                 [FATE_DEAD] = TASK_DEAD,
	                                 [FATE_SKIPPED] = TASK_SKIPPED,
	                                 [FATE_UNNEEDED] = TASK_SKIPPED};
	struct ledger_finding *finding = ledger->finding;
	const struct entry *entry = &ledger->entry[base + step];

	if (entry->state != states[fate]) {
		finding->astray++;
		note(ledger, base + step, "is %s and must be %s", task_state_name(entry->state),
		     task_state_name(states[fate]));
	} else if (fate == FATE_SKIPPED && !blame_holds(ledger, base, step)) {
		finding->unnamed++;
		note(ledger, base + step, "was skipped, and no reason holds");
	}
	finding->unneeded += fate == FATE_UNNEEDED;
}

static void
check_effects(struct ledger_graph *ledger, uint64_t base, size_t step, enum fate fate)
{
	struct ledger_finding *finding = ledger->finding;
	const struct entry *entry = &ledger->entry[base + step];

	finding->counted += fate == FATE_EFFECT;
	if (fate == FATE_EFFECT && entry->effects == 0) {
		finding->effects_lost++;
		note(ledger, base + step, "has not happened");
	} else if (fate == FATE_EFFECT && entry->effects > 1) {
		finding->effects_doubled += entry->effects - 1;
		note(ledger, base + step, "has happened %u times", entry->effects);
	} else if (fate != FATE_EFFECT && entry->effects > 0) {
		finding->effects_unfounded += entry->effects;
		note(ledger, base + step, "has happened, and must not");
	}
}

/* What it waited for has happened before it, or not at all where that is all the same. */
static void
check_order(struct ledger_graph *ledger, uint64_t base, size_t step, char *const *id, size_t ids,
            bool must)
{
	uint32_t first = ledger->entry[base + step].first;

	for (size_t i = 0; first > 0 && i < ids; i++) {
		size_t parent = find(ledger->job, id[i]);
		uint32_t before = ledger->entry[base + parent].first;
		if (before == 0 ? !must : before < first)
			continue;
		ledger->finding->early++;
		note(ledger, base + step, "has happened before %s", ledger->job->step[parent].id);
	}
}

void
ledger_graph_end(struct ledger_graph *ledger, struct ledger_finding *finding)
{
	const struct scenario_job *job = ledger->job;
	enum fate fate[SCENARIO_STEPS_MAX];

	ledger->finding = finding;
	finding->records = ledger->tasks;
	finding->effects_unfounded += ledger->strange;
	for (uint64_t base = 0; base < ledger->tasks; base += job->steps) {
		find_fates(ledger, base, fate);
		for (size_t step = 0; step < job->steps; step++) {
			const struct job_step *is = &job->step[step];
			check_state(ledger, base, step, fate[step]);
			check_effects(ledger, base, step, fate[step]);
			check_order(ledger, base, step, is->after, is->afters, true);
			check_order(ledger, base, step, is->weakly_after, is->weakly_afters, false);
		}
	}
}

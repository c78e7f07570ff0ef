/* SPDX-License-Identifier: ISC
 *
 * Values of faults that go by the rest of the scenario: times by its recovery timers, conditions by
 * its workers and tasks.  They are read when everything else is.
 */
#include <string.h>

#include "sim/scenario/condition_text.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/load.h"

uint64_t
job_chunks(const struct scenario_job *job)
{
	if (job->ranges > 0)
		return job->ranges + 1;
	if (scenario_generated(job) == 0 || job->chunk == 0)
		return UINT64_MAX;
	return (scenario_generated(job) - 1) / job->chunk + 1;
}

uint64_t
job_records(const struct scenario_job *job)
{
	if (job->kind == JOB_GRAPH)
		return job->steps * job->orders;
	return scenario_generated(job) > 0 ? scenario_generated(job) : UINT64_MAX;
}

uint64_t
job_tasks(const struct scenario_job *job)
{
	if (job->kind == JOB_NOOP)
		return job->tasks;
	if (job->kind == JOB_GRAPH)
		return job->steps * job->orders;
	if (job->kind == JOB_COMMAND && job->tasks > 0)
		return job->tasks + 1;
	uint64_t chunks = job_chunks(job);
	return chunks == UINT64_MAX ? chunks : chunks + 1;
}

uint32_t
scenario_slots(const struct scenario *scenario)
{
	uint32_t slots = scenario->core.workers;
	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].scale > 0)
			slots += (uint32_t)scenario->fault[i].scale;
	return slots < scenario->slots ? slots : scenario->slots;
}

static struct condition_bounds
bounds_of(const struct scenario *scenario)
{
	return (struct condition_bounds){.workers = scenario->core.workers,
	                                 .slots = scenario_slots(scenario),
	                                 .places = scenario->slots,
	                                 .tasks = job_tasks(&scenario->job),
	                                 .timers = {.lease = scenario->core.lease_ttl_ns,
	                                            .suspect = scenario->core.suspect_ns,
	                                            .dead = scenario->core.dead_ns,
	                                            .beat = scenario->beat_ns}};
}

void
fault_read_time(struct load *load, const struct key *key, struct node *node, struct fault *fault)
{
	struct condition_bounds bounds = bounds_of(load->scenario);
	struct text_problem problem;
	char either[48] = "", guessed[80] = "", low[40], high[40];
	struct guess guess;
	uint64_t value;
	if (key->word != NULL && strcmp(node->text, key->word) == 0) {
		key_store(key, fault, key->word_value);
		return;
	}
	if (key->word != NULL) {
		snprintf(either, sizeof(either), ", or '%s'", key->word);
		guess_init(&guess, node->text);
		guess_try(&guess, key->word);
		guess_text(&guess, guessed, sizeof(guessed));
	}
	if (time_parse(&bounds.timers, node->text, strlen(node->text), &value, &problem) != 0)
		load_error_within(load, node, problem.offset, problem.length, "%s%s%s",
		                  problem.message, either,
		                  problem.guess[0] != '\0' ? problem.guess : guessed);
	else if (value < key->min || value > key->max)
		load_error(load, node, "'%.40s' is out of range: %s to %s%s", node->text,
		           unit_format(key->units, key->min, low, sizeof(low)),
		           unit_format(key->units, key->max, high, sizeof(high)), either);
	else
		key_store(key, fault, value);
}

void
fault_read_times(struct load *load, struct node *entry, struct fault *fault)
{
	char label[sizeof(load->label)];
	struct node *node;
	memcpy(label, load->label, sizeof(label));
	STAILQ_FOREACH (node, &entry->children, next) {
		const struct key *key = key_find("faults[]", node->key);
		if (key == NULL || key->type != KEY_TIME || node->broken)
			continue;
		load_label(load, label, node->key);
		fault_read_time(load, key, node, fault);
		memcpy(load->label, label, sizeof(label));
	}
}

static void
read_condition(struct load *load, struct node *node, struct fault *fault)
{
	struct condition_bounds bounds = bounds_of(load->scenario);
	struct text_problem problem;
	char label[sizeof(load->label)];
	if (node == NULL || node->broken)
		return;
	memcpy(label, load->label, sizeof(label));
	load_label(load, label, node->key);
	if (condition_parse(&bounds, node->text, &fault->condition, &problem) != 0)
		load_error_within(load, node, problem.offset, problem.length, "%s%s",
		                  problem.message, problem.guess);
	memcpy(load->label, label, sizeof(label));
}

void
fault_read_condition(struct load *load, struct node *entry, struct fault *fault)
{
	const struct condition_term *only = &fault->condition.term[0];
	read_condition(load, node_get(entry, "during"), fault);
	if (fault->when != WHEN_PROGRESS)
		return;
	read_condition(load, node_get(entry, "when"), fault);
	if (fault->condition.terms != 1 || only->what != CONDITION_PROGRESS ||
	    only->compare != COMPARE_GE || only->value == 0 || fault->every_ns > 0) {
		fault->when = WHEN_STATE;
		return;
	}
	fault->progress_ppm = (uint32_t)only->value;
	fault->condition = (struct condition){0};
}

const char *
fault_condition_text(const struct fault *fault, char *text, size_t size)
{
	struct condition progress = {.terms = 1,
	                             .term[0] = {.what = CONDITION_PROGRESS,
	                                         .compare = COMPARE_GE,
	                                         .value = fault->progress_ppm}};
	return condition_text(fault->when == WHEN_PROGRESS ? &progress : &fault->condition, text,
	                      size);
}

/* SPDX-License-Identifier: ISC
 *
 * What makes a fault of the keys in one entry: one action, one trigger, and what goes with them.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

#define BIT(number) (1u << (number))
#define RECORD_FAULTS (BIT(FAULT_BAD_CHUNK) | BIT(FAULT_POISON) | BIT(FAULT_FLAKY))
#define LASTING_FAULTS (BIT(FAULT_PAUSE) | BIT(FAULT_HANG) | BIT(FAULT_SLOW))

/* Keys that only make sense beside some actions and triggers. */
static const struct {
	const char *name;
	unsigned what, when;
	const char *belongs;
} modifiers[] = {
    {"nth", ~0u, BIT(WHEN_POINT), "at"},
    {"chance", ~0u, BIT(WHEN_POINT), "at"},
    {"times", ~0u, BIT(WHEN_POINT) | BIT(WHEN_RECORD), "at, bad_chunk, poison and flaky"},
    {"signal", BIT(FAULT_KILL) | BIT(FAULT_CRASH), ~0u, "kill and crash"},
    {"exit", BIT(FAULT_CRASH), ~0u, "crash"},
    {"by", BIT(FAULT_SLOW) | BIT(FAULT_POISON), ~0u, "slow and poison"},
    {"for", LASTING_FAULTS, ~0u, "pause, hang and slow"},
};

/* The one key of the entry that has the flag; NULL after noting that there is none, or are two. */
static const struct key *
find_only(struct load *load, struct node *entry, unsigned flag, const char *what)
{
	char names[160];
	const struct key *found = NULL;
	struct node *node;
	STAILQ_FOREACH (node, &entry->children, next) {
		const struct key *key = key_find("faults[]", node->key);
		if (key == NULL || (key->flags & flag) == 0)
			continue;
		if (found != NULL) {
			problem_add(&load->problems, node->key_at,
			            "%s: a second %s, '%s' beside '%s'; a fault has one",
			            load->label, what, node->key, key_name(found));
			entry->broken = true;
			return NULL;
		}
		found = key;
	}
	if (found == NULL)
		load_error(load, entry, "no %s; give one of %s", what,
		           key_names("faults[]", flag, names, sizeof(names)));
	return found;
}

static bool
find_action(struct load *load, struct node *entry, struct fault *fault)
{
	const struct key *key = find_only(load, entry, KEY_ACTION, "action");
	if (key != NULL)
		fault->what = (enum fault_what)key->value;
	return key != NULL;
}

static bool
find_trigger(struct load *load, struct node *entry, struct fault *fault)
{
	if ((BIT(fault->what) & RECORD_FAULTS) == 0) {
		const struct key *key = find_only(load, entry, KEY_TRIGGER, "trigger");
		if (key != NULL)
			fault->when = (enum fault_when)key->value;
		return key != NULL;
	}
	fault->when = WHEN_RECORD;
	struct node *node;
	STAILQ_FOREACH (node, &entry->children, next) {
		const struct key *key = key_find("faults[]", node->key);
		if (key == NULL || (key->flags & KEY_TRIGGER) == 0)
			continue;
		problem_add(
		    &load->problems, node->key_at,
		    "%s: '%s' goes with no trigger: it happens whenever that %s is worked on",
		    load->label, key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what)),
		    fault->what == FAULT_BAD_CHUNK ? "chunk" : "record");
		entry->broken = true;
	}
	return !entry->broken;
}

static void
check_modifiers(struct load *load, struct node *entry, const struct fault *fault)
{
	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
		const struct node *node = node_get(entry, modifiers[i].name);
		if (node == NULL)
			continue;
		if ((modifiers[i].what & BIT(fault->what)) == 0 ||
		    (modifiers[i].when & BIT(fault->when)) == 0)
			problem_add(&load->problems, node->key_at, "%s: '%s' goes with %s only",
			            load->label, modifiers[i].name, modifiers[i].belongs);
	}
}

static void
check_duration(struct load *load, struct node *entry, const struct fault *fault)
{
	struct node *node = node_get(entry, "for");
	if ((BIT(fault->what) & LASTING_FAULTS) == 0)
		return;
	if (node == NULL)
		load_error(load, entry, "how long? add for: a duration such as 5s%s",
		           fault->what == FAULT_PAUSE ? "" : ", or forever");
	else if (fault->what == FAULT_PAUSE && fault->for_ns == SCENARIO_FOREVER && !node->broken)
		load_error(load, node,
		           "a pause ends: give a duration such as 5s; what never ends is a hang");
}

static void
check_by(struct load *load, struct node *entry, struct fault *fault)
{
	struct node *node = node_get(entry, "by");
	if (fault->what == FAULT_POISON)
		fault->signal = SIGSEGV;
	if (fault->what != FAULT_SLOW && fault->what != FAULT_POISON)
		return;
	char label[sizeof(load->label)];
	memcpy(label, load->label, sizeof(label));
	load_label(load, label, "by");
	if (node == NULL && fault->what == FAULT_SLOW)
		load_error(load, entry, "missing; give the delay of each record, such as 1ms");
	else if (node != NULL && !node->broken)
		fault_read_by(load, node, fault);
	if (fault->poison_memory && load->scenario->memory == 0)
		load_error(load, node, "'memory' needs limits.memory, such as 256MiB");
	memcpy(load->label, label, sizeof(label));
}

static void
check_crash(struct load *load, struct node *entry, struct fault *fault)
{
	static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
	struct node *signal = node_get(entry, "signal"), *exit = node_get(entry, "exit");
	bool good = false;
	if (fault->what == FAULT_KILL && signal == NULL)
		fault->signal = SIGKILL;
	if (fault->what != FAULT_CRASH)
		return;
	if (signal != NULL && exit != NULL)
		load_error(load, exit, "'exit' and 'signal' exclude each other");
	if (signal == NULL && exit == NULL)
		fault->signal = SIGSEGV;
	if (signal == NULL || signal->broken)
		return;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		good |= fault->signal == signals[i];
	if (!good)
		load_error(
		    load, signal,
		    "a crash is one of SEGV, ABRT, BUS, FPE, ILL; for another signal use kill");
}

/* Whether the action can be done to that process in that way; NULL, or what is wrong. */
static const char *
target_problem(const struct fault *fault)
{
	bool director_point = strcmp(point_process(fault->point), "director") == 0;
	bool at_director = fault->who == WHO_SELF && fault->when == WHEN_POINT && director_point;
	if ((fault->what == FAULT_CRASH || fault->what == FAULT_HANG) &&
	    (fault->who != WHO_SELF || fault->when != WHEN_POINT))
		return "crash and hang happen inside the process that reaches a point: write self, "
		       "and use at";
	if (fault->who == WHO_SELF && fault->when != WHEN_POINT)
		return "'self' is the process that reaches a point: use at";
	if (fault->what == FAULT_PAUSE &&
	    (fault->who == WHO_DIRECTOR || fault->who == WHO_ALL || at_director))
		return "the director cannot be paused: nothing would wake it";
	if (fault->what == FAULT_CRASH && fault->exit_code >= 0 && at_director)
		return "the director's exit code would be taken for the verdict's: use signal";
	if (fault->what == FAULT_SLOW &&
	    (fault->who == WHO_SUPERVISOR || fault->who == WHO_DIRECTOR || fault->who == WHO_ALL))
		return "only workers can be slow: self, w0, any or busy";
	return NULL;
}

static void
check_target(struct load *load, struct node *entry, const struct fault *fault)
{
	struct node *node =
	    node_get(entry, key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what)));
	const struct scenario *scenario = load->scenario;
	if (node == NULL || node->broken)
		return;
	const char *problem = target_problem(fault);
	if (problem != NULL)
		load_error(load, node, "%s", problem);
	else if (fault->who == WHO_SLOT && fault->slot >= scenario->core.workers)
		load_error(load, node, "there is no w%u: workers.count is %" PRIu32, fault->slot,
		           scenario->core.workers);
}

static void
check_chance(struct load *load, struct node *entry)
{
	struct node *chance = node_get(entry, "chance");
	if (chance != NULL && node_get(entry, "times") == NULL)
		load_error(load, chance, "how often? add times: a number, or every");
}

/* Number of tasks that read records, or UINT64_MAX when that is not known yet. */
static uint64_t
chunks_of(const struct scenario_job *job)
{
	if (job->ranges > 0)
		return job->ranges + 1;
	if (job->generate_sales == 0 || job->chunk == 0)
		return UINT64_MAX;
	return (job->generate_sales - 1) / job->chunk + 1;
}

/* A fault in a chunk or record that does not exist could never land. */
static void
check_number(struct load *load, struct node *entry, const struct fault *fault)
{
	const struct scenario_job *job = &load->scenario->job;
	const char *name = key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what));
	struct node *node = node_get(entry, name);
	uint64_t records = job->generate_sales > 0 ? job->generate_sales : UINT64_MAX;
	if ((BIT(fault->what) & RECORD_FAULTS) == 0 || node == NULL || node->broken)
		return;
	if (job->kind == JOB_NOOP)
		load_error(load, node, "a noop job reads no %s",
		           fault->what == FAULT_BAD_CHUNK ? "chunks" : "records");
	else if (fault->what == FAULT_BAD_CHUNK && fault->task >= chunks_of(job))
		load_error(load, node,
		           "there is no chunk %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->task, chunks_of(job));
	else if (fault->what != FAULT_BAD_CHUNK && fault->record >= records)
		load_error(load, node,
		           "there is no record %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->record, records);
}

static void
check_fault(struct load *load, struct node *entry, struct fault *fault)
{
	fault->line = (int)entry->at.line;
	if (!find_action(load, entry, fault))
		return;
	if (fault->what == FAULT_POISON && node_get(entry, "times") == NULL)
		fault->times = UINT32_MAX;
	check_duration(load, entry, fault);
	check_by(load, entry, fault);
	check_crash(load, entry, fault);
	check_number(load, entry, fault);
	if (!find_trigger(load, entry, fault))
		return;
	check_modifiers(load, entry, fault);
	check_chance(load, entry);
	if ((BIT(fault->what) & RECORD_FAULTS) == 0)
		check_target(load, entry, fault);
}

static bool
id_taken(const struct scenario *scenario, const char *id, size_t except)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (i != except && strcmp(scenario->fault[i].id, id) == 0)
			return true;
	return false;
}

static void
check_id(struct load *load, struct node *entry, size_t index)
{
	struct node *node = node_get(entry, "id");
	struct scenario *scenario = load->scenario;
	struct fault *fault = &scenario->fault[index];
	for (size_t i = 0; node != NULL && !node->broken && i < index; i++)
		if (strcmp(scenario->fault[i].id, fault->id) == 0)
			load_error(load, node, "the id '%s' is faults[%zu]'s already", fault->id,
			           i);
	for (size_t number = index + 1; fault->id[0] == '\0'; number++) {
		snprintf(fault->id, sizeof(fault->id), "f%zu", number);
		if (id_taken(scenario, fault->id, index))
			fault->id[0] = '\0';
	}
}

void
faults_check(struct load *load, struct node *list)
{
	struct node *entry;
	size_t i = 0;
	if (list == NULL)
		return;
	STAILQ_FOREACH (entry, &list->children, next) {
		if (i >= load->scenario->faults)
			break;
		snprintf(load->label, sizeof(load->label), "faults[%zu]", i);
		if (entry->kind == NODE_MAP && !entry->broken) {
			check_fault(load, entry, &load->scenario->fault[i]);
			check_id(load, entry, i);
		}
		i++;
	}
}

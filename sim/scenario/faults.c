/* SPDX-License-Identifier: ISC
 *
 * What makes a fault of the keys in one entry: one action, one trigger, and what goes with them.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

#define BIT(number) (UINT32_C(1) << (number))
#define PART_FAULTS (BIT(FAULT_LOSE_PART) | BIT(FAULT_SPOIL_PART))
#define RECORD_FAULTS (BIT(FAULT_BAD_CHUNK) | BIT(FAULT_POISON) | BIT(FAULT_FLAKY) | PART_FAULTS)
#define LASTING_FAULTS                                                            \
	(BIT(FAULT_PAUSE) | BIT(FAULT_HANG) | BIT(FAULT_SPIN) | BIT(FAULT_SLOW) | \
	 BIT(FAULT_PARTITION) | BIT(FAULT_SPLIT))
#define FRAME_FAULTS                                                                      \
	(BIT(FAULT_DROP) | BIT(FAULT_DELAY) | BIT(FAULT_DUPLICATE) | BIT(FAULT_REORDER) | \
	 BIT(FAULT_CORRUPT))
/* Of nobody in particular. */
#define COMMON_FAULTS                                                                \
	(BIT(FAULT_POWER) | BIT(FAULT_CLOCK) | BIT(FAULT_BOARD) | BIT(FAULT_SCALE) | \
	 BIT(FAULT_GROW) | BIT(FAULT_QUIET) | BIT(FAULT_HEAL))
#define ANY (~UINT32_C(0))

/* Keys that only make sense beside some actions and triggers. */
static const struct {
	const char *name;
	uint32_t what, when;
	const char *belongs;
} modifiers[] = {
    {"nth", ANY, BIT(WHEN_POINT), "at"},
    {"chance", ANY, BIT(WHEN_POINT), "at"},
    {"last", ANY, BIT(WHEN_POINT), "at"},
    {"during", ANY, BIT(WHEN_POINT), "at"},
    {"every", ANY, BIT(WHEN_TIME) | BIT(WHEN_STATE), "after and when"},
    {"follows", ~RECORD_FAULTS, ANY, "what has a trigger"},
    {"times", ANY, BIT(WHEN_POINT) | BIT(WHEN_RECORD), "at, every, bad_chunk, poison and flaky"},
    {"signal", BIT(FAULT_KILL) | BIT(FAULT_CRASH), ANY, "kill and crash"},
    {"exit", BIT(FAULT_CRASH), ANY, "crash"},
    {"by", BIT(FAULT_SLOW) | BIT(FAULT_DELAY) | BIT(FAULT_POISON), ANY, "slow, delay and poison"},
    {"frame", FRAME_FAULTS, ANY, "drop, delay, duplicate, reorder and corrupt"},
    {"way", BIT(FAULT_PARTITION), ANY, "partition"},
    {"for", LASTING_FAULTS, ANY, "pause, hang, spin, slow, partition and split"},
};

bool
fault_takes(const struct fault *fault, const char *name)
{
	if (strcmp(name, "times") == 0 && fault->every_ns > 0)
		return true;
	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++)
		if (strcmp(modifiers[i].name, name) == 0)
			return (modifiers[i].what & BIT(fault->what)) != 0 &&
			       (modifiers[i].when & BIT(fault->when)) != 0;
	return true;
}

bool
fault_needs(enum fault_what what, const char *name)
{
	return (strcmp(name, "for") == 0 && (BIT(what) & LASTING_FAULTS) != 0) ||
	       (strcmp(name, "by") == 0 && (what == FAULT_SLOW || what == FAULT_DELAY));
}

/* The one key of the entry that has the flag; NULL after noting that there is none, or are two. */
static const struct key *
find_only(struct load *load, struct node *entry, unsigned flag, const char *what)
{
	char names[512];
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
	if (key == NULL || key->value < 0) /* a chain that came to nothing, as was said */
		return false;
	fault->what = (enum fault_what)key->value;
	return true;
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
		    fault->what == FAULT_BAD_CHUNK          ? "chunk"
		    : (BIT(fault->what) & PART_FAULTS) != 0 ? "part"
							    : "record");
		entry->broken = true;
	}
	return !entry->broken;
}

static void
check_modifiers(struct load *load, struct node *entry, const struct fault *fault)
{
	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
		const struct node *node = node_get(entry, modifiers[i].name);
		/* With a broken `every` it is not known what times is for. */
		bool unsure =
		    strcmp(modifiers[i].name, "times") == 0 && node_get(entry, "every") != NULL;
		if (node != NULL && !unsure && !fault_takes(fault, modifiers[i].name))
			problem_add(&load->problems, node->key_at, "%s: '%s' goes with %s only",
			            load->label, modifiers[i].name, modifiers[i].belongs);
	}
}

static void
check_duration(struct load *load, struct node *entry, const struct fault *fault)
{
	struct node *node = node_get(entry, "for");
	bool ends = fault->what == FAULT_PAUSE || fault->what == FAULT_SPLIT;
	if (!fault_needs(fault->what, "for"))
		return;
	if (node == NULL)
		load_error(load, entry, "how long? add for: a duration such as 5s%s",
		           ends ? "" : ", or forever");
	else if (ends && fault->for_ns == SCENARIO_FOREVER && !node->broken)
		load_error(load, node, "a %s ends: give a duration such as 5s%s",
		           fault->what == FAULT_PAUSE ? "pause" : "split",
		           fault->what == FAULT_PAUSE ? "; what never ends is a hang" : "");
}

static void
check_by(struct load *load, struct node *entry, struct fault *fault)
{
	struct node *node = node_get(entry, "by");
	if (fault->what == FAULT_POISON)
		fault->signal = SIGSEGV;
	if (!fault_takes(fault, "by"))
		return;
	char label[sizeof(load->label)];
	memcpy(label, load->label, sizeof(label));
	load_label(load, label, "by");
	if (node == NULL && fault_needs(fault->what, "by"))
		load_error(load, entry, "missing; give the delay of %s, such as 1ms",
		           fault->what == FAULT_SLOW ? "each record" : "the frame");
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

/* How often, where that does not follow from the rest. */
static void
check_times(struct load *load, struct node *entry, struct fault *fault)
{
	struct node *last = node_get(entry, "last"), *node = node_get(entry, "chance");
	if (node == NULL)
		node = node_get(entry, "every");
	if (last != NULL && !last->broken && fault->last < fault->nth)
		load_error(load, last, "the last hit that counts is before the first, nth");
	if (node_get(entry, "times") != NULL)
		return;
	if (node != NULL && fault_takes(fault, node->key))
		load_error(load, node, "how often? add times: a number, or every");
	else if (last != NULL && !last->broken && fault->last - fault->nth < UINT32_MAX - 1)
		fault->times = (uint32_t)(fault->last - fault->nth + 1);
}

/* Of a map that does not exist likewise. */
static void
check_part(struct load *load, struct node *node, const struct fault *fault)
{
	const struct scenario_job *job = &load->scenario->job;

	if (job->kind != JOB_MAPREDUCE)
		load_error(load, node, "only maps of a mapreduce job hand on parts");
	else if (fault->task >= job_chunks(job))
		load_error(load, node,
		           "there is no map %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->task, job_chunks(job));
}

/* A fault in a chunk or record that does not exist could never land. */
static void
check_number(struct load *load, struct node *entry, struct fault *fault)
{
	const struct scenario_job *job = &load->scenario->job;
	const char *name = key_name(key_of_value("faults[]", KEY_ACTION, (int)fault->what));
	struct node *node = node_get(entry, name);
	uint64_t records = job_records(job);
	if ((BIT(fault->what) & RECORD_FAULTS) == 0 || node == NULL || node->broken)
		return;
	if ((BIT(fault->what) & PART_FAULTS) != 0) {
		check_part(load, node, fault);
		return;
	}
	if (fault->what != FAULT_BAD_CHUNK)
		fault_read_record(load, node, fault);
	if (node->broken)
		return;
	if (job->kind == JOB_NOOP || (job->kind == JOB_GRAPH && fault->what == FAULT_BAD_CHUNK))
		load_error(load, node, "a %s job reads no %s", key_kind_name(job->kind),
		           fault->what == FAULT_BAD_CHUNK ? "chunks" : "records");
	else if (fault->what == FAULT_BAD_CHUNK && fault->task >= job_chunks(job))
		load_error(load, node,
		           "there is no chunk %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->task, job_chunks(job));
	else if (fault->what != FAULT_BAD_CHUNK && fault->record >= records)
		load_error(load, node,
		           "there is no record %" PRIu64 ": the job has %" PRIu64 ", from 0",
		           fault->record, records);
}

static void
check_fault(struct load *load, struct node *entry, struct fault *fault)
{
	fault->line = (int)entry->at.line;
	fault_read_times(load, entry, fault);
	if (!find_action(load, entry, fault))
		return;
	if ((BIT(fault->what) & COMMON_FAULTS) != 0)
		fault->who = WHO_ALL;
	if (fault->what == FAULT_POISON && node_get(entry, "times") == NULL)
		fault->times = UINT32_MAX;
	check_duration(load, entry, fault);
	check_by(load, entry, fault);
	check_crash(load, entry, fault);
	check_number(load, entry, fault);
	if (!find_trigger(load, entry, fault))
		return;
	fault_read_condition(load, entry, fault);
	check_modifiers(load, entry, fault);
	check_times(load, entry, fault);
	if ((BIT(fault->what) & RECORD_FAULTS) == 0)
		fault_check_rules(load, entry, fault);
}

/* Keys that say when, or which fault of several it is. */
static bool
is_for_scripts(const char *name)
{
	const struct key *key = key_find("faults[]", name);
	return key != NULL && ((key->flags & KEY_TRIGGER) != 0 || strcmp(name, "id") == 0 ||
	                       strcmp(name, "do") == 0 || strcmp(name, "follows") == 0 ||
	                       strcmp(name, "optional") == 0);
}

void
fault_check_by_hand(struct load *load, struct node *entry, struct fault *fault)
{
	size_t problems = load->problems.count;
	struct node *node;
	fault->when = WHEN_HAND;
	fault->optional = true;
	fault_read_times(load, entry, fault);
	STAILQ_FOREACH (node, &entry->children, next)
		if (is_for_scripts(node->key))
			problem_add(&load->problems, node->key_at,
			            "%s: '%s' is for scenario files: by hand it happens now",
			            load->label, node->key);
	if (load->problems.count > problems || !find_action(load, entry, fault))
		return;
	if ((BIT(fault->what) & COMMON_FAULTS) != 0)
		fault->who = WHO_ALL;
	fault_check_hand_rules(load, entry, fault);
	check_duration(load, entry, fault);
	check_by(load, entry, fault);
	check_crash(load, entry, fault);
	check_number(load, entry, fault);
	check_modifiers(load, entry, fault);
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
check_id(struct load *load, struct node *entry, size_t index, size_t place)
{
	struct node *node = node_get(entry, "id");
	struct scenario *scenario = load->scenario;
	struct fault *fault = &scenario->fault[index];
	for (size_t i = 0; node != NULL && !node->broken && i < index; i++)
		if (strcmp(scenario->fault[i].id, fault->id) == 0)
			load_error(load, node, "the id '%s' is taken already", fault->id);
	for (size_t number = place + 1; fault->id[0] == '\0'; number++) {
		snprintf(fault->id, sizeof(fault->id), "f%zu", number);
		if (id_taken(scenario, fault->id, index))
			fault->id[0] = '\0';
	}
}

void
fault_check(struct load *load, struct node *entry, size_t index, size_t place)
{
	check_fault(load, entry, &load->scenario->fault[index]);
	check_id(load, entry, index, place);
}

void
faults_check(struct load *load, struct node *list)
{
	struct node *entry;
	size_t i = 0, number = 0;
	if (list == NULL)
		return;
	STAILQ_FOREACH (entry, &list->children, next) {
		if (i >= load->scenario->faults)
			break;
		number += i > 0 && !entry->again;
		snprintf(load->label, sizeof(load->label), "faults[%zu]", number);
		if (entry->kind == NODE_MAP && !entry->broken)
			fault_check(load, entry, i, number);
		i++;
	}
	faults_check_follows(load, list);
}

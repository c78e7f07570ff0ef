/* SPDX-License-Identifier: ISC
 *
 * What earlier lives have done, from plan.jsonl and from the area that they left.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sim/fault/ahead.h"
#include "sim/fault/script.h"

static int
find_fault(const struct scenario *scenario, const char *id)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (strcmp(scenario->fault[i].id, id) == 0)
			return (int)i;
	return -1;
}

/* Whoever it was meant for is dead for certain once that life is over.  That the power was lost is
 * proven when what was not synced is taken back. */
static bool
ends_its_victim(const struct fault *fault)
{
	if (fault->what == FAULT_POWER)
		return false;
	return fault_ends_director(fault) || fault->what == FAULT_TEAR ||
	       fault->what == FAULT_CRASH || fault->what == FAULT_POISON ||
	       (fault->what == FAULT_KILL && fault->signal == SIGKILL);
}

/* One entry of plan.jsonl. */
struct entry {
	int fault; /* -1: a redrive may leave faults out that an earlier life had */
	uint32_t victims;
	int64_t at_ns;
};

struct reading {
	const struct scenario *scenario;
	void (*each)(void *context, const struct entry *entry);
	void *context;
};

static int
read_entry(void *context, const json_t *line)
{
	const struct reading *reading = context;
	const char *id = json_string_value(json_object_get(line, "fault"));
	json_int_t victims = json_integer_value(json_object_get(line, "victims"));
	struct entry entry = {.victims = victims > 0 ? (uint32_t)victims : 1,
	                      .at_ns = json_integer_value(json_object_get(line, "boottime_ns"))};

	if (id == NULL && json_object_get(line, "hand") == NULL &&
	    json_object_get(line, "script") == NULL)
		return -EBADMSG;
	entry.fault = id != NULL ? find_fault(reading->scenario, id) : -1;
	if (entry.fault >= 0)
		reading->each(reading->context, &entry);
	return 0;
}

static int
read_entries(const struct scenario *scenario, const char *plan_path,
             void (*each)(void *context, const struct entry *entry), void *context)
{
	struct reading reading = {scenario, each, context};

	return ahead_each(plan_path, read_entry, &reading);
}

/* How the script was left. */
static int
read_script(void *context, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "script"));

	if (name != NULL)
		script_recall(context, script_change_find(name));
	return 0;
}

struct restoring {
	const struct scenario *scenario;
	struct fault_area *area;
};

static void
restore_entry(void *context, const struct entry *entry)
{
	struct restoring *restoring = context;
	struct fault_state *state = &restoring->area->fault[entry->fault];

	state->injected++;
	state->injected_ns = entry->at_ns;
	state->victims += entry->victims;
	/* The end of that life is the evidence, and nobody was left who could have noted it. */
	if (ends_its_victim(&restoring->scenario->fault[entry->fault])) {
		state->landed = state->victims;
		state->landed_slot = CORE_NO_SLOT;
	}
}

int
fault_plan_read(const struct scenario *scenario, const char *plan_path, struct fault_area *area)
{
	struct restoring restoring = {scenario, area};
	int error;

	if (access(plan_path, F_OK) != 0)
		return errno == ENOENT ? 0 : -errno;
	for (size_t i = 0; i < SCENARIO_FAULTS_MAX; i++) {
		area->fault[i].injected = 0;
		area->fault[i].victims = 0;
		area->fault[i].requested = 0;
		memset(area->fault[i].victim, 0, sizeof(area->fault[i].victim));
	}
	error = read_entries(scenario, plan_path, restore_entry, &restoring);
	if (error == 0)
		error = ahead_each(plan_path, read_script, area);
	for (size_t i = 0; i < SCENARIO_FAULTS_MAX; i++)
		if (area->fault[i].landed > area->fault[i].victims)
			area->fault[i].landed = area->fault[i].victims;
	return error;
}

static void
count_entry(void *context, const struct entry *entry)
{
	struct entry *sum = context;

	sum[entry->fault].fault++;
	sum[entry->fault].victims += entry->victims;
}

int
fault_plan_recount(const struct scenario *scenario, const char *plan_path, struct fault_area *area)
{
	struct entry sum[SCENARIO_FAULTS_MAX] = {0}; /* fault: how many entries */
	int error = read_entries(scenario, plan_path, count_entry, sum);

	for (size_t i = 0; error == 0 && i < scenario->faults; i++) {
		atomic_store(&area->fault[i].injected, (uint32_t)sum[i].fault);
		atomic_store(&area->fault[i].victims, sum[i].victims);
	}
	return error;
}

int
fault_early_begin(const struct scenario *scenario, const char *plan_path, struct fault_area *early)
{
	int error = fault_plan_read(scenario, plan_path, early);

	/* So that what lands before there is a board can be told from what landed in earlier lives.
	 */
	for (size_t i = 0; i < scenario->faults; i++)
		atomic_store(&early->fault[i].noted, atomic_load(&early->fault[i].landed));
	return error;
}

void
fault_carry_over(const struct scenario *scenario, const struct fault_area *from,
                 struct fault_area *to)
{
	atomic_store(&to->rework, atomic_load(&from->rework));
	for (int point = 0; point < POINTS; point++)
		atomic_store(&to->hits[point], atomic_load(&from->hits[point]));
	for (int i = 0; i <= CONDITION_RECOVERY; i++)
		atomic_store(&to->number[i], atomic_load(&from->number[i]));
	for (size_t i = 0; i < scenario->faults; i++) {
		atomic_store(&to->fault[i].hits, atomic_load(&from->fault[i].hits));
		atomic_store(&to->fault[i].facts, atomic_load(&from->fault[i].facts));
	}
	atomic_store(&to->started_ns, atomic_load(&from->started_ns));
	atomic_store(&to->quiet_until_ns, atomic_load(&from->quiet_until_ns));
	atomic_store(&to->healed_ns, atomic_load(&from->healed_ns));
	atomic_store(&to->clock_offset_ns, atomic_load(&from->clock_offset_ns));
	atomic_store(&to->clock_unread, atomic_load(&from->clock_unread));
	atomic_store(&to->due, atomic_load(&from->due));
	atomic_store(&to->due_noted, atomic_load(&from->due_noted));
}

void
fault_early_end(const struct scenario *scenario, const struct fault_area *early,
                struct fault_area *area)
{
	fault_carry_over(scenario, early, area);
	for (size_t i = 0; i < scenario->faults; i++) {
		const struct fault_state *from = &early->fault[i];
		struct fault_state *to = &area->fault[i];
		uint32_t landed = atomic_load(&from->landed) - atomic_load(&from->noted);
		atomic_fetch_add(&to->requested, atomic_load(&from->requested));
		if (atomic_load(&from->injected_ns) != 0)
			atomic_store(&to->injected_ns, atomic_load(&from->injected_ns));
		if (landed == 0)
			continue;
		atomic_fetch_add(&to->landed, landed);
		atomic_store(&to->landed_slot, CORE_NO_SLOT);
		atomic_store(&to->evidence, atomic_load(&from->evidence));
	}
}

/* SPDX-License-Identifier: ISC
 *
 * What became of each fault: written ahead, counted, proven.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/fault/ahead.h"
#include "sim/fault/script.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

struct fault_self fault_self = {.wake_director_fd = -1};

static int
find_fault(const struct scenario *scenario, const char *id)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (strcmp(scenario->fault[i].id, id) == 0)
			return (int)i;
	return -1;
}

bool
fault_ends_director(const struct fault *fault)
{
	if (fault->what == FAULT_POWER)
		return true;
	if (fault->what != FAULT_KILL && fault->what != FAULT_CRASH)
		return false;
	return fault->who == WHO_DIRECTOR || fault->who == WHO_ALL ||
	       (fault->who == WHO_SELF && fault->when == WHEN_POINT &&
	        strcmp(point_process(fault->point), "director") == 0);
}

bool
fault_breaks_off(const struct fault *fault)
{
	return fault->what == FAULT_FAIL || fault->what == FAULT_SHORT || fault->what == FAULT_TEAR;
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

bool
fault_pending(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	return atomic_load(&area->fault[index].injected) < scenario->fault[index].times &&
	       ((atomic_load(&area->skipped) >> index) & 1) == 0;
}

void
fault_arm(const struct scenario *scenario, struct fault_area *area)
{
	uint64_t armed[POINT_WORDS];

	memset(armed, fault_self.hits != NULL ? 0xff : 0, sizeof(armed));
	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].when == WHEN_POINT && fault_pending(scenario, area, i))
			armed[scenario->fault[i].point / 64] |= UINT64_C(1)
			                                        << scenario->fault[i].point % 64;
	for (size_t i = 0; i < POINT_WORDS; i++)
		atomic_store(&area->armed[i], armed[i]);
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

uint64_t
fault_progress_tasks(const struct fault *fault, uint64_t tasks)
{
	return (tasks * fault->progress_ppm + 999999) / 1000000;
}

void
fault_watch_progress(const struct scenario *scenario, struct fault_area *area, uint64_t tasks,
                     uint64_t except)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < scenario->faults; i++) {
		uint64_t due = fault_progress_tasks(&scenario->fault[i], tasks);
		if (((except >> i) & 1) == 0 && scenario->fault[i].when == WHEN_PROGRESS &&
		    fault_may_begin(scenario, area, i) && due < least)
			least = due;
	}
	atomic_store(&area->watch_done, least);
}

/* Counts one more injection if there is one left: of several processes at the limit only one gets
 * it. */
static bool
take_one(struct fault_state *state, uint32_t times, uint32_t *number)
{
	uint32_t injected = atomic_load(&state->injected);

	do
		if (injected >= times)
			return false;
	while (!atomic_compare_exchange_weak(&state->injected, &injected, injected + 1));
	*number = injected + 1;
	return true;
}

uint64_t
fault_name_of(uint16_t slot, uint32_t incarnation)
{
	return slot == CORE_NO_SLOT ? FAULT_SUPERVISOR : (uint64_t)(slot + 1u) << 32 | incarnation;
}

static void
enter_victim(struct fault_state *state, uint64_t who, int64_t resume_ns)
{
	for (size_t i = 0; i < FAULT_VICTIMS; i++) {
		uint64_t nobody = 0;
		if (!atomic_compare_exchange_strong(&state->victim[i].who, &nobody, who))
			continue;
		atomic_store(&state->victim[i].resume_ns, resume_ns);
		return;
	}
}

/* The director sleeps until the next fault is due: this one again, or one that follows it. */
static void
wake_followers(const struct scenario *scenario, size_t index)
{
	bool follows = scenario->fault[index].every_ns > 0;

	for (size_t i = 0; i < scenario->faults; i++)
		follows |= scenario->fault[i].follows == (int)index;
	if (follows)
		fault_wake_director();
}

/* The line of one injection; the first victim stands alone, all of several in a list. */
static int
describe_injection(char *line, size_t size, const char *id, uint32_t number, const char *where,
                   const struct fault_target *target, size_t targets, const char *more)
{
	int length = snprintf(
	    line, size,
	    "{\"fault\": \"%s\", \"number\": %u, \"at\": \"%s\", \"slot\": %d, \"pid\": %d, "
	    "\"boottime_ns\": %lld%s",
	    id, number, where, target->slot == CORE_NO_SLOT ? -1 : target->slot, target->pid,
	    (long long)clock_now_ns(), more);

	if (targets > 1) {
		length += snprintf(line + length, size - (size_t)length,
		                   ", \"victims\": %zu, \"slots\": [", targets);
		for (size_t i = 0; i < targets; i++)
			length += snprintf(line + length, size - (size_t)length, "%s%u",
			                   i == 0 ? "" : ", ", target[i].slot);
		length += snprintf(line + length, size - (size_t)length, "]");
	}
	return length + snprintf(line + length, size - (size_t)length, "}\n");
}

bool
fault_commit_all(size_t index, const struct fault_target *target, size_t targets, int64_t resume_ns,
                 const char *where, bool ordered, const char *more)
{
	const struct fault *fault = &fault_self.scenario->fault[index];
	struct fault_state *state = &fault_self.area->fault[index];
	char line[AHEAD_LINE_MAX];
	uint32_t number;
	int length;

	if (!script_take(fault_self.scenario, fault_self.area, index))
		return false;
	if (!take_one(state, fault->times, &number)) {
		script_give_back(fault_self.scenario, fault_self.area, index);
		return false;
	}
	atomic_fetch_add(&state->victims, (uint32_t)targets);
	length =
	    describe_injection(line, sizeof(line), fault->id, number, where, target, targets, more);
	if (!ahead_write(line, (size_t)length))
		return false;
	atomic_store(&state->injected_ns, clock_now_ns());
	for (size_t i = 0; i < targets && !fault_needs_nobody(fault); i++)
		enter_victim(state,
		             fault_name_of(target[i].slot, target[i].incarnation) |
		                 (ordered ? FAULT_ORDERED : 0),
		             resume_ns);
	if (ordered)
		atomic_fetch_or(&fault_self.area->orders, UINT64_C(1) << index);
	wake_followers(fault_self.scenario, index);
	return true;
}

bool
fault_commit(size_t index, uint16_t slot, uint32_t incarnation, int pid, int64_t resume_ns,
             const char *where)
{
	const struct fault_target target = {slot, incarnation, pid};

	return fault_commit_all(index, &target, 1, resume_ns, where, false, "");
}

bool
fault_is_of_frames(const struct fault *fault)
{
	return fault->what >= FAULT_DROP && fault->what <= FAULT_CORRUPT;
}

int64_t
fault_ends_ns(const struct fault *fault, int64_t now_ns)
{
	int64_t ends_ns;

	if (fault->what != FAULT_PAUSE && fault->what != FAULT_PARTITION)
		return 0;
	return __builtin_add_overflow(now_ns, fault->for_ns, &ends_ns) ? INT64_MAX : ends_ns;
}

bool
fault_lasts(size_t index, uint16_t slot, uint32_t incarnation, int64_t evidence)
{
	struct fault_state *state = &fault_self.area->fault[index];
	uint64_t who = fault_name_of(slot, incarnation);

	for (size_t i = 0; i < FAULT_VICTIMS; i++) {
		struct fault_victim *victim = &state->victim[i];
		uint64_t entered = atomic_load(&victim->who);
		if ((entered & ~FAULT_PROVEN) != who ||
		    clock_now_ns() >= atomic_load(&victim->resume_ns))
			continue;
		/* Both ends may lose their first frame at the same time. */
		if (entered == who &&
		    atomic_compare_exchange_strong(&victim->who, &entered, who | FAULT_PROVEN)) {
			atomic_store(&state->evidence, evidence);
			atomic_store(&state->landed_slot, slot);
			atomic_fetch_add(&state->landed, 1);
		}
		return true;
	}
	return false;
}

/* One who is to be woken stays entered until then. */
static bool
prove(struct fault_state *state, uint64_t who, int64_t evidence, bool ended)
{
	for (size_t i = 0; i < FAULT_VICTIMS; i++) {
		struct fault_victim *victim = &state->victim[i];
		uint64_t entered = atomic_load(&victim->who);
		bool named =
		    entered == who || (who != FAULT_SUPERVISOR && entered == (who | FAULT_PROVEN));
		if (!named)
			continue;
		if (ended || who == FAULT_SUPERVISOR || atomic_load(&victim->resume_ns) == 0) {
			atomic_store(&victim->resume_ns, 0);
			atomic_store(&victim->who, 0);
		} else {
			atomic_store(&victim->who, who | FAULT_PROVEN);
		}
		if (entered != who)
			continue;
		atomic_store(&state->evidence, evidence);
		atomic_store(&state->landed_slot,
		             who == FAULT_SUPERVISOR ? CORE_NO_SLOT : (uint32_t)(who >> 32) - 1);
		atomic_fetch_add(&state->landed, 1);
		return true;
	}
	return false;
}

void
fault_landed(struct fault_area *area, size_t index, uint16_t slot, uint32_t incarnation,
             int64_t evidence)
{
	prove(&area->fault[index], fault_name_of(slot, incarnation), evidence, true);
}

void
fault_landed_alone(struct fault_area *area, size_t index, uint32_t times, int64_t evidence)
{
	struct fault_state *state = &area->fault[index];

	atomic_store(&state->evidence, evidence);
	atomic_store(&state->landed_slot, CORE_NO_SLOT);
	atomic_fetch_add(&state->landed, times);
}

/* Offset and length in one number, as evidence is. */
#define CALL_LENGTH_BITS 24
#define CALL_LENGTH_MAX ((UINT64_C(1) << CALL_LENGTH_BITS) - 1)

static int64_t
call_evidence(uint64_t offset, uint64_t length)
{
	return (int64_t)(offset << CALL_LENGTH_BITS |
	                 (length < CALL_LENGTH_MAX ? length : CALL_LENGTH_MAX));
}

uint64_t
fault_call_offset(int64_t evidence)
{
	return (uint64_t)evidence >> CALL_LENGTH_BITS;
}

uint64_t
fault_call_length(int64_t evidence)
{
	return (uint64_t)evidence & CALL_LENGTH_MAX;
}

void
fault_call_landed(const struct fault *fault, uint64_t offset, uint64_t length)
{
	fault_landed(fault_self.area, (size_t)(fault - fault_self.scenario->fault), fault_self.slot,
	             fault_self.incarnation, call_evidence(offset, length));
}

_Noreturn void
fault_call_die(const struct fault *fault, uint64_t offset, uint64_t length)
{
	struct fault_state *state = &fault_self.area->fault[fault - fault_self.scenario->fault];

	atomic_store(&state->evidence, call_evidence(offset, length));
	raise(SIGKILL);
	_exit(EXIT_INTERNAL);
}

/* Is this wait status what the fault would make of its victim?  A worker that hangs is given up and
 * killed by us. */
static bool
fits(const struct fault *fault, int status)
{
	switch (fault->what) {
	case FAULT_PAUSE:
		return WIFSTOPPED(status);
	case FAULT_KILL:
		return WIFSIGNALED(status) && WTERMSIG(status) == fault->signal;
	case FAULT_CRASH:
		if (fault->exit_code >= 0)
			return WIFEXITED(status) && WEXITSTATUS(status) == fault->exit_code;
		return WIFSIGNALED(status) && WTERMSIG(status) == fault->signal;
	case FAULT_TEAR:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	case FAULT_POISON:
	case FAULT_HANG:
	case FAULT_SPIN:
		return WIFSIGNALED(status);
	case FAULT_MEMORY:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
	case FAULT_DRAIN:
		return WIFEXITED(status) && WEXITSTATUS(status) == 0;
	default:
		return false;
	}
}

static int
prove_any(const struct scenario *scenario, struct fault_area *area, uint64_t who, int status)
{
	int proven = -1;

	for (size_t i = 0; i < scenario->faults; i++) {
		struct fault_state *state = &area->fault[i];
		/* What was torn says more than that its writer is dead. */
		int64_t evidence =
		    scenario->fault[i].what == FAULT_TEAR ? atomic_load(&state->evidence) : status;
		if (fits(&scenario->fault[i], status) &&
		    prove(state, who, evidence, !WIFSTOPPED(status)))
			proven = (int)i;
	}
	return proven;
}

int
fault_prove(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
            uint32_t incarnation, int status)
{
	return prove_any(scenario, area, fault_name_of(slot, incarnation), status);
}

void
fault_prove_gone(const struct scenario *scenario, struct fault_area *area, uint16_t slot,
                 uint32_t incarnation)
{
	for (size_t i = 0; i < scenario->faults; i++) {
		const struct fault *fault = &scenario->fault[i];
		int status = fault->what == FAULT_CRASH && fault->exit_code >= 0
		                 ? W_EXITCODE(fault->exit_code, 0)
		                 : W_EXITCODE(0, fault->signal);
		if (fits(fault, status))
			prove(&area->fault[i], fault_name_of(slot, incarnation), status, true);
	}
}

int
fault_prove_supervisor(const struct scenario *scenario, struct fault_area *area, int status)
{
	return prove_any(scenario, area, FAULT_SUPERVISOR, status);
}

unsigned
fault_wake_all(const struct scenario *scenario, struct fault_area *area, int64_t now_ns)
{
	unsigned count = 0;

	for (size_t i = 0; i < scenario->faults * FAULT_VICTIMS; i++) {
		struct fault_victim *victim =
		    &area->fault[i / FAULT_VICTIMS].victim[i % FAULT_VICTIMS];
		enum fault_what what = scenario->fault[i / FAULT_VICTIMS].what;
		if ((what != FAULT_PAUSE && what != FAULT_PARTITION) ||
		    atomic_load(&victim->who) == 0 || atomic_load(&victim->resume_ns) <= now_ns)
			continue;
		atomic_store(&victim->resume_ns, now_ns);
		count++;
	}
	return count;
}

void
fault_forget_victims(const struct scenario *scenario, struct fault_area *area)
{
	for (size_t i = 0; i < scenario->faults; i++)
		memset(area->fault[i].victim, 0, sizeof(area->fault[i].victim));
}

static void
forget(struct fault_victim *victim)
{
	atomic_store(&victim->resume_ns, 0);
	atomic_store(&victim->who, 0);
}

int64_t
fault_wake(const struct scenario *scenario, struct fault_area *area, int64_t now_ns,
           void (*wake)(void *context, uint16_t slot, uint32_t incarnation), void *context)
{
	int64_t due_ns = CORE_NEVER;

	for (size_t i = 0; i < scenario->faults * FAULT_VICTIMS; i++) {
		struct fault_victim *victim =
		    &area->fault[i / FAULT_VICTIMS].victim[i % FAULT_VICTIMS];
		int64_t resume_ns = atomic_load(&victim->resume_ns);
		uint64_t who = atomic_load(&victim->who);
		bool cut_off = scenario->fault[i / FAULT_VICTIMS].what == FAULT_PARTITION;
		if (cut_off && resume_ns != 0 && now_ns >= resume_ns)
			forget(victim);
		if (scenario->fault[i / FAULT_VICTIMS].what != FAULT_PAUSE || resume_ns == 0 ||
		    who == FAULT_SUPERVISOR || (who & FAULT_PROVEN) == 0)
			continue;
		if (now_ns < resume_ns) {
			due_ns = resume_ns < due_ns ? resume_ns : due_ns;
			continue;
		}
		who &= ~FAULT_PROVEN;
		forget(victim);
		wake(context, (uint16_t)((who >> 32) - 1), (uint32_t)who);
	}
	return due_ns;
}

/* SPDX-License-Identifier: ISC
 *
 * Which faults may still happen, and doing one: counted, written ahead; whom it is to last for.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/fault/ahead.h"
#include "sim/fault/script.h"
#include "sim/util/clock.h"

struct fault_self fault_self = {.wake_director_fd = -1};

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

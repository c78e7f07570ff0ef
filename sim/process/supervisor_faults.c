/* SPDX-License-Identifier: ISC
 *
 * Faults that the supervisor injects: choosing victims, hurting them or ordering them to hurt
 * themselves, and noting what was proven.
 */
#include <signal.h>
#include <stdlib.h>

#include "sim/fault/hand.h"
#include "sim/fault/script.h"
#include "sim/process/supervisor.h"
#include "sim/util/clock.h"

void
supervisor_prove(struct supervisor *supervisor, uint16_t slot, int status)
{
	fault_prove(&supervisor->run->scenario, supervisor->run->faults, slot,
	            supervisor->place[slot].incarnation, status);
}

/* What is said of the script: a change, or a fault whose moment came while it was held. */
static void
note_script(struct supervisor *supervisor)
{
	struct fault_area *area = supervisor->run->faults;
	uint64_t due = atomic_load(&area->due), noted = atomic_load(&area->due_noted);
	uint32_t changes = atomic_load(&area->script_changes);

	if (changes != atomic_load(&area->script_noted)) {
		supervisor_note(supervisor, NOTE_SCRIPT, CORE_NO_SLOT, CORE_NO_RECORD,
		                atomic_load(&area->script_change));
		atomic_store(&area->script_noted, changes);
	}
	if (due == noted)
		return;
	for (size_t i = 0; i < supervisor->run->scenario.faults; i++)
		if (((due & ~noted) >> i) & 1)
			supervisor_note(supervisor, NOTE_SCRIPT_DUE, CORE_NO_SLOT, i, 0);
	atomic_store(&area->due_noted, due);
}

void
supervisor_note_faults(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->run->scenario.faults; i++) {
		struct fault_state *state = &supervisor->run->faults->fault[i];
		while (atomic_load_explicit(&state->noted, memory_order_relaxed) <
		       atomic_load(&state->landed)) {
			uint16_t slot = (uint16_t)atomic_load(&state->landed_slot);
			supervisor_note(supervisor, NOTE_FAULT, slot, i,
			                (uint64_t)atomic_load(&state->injected_ns));
			supervisor_note(supervisor, NOTE_FAULT_LANDED, slot, i,
			                (uint64_t)atomic_load(&state->evidence));
			atomic_fetch_add(&state->noted, 1);
		}
	}
	note_script(supervisor);
}

/* Does the slot hold a worker of ours that the fault may be meant for? */
static bool
is_candidate(const struct supervisor *supervisor, size_t index, uint16_t slot)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];
	const struct place *place = &supervisor->place[slot];
	bool busy = board_work_is_busy(supervisor->run->board, slot);

	if (place->pid == 0 || place->joined || place->channel.fd < 0 || place->stopped)
		return false;
	/* Who is to do it to itself must come by, and only work brings it there. */
	if (!busy && (fault->who == WHO_BUSY || fault_is_inside(fault)))
		return false;
	switch (fault->who) {
	case WHO_SLOT:
		return fault->slot == slot;
	case WHO_HOLDER:
		return fault->task < supervisor->config.tasks &&
		       core_task(supervisor->core, (uint32_t)fault->task).state == TASK_LEASED &&
		       core_task(supervisor->core, (uint32_t)fault->task).slot == slot;
	case WHO_SELF: /* whoever reached the point that asked */
		return atomic_load(&supervisor->run->faults->fault[index].asker) ==
		       fault_name_of(slot, place->incarnation);
	default:
		return true;
	}
}

/* Who comes before whom: by age, or as the seed draws. */
static uint64_t
rank_of(const struct supervisor *supervisor, size_t index, uint16_t slot)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];
	uint32_t number = atomic_load(&supervisor->run->faults->fault[index].injected);

	if (fault->who == WHO_OLDEST)
		return supervisor->place[slot].born;
	if (fault->who == WHO_NEWEST)
		return UINT64_MAX - supervisor->place[slot].born;
	return fault_draw(supervisor->run->scenario.seed, index, (uint64_t)number << 16 | slot);
}

struct chosen {
	struct fault_target target[FAULT_VICTIMS];
	uint64_t rank[FAULT_VICTIMS];
	size_t count, wanted;
};

/* Keeps the `wanted` first by rank, in order. */
static void
consider(struct chosen *chosen, const struct fault_target *target, uint64_t rank)
{
	size_t at = chosen->count;

	while (at > 0 && chosen->rank[at - 1] > rank)
		at--;
	if (at == chosen->wanted)
		return;
	if (chosen->count < chosen->wanted)
		chosen->count++;
	for (size_t i = chosen->count - 1; i > at; i--) {
		chosen->rank[i] = chosen->rank[i - 1];
		chosen->target[i] = chosen->target[i - 1];
	}
	chosen->rank[at] = rank;
	chosen->target[at] = *target;
}

static bool
choose_victims(const struct supervisor *supervisor, size_t index, struct chosen *chosen)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];

	chosen->count = 0;
	chosen->wanted = fault->victims > 1 ? fault->victims : 1;
	if (chosen->wanted > FAULT_VICTIMS)
		return false;
	for (uint16_t slot = 0; slot < supervisor->config.slots; slot++) {
		const struct place *place = &supervisor->place[slot];
		struct fault_target target = {slot, place->incarnation, place->pid};
		if (is_candidate(supervisor, index, slot))
			consider(chosen, &target, rank_of(supervisor, index, slot));
	}
	return chosen->count == chosen->wanted;
}

static void
drain(struct supervisor *supervisor, uint16_t slot)
{
	struct core_step event = {.kind = EV_SLOT_DRAIN, .slot = slot, .task = CORE_NO_TASK};

	supervisor->wanted--;
	supervisor_step(supervisor, &event);
}

/* False: nobody fits now; it is tried again. */
static bool
hurt(struct supervisor *supervisor, size_t index)
{
	const struct fault *fault = &supervisor->run->scenario.fault[index];
	bool inside = fault_is_inside(fault), pause = fault->what == FAULT_PAUSE;
	struct chosen chosen;

	if (!choose_victims(supervisor, index, &chosen)) {
		atomic_store(&supervisor->run->faults->fault[index].sought, 1);
		return false;
	}
	if (!fault_commit_all(index, chosen.target, chosen.count,
	                      fault_ends_ns(fault, supervisor->now_ns), "supervisor", inside, ""))
		return !fault_pending(&supervisor->run->scenario, supervisor->run->faults, index);
	for (size_t i = 0; !inside && i < chosen.count; i++) {
		if (fault->what == FAULT_DRAIN)
			drain(supervisor, chosen.target[i].slot);
		else if (fault->what != FAULT_PARTITION)
			supervisor_signal(supervisor, chosen.target[i].slot,
			                  pause ? SIGSTOP : fault->signal);
	}
	return true;
}

/* Its victims are workers that are not there yet, or that the coordinator will choose. */
static bool
scale(struct supervisor *supervisor, size_t index)
{
	int32_t by = supervisor->run->scenario.fault[index].scale;
	int64_t wanted = (int64_t)supervisor->wanted + by;
	struct fault_target target[FAULT_VICTIMS];
	size_t count = (size_t)(by < 0 ? -by : by);
	struct core_step event = {.kind = EV_SCALE, .task = CORE_NO_TASK};

	if (wanted < 0 || wanted > supervisor->config.slots || count == 0 ||
	    count > FAULT_VICTIMS || supervisor->scaling != 0) {
		atomic_store(&supervisor->run->faults->fault[index].sought, 1);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		target[i] = (struct fault_target){CORE_NO_SLOT, 0, 0};
	if (!fault_commit_all(index, target, count, 0, "supervisor", false, ""))
		return true;
	supervisor->scaling = 1 + index;
	supervisor->wanted = (uint32_t)wanted;
	event.value = supervisor->wanted;
	supervisor_step(supervisor, &event);
	return true;
}

/* As many are there as there are to be: it has happened. */
static void
prove_scale(struct supervisor *supervisor)
{
	size_t index = supervisor->scaling - 1;
	int32_t by;
	uint32_t up = 0, alive = 0;

	if (supervisor->scaling == 0)
		return;
	by = supervisor->run->scenario.fault[index].scale;
	for (uint16_t slot = 0; slot < supervisor->config.slots; slot++) {
		alive += supervisor->place[slot].pid != 0;
		up += supervisor->place[slot].pid != 0 && supervisor->place[slot].channel.fd >= 0;
	}
	if (by > 0 ? up < supervisor->wanted : alive > supervisor->wanted)
		return;
	for (int32_t i = 0; i < (by < 0 ? -by : by); i++)
		fault_landed(supervisor->run->faults, index, CORE_NO_SLOT, 0, alive);
	supervisor->scaling = 0;
}

static bool
inject(struct supervisor *supervisor, size_t index)
{
	switch (supervisor->run->scenario.fault[index].what) {
	case FAULT_HEAL: /* it is done; to be told made us look */
		return true;
	case FAULT_SCALE:
		return scale(supervisor, index);
	default:
		return hurt(supervisor, index);
	}
}

void
supervisor_ask(struct supervisor *supervisor, uint32_t index)
{
	struct scenario *scenario = &supervisor->run->scenario;

	hand_learn(scenario, supervisor->run->faults);
	fault_self.wires = wire_faults(scenario);
	if (index < scenario->faults)
		supervisor->injections |= UINT64_C(1) << index;
}

/* A person waits for the answer, and may have given up: who takes the request back first has it. */
static void
inject_by_hand(struct supervisor *supervisor, size_t index)
{
	struct fault_state *state = &supervisor->run->faults->fault[index];

	if (atomic_exchange(&state->requested, 0) != 0)
		inject(supervisor, index);
}

void
supervisor_inject(struct supervisor *supervisor)
{
	const struct scenario *scenario = &supervisor->run->scenario;

	prove_scale(supervisor);
	for (size_t i = 0; supervisor->injections != 0 && i < scenario->faults; i++) {
		uint64_t bit = UINT64_C(1) << i;
		if ((supervisor->injections & bit) == 0 ||
		    script_stops(scenario, supervisor->run->faults, i))
			continue;
		if (scenario->fault[i].when == WHEN_HAND)
			inject_by_hand(supervisor, i);
		else if (!inject(supervisor, i))
			continue;
		supervisor->injections &= ~bit;
	}
}

static void
wake(void *context, uint16_t slot, uint32_t incarnation)
{
	struct supervisor *supervisor = context;

	if (slot < supervisor->places && supervisor->place[slot].incarnation == incarnation)
		supervisor_signal(supervisor, slot, SIGCONT);
}

int64_t
supervisor_wake_sleepers(struct supervisor *supervisor)
{
	return fault_wake(&supervisor->run->scenario, supervisor->run->faults, supervisor->now_ns,
	                  wake, supervisor);
}

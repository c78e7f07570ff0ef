/* SPDX-License-Identifier: ISC
 *
 * One walk through the log.  A task belongs to the recovery in which its lease was lost until it is
 * leased again, or found done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/history/recovery.h"
#include "sim/util/array.h"

#define NONE UINT32_MAX

/* A task that is to be recovered. */
struct owed {
	uint32_t of;       /* number of the recovery, or NONE */
	uint64_t progress; /* records of the attempt that was lost */
};

/* What is known of a slot; the last one stands for who is no worker. */
struct place {
	uint32_t last;     /* number of its newest recovery, or NONE */
	uint32_t hand;     /* the task that its worker was in when it was lost, or NONE */
	uint64_t progress; /* in that one */
	bool overtaken;    /* its worker is killed for what somebody else has done */
	int16_t fault;     /* that has landed there and ended nothing yet, or -1 */
	int64_t injected_ns;
};

struct walk {
	const struct history *history;
	struct recoveries *found;
	size_t room;
	struct owed *owed;
	struct place *place;
	uint32_t tasks, slots;
	int64_t now_ns;
};

static int
walk_init(struct walk *walk)
{
	walk->tasks = history_plan(walk->history)->tasks;
	walk->slots = history_newest(walk->history)->slots;
	walk->owed = calloc(walk->tasks + 1u, sizeof(*walk->owed));
	walk->place = calloc(walk->slots + 1u, sizeof(*walk->place));
	if (walk->owed == NULL || walk->place == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < walk->tasks; i++)
		walk->owed[i].of = NONE;
	for (uint32_t i = 0; i <= walk->slots; i++)
		walk->place[i] = (struct place){.last = NONE, .hand = NONE, .fault = -1};
	return 0;
}

static struct place *
place_of(const struct walk *walk, uint16_t slot)
{
	return &walk->place[slot < walk->slots ? slot : walk->slots];
}

/* Can it be what a process was lost by? */
static bool
ends_or_stops(const struct fault *fault)
{
	switch (fault->what) {
	case FAULT_KILL:
	case FAULT_CRASH:
	case FAULT_PAUSE:
	case FAULT_HANG:
	case FAULT_SPIN:
	case FAULT_POISON:
	case FAULT_MEMORY:
	case FAULT_TEAR:
	case FAULT_POWER:
	case FAULT_PARTITION:
	case FAULT_SPLIT:
		return true;
	default:
		return false;
	}
}

/* NULL without memory. */
static struct recovery *
begin(struct walk *walk, enum recovery_from from, uint16_t slot)
{
	struct recoveries *found = walk->found;
	struct place *place = place_of(walk, slot);
	struct recovery *item = array_grow(found->item, found->count, &walk->room, sizeof(*item));

	if (item == NULL)
		return NULL;
	found->item = item;
	place->last = (uint32_t)found->count;
	found->item[found->count] = (struct recovery){.from = from,
	                                              .slot = slot,
	                                              .fault = place->fault,
	                                              .injected_ns = place->injected_ns,
	                                              .noticed_ns = walk->now_ns,
	                                              .died_ns = walk->now_ns,
	                                              .fenced_ns = -1,
	                                              .leased_ns = -1};
	place->fault = -1;
	return &found->item[found->count++];
}

static struct recovery *
newest_of(const struct walk *walk, uint16_t slot)
{
	uint32_t last = place_of(walk, slot)->last;

	return last == NONE ? NULL : &walk->found->item[last];
}

static void
lose(struct walk *walk, const struct recovery *recovery, uint32_t task, uint64_t progress)
{
	uint64_t records = history_plan(walk->history)->task[task].records;

	walk->owed[task] = (struct owed){.of = (uint32_t)(recovery - walk->found->item),
	                                 .progress = progress < records ? progress : records};
}

/* Where it shows: at a worker, or at nobody in particular. */
static uint16_t
slot_of(const struct fault *fault, const struct core_step *step)
{
	bool at_worker =
	    fault->when != WHEN_POINT || strcmp(point_process(fault->point), "worker") == 0;

	return fault->who == WHO_SUPERVISOR || fault->who == WHO_DIRECTOR ||
	               fault->who == WHO_ALL || (fault->who == WHO_SELF && !at_worker)
	           ? CORE_NO_SLOT
	           : step->slot;
}

/* A fault may be noted before what it did is, or behind it.  Of a loss of power it is only known
 * that it has landed. */
static void
on_fault(struct walk *walk, const struct core_step *step, int64_t injected_ns)
{
	const struct scenario *scenario = history_scenario(walk->history);
	struct recovery *newest;
	struct place *place;
	uint16_t slot;

	if (step->record >= scenario->faults || !ends_or_stops(&scenario->fault[step->record]))
		return;
	slot = slot_of(&scenario->fault[step->record], step);
	newest = newest_of(walk, slot);
	place = place_of(walk, slot);
	if (injected_ns >= 0 && newest != NULL && newest->fault < 0 &&
	    newest->noticed_ns >= injected_ns) {
		newest->fault = (int16_t)step->record;
		newest->injected_ns = injected_ns;
		return;
	}
	place->fault = (int16_t)step->record;
	place->injected_ns = injected_ns;
}

/* Of most faults two records come together. */
static bool
is_second(const struct walk *walk, uint64_t number)
{
	const struct core_step *step = &history_record(walk->history, number)->step, *other;

	other = number > 0 ? &history_record(walk->history, number - 1)->step : NULL;
	return other != NULL && other->kind == NOTE_FAULT && other->record == step->record;
}

static void
remember_hand(struct walk *walk, const struct moment *before, uint16_t slot)
{
	walk->place[slot].hand = moment_in_hand(before, slot);
	walk->place[slot].progress = before->slot[slot].progress;
}

static int
on_worker_lost(struct walk *walk, const struct moment *before, const struct core_step *step)
{
	const struct moment_slot *slot = &before->slot[step->slot];
	struct recovery *recovery = newest_of(walk, step->slot);
	bool killed = step->kind == EV_WORKER_EXITED && slot->phase == PHASE_KILLED;

	/* Who was overtaken is killed for nothing that is lost but the rest of what it holds. */
	if (step->kind == ACT_KILL)
		walk->place[step->slot].overtaken = step->cause == CAUSE_SPECULATIVE;
	if (walk->place[step->slot].overtaken && (step->kind == ACT_KILL || killed))
		return 0;
	if (step->kind == EV_WORKER_EXITED &&
	    (step->incarnation != slot->incarnation || before->outcome != OUTCOME_NONE ||
	     (step->value == 0 && slot->held == 0)))
		return 0;
	if (killed && recovery != NULL && recovery->from == RECOVERY_HANG) {
		recovery->died_ns = walk->now_ns;
		recovery->status = step->value;
		return 0;
	}
	recovery =
	    begin(walk, step->kind == ACT_KILL ? RECOVERY_HANG : RECOVERY_WORKER, step->slot);
	if (recovery == NULL)
		return -ENOMEM;
	if (step->kind == EV_WORKER_EXITED)
		recovery->status = step->value;
	remember_hand(walk, before, step->slot);
	return 0;
}

/* Its fences come at once when a worker has died; others are of a worker that lives. */
static int
on_fence(struct walk *walk, const struct moment *before, const struct core_step *step)
{
	struct recovery *recovery = newest_of(walk, step->slot);
	struct place *place = place_of(walk, step->slot);
	uint64_t progress = 0;

	if (step->cause == CAUSE_DATA || step->task >= walk->tasks)
		return 0;
	if (recovery == NULL ||
	    (recovery->noticed_ns != walk->now_ns && recovery->died_ns != walk->now_ns)) {
		recovery = begin(walk, RECOVERY_FENCED, step->slot);
		if (recovery == NULL)
			return -ENOMEM;
		if (step->slot < walk->slots)
			remember_hand(walk, before, step->slot);
	}
	if (place->hand == step->task) {
		progress = place->progress;
		place->hand = NONE;
	}
	recovery->tasks++;
	lose(walk, recovery, step->task, progress);
	return 0;
}

/* All leases are void. */
static int
on_all_lost(struct walk *walk, const struct moment *before, enum recovery_from from,
            uint64_t status)
{
	struct recovery *recovery = begin(walk, from, CORE_NO_SLOT);

	if (recovery == NULL)
		return -ENOMEM;
	recovery->status = status;
	for (uint32_t i = 0; i < before->slots; i++)
		for (unsigned j = 0; j < before->slot[i].held; j++) {
			uint32_t task = before->lease[(size_t)i * before->credit + j];
			if (task >= before->tasks || before->task[task].state != TASK_LEASED ||
			    before->task[task].lost)
				continue;
			recovery->tasks++;
			lose(walk, recovery, task,
			     task == moment_in_hand(before, i) ? before->slot[i].progress : 0);
		}
	return 0;
}

/* What was done may have to be done again. */
static int
on_power_lost(struct walk *walk, const struct moment *before)
{
	int error = on_all_lost(walk, before, RECOVERY_POWER, 0);

	for (uint32_t i = 0; error == 0 && i < before->tasks; i++)
		if (before->task[i].state == TASK_DONE)
			lose(walk, newest_of(walk, CORE_NO_SLOT), i, UINT64_MAX);
	return error;
}

static bool
holds_leases(const struct moment *before)
{
	for (uint32_t i = 0; i < before->slots; i++)
		if (before->slot[i].held > 0)
			return true;
	return false;
}

static int
on_run(struct walk *walk, const struct moment *before, const struct core_step *step)
{
	switch (step->kind) {
	case NOTE_SUPERVISOR_EXITED:
		return step->value == 0
		           ? 0
		           : on_all_lost(walk, before, RECOVERY_SUPERVISOR, step->value);
	case NOTE_GENERATION:
		/* Another one was taken for dead. */
		return holds_leases(before) ? on_all_lost(walk, before, RECOVERY_SUPERVISOR, 0) : 0;
	case NOTE_RUN_STARTED:
		return before->applied == 0 || before->phase >= RUN_PHASE_OFF
		           ? 0
		           : on_all_lost(walk, before, RECOVERY_DIRECTOR, 0);
	case NOTE_POWER_LOST:
		return on_power_lost(walk, before);
	default:
		return 0;
	}
}

/* It is on its way again, or need not be. */
static void
on_task(struct walk *walk, const struct moment *before, const struct core_step *step)
{
	struct owed *owed = &walk->owed[step->task];
	const struct moment_task *task = &before->task[step->task];
	struct recovery *recovery = &walk->found->item[owed->of];
	bool found = false;

	switch (step->kind) {
	case EV_TASK_FENCED:
		found = step->value == 1;
		recovery->fenced_ns = walk->now_ns;
		break;
	case EV_TASK_DONE:
		found = moment_copy_is_at(task, step->slot) && task->copy_epoch == step->epoch;
		break;
	case EV_COPY_FENCED:
		found = step->value == 1;
		break;
	case EV_TASK_RESTORED:
		found = core_restored_state(step->value) == TASK_DONE;
		break;
	case ACT_ASSIGN:
		if ((step->cause & CORE_ASSIGN_PROBE) != 0 || task->state != TASK_READY)
			return;
		recovery->redone += owed->progress;
		owed->of = NONE;
		if (!task->lost)
			return;
		recovery->again++;
		recovery->leased_ns = walk->now_ns;
		if (walk->now_ns - task->since_ns > recovery->longest_ns)
			recovery->longest_ns = walk->now_ns - task->since_ns;
		return;
	default:
		return;
	}
	if (found) {
		recovery->found += task->lost;
		owed->of = NONE;
	}
}

static int
take(struct walk *walk, const struct moment *before, uint64_t number)
{
	const struct core_step *step = &history_record(walk->history, number)->step;
	bool of_slot = step->kind == EV_WORKER_EXITED || step->kind == ACT_KILL;

	walk->now_ns = history_time(walk->history, number);
	if (step->kind == NOTE_FAULT)
		on_fault(walk, step, history_fault_time(walk->history, number));
	else if (step->kind == NOTE_FAULT_LANDED && !is_second(walk, number))
		on_fault(walk, step, -1);
	else if (of_slot && step->slot < before->slots)
		return on_worker_lost(walk, before, step);
	else if (step->kind == ACT_FENCE)
		return on_fence(walk, before, step);
	else if (step->task < before->tasks && walk->owed[step->task].of != NONE)
		on_task(walk, before, step);
	else
		return on_run(walk, before, step);
	return 0;
}

int
recoveries_find(struct recoveries *recoveries, const struct history *history)
{
	struct walk walk = {.history = history, .found = recoveries};
	struct moment *moment = NULL;
	uint64_t count = history_count(history);
	int error;

	*recoveries = (struct recoveries){0};
	error = walk_init(&walk);
	for (uint64_t i = 0; error == 0 && i < count; i++) {
		error = history_seek(history, &moment, i);
		if (error == 0)
			error = take(&walk, moment, i);
	}
	moment_free(moment);
	free(walk.owed);
	free(walk.place);
	return error;
}

void
recoveries_free(struct recoveries *recoveries)
{
	free(recoveries->item);
	*recoveries = (struct recoveries){0};
}

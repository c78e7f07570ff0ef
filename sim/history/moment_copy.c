/* SPDX-License-Identifier: ISC
 *
 * Copies: a task that is leased twice, each time under an epoch of its own, until one of both has
 * committed or only one is left.
 */
#include "sim/history/moment_parts.h"

static void
on_wanted(struct moment_task *task, const struct core_step *step)
{
	task->copy = COPY_WANTED;
	task->twin = task->copy_epoch = step->epoch;
}

/* The attempt has ended as well, and the store has answered: the task can go on. */
static void
settle(struct moment *moment, uint32_t number)
{
	struct moment_task *task = &moment->task[number];

	task->copy = COPY_NOT;
	if (task->state == TASK_LEASED && task->wait == WAIT_FENCE && !task->asked)
		moment_task_concluded(moment, number);
}

/* Whether it is leased now says the next record. */
static void
on_granted(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (task->copy != COPY_WANTED || (step->value != 1 && step->epoch <= task->copy_epoch))
		return;
	if (step->value != 1 && step->epoch > task->epoch)
		task->epoch = step->epoch;
	settle(moment, step->task);
}

void
moment_copy_leased(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (step->slot >= moment->slots || task->state != TASK_LEASED || task->copy != COPY_NOT)
		return;
	moment->counts.leases++;
	moment->counts.copies++;
	task->copy = COPY_AT_WORK;
	task->copy_epoch = step->epoch;
	task->copy_holder = step->slot;
	moment_lease_push(moment, step->slot, step->task);
}

void
moment_copy_left_alone(struct moment *moment, uint32_t number)
{
	struct moment_task *task = &moment->task[number];

	task->wait = WAIT_FENCE;
	if (task->copy == COPY_WANTED)
		return;
	task->holder = task->copy_holder;
	if (task->copy == COPY_AT_WORK) {
		task->wait = WAIT_NONE;
		task->lost = false;
	}
}

static void
on_ended(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (!moment_copy_is_at(task, step->slot))
		return;
	moment_lease_fenced(moment, step);
	task->copy = COPY_FENCED;
	if (task->holder == task->copy_holder) {
		task->wait = WAIT_FENCE;
		moment_task_lose(moment, step->task);
	}
}

static void
on_fenced(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];

	if (task->copy != COPY_FENCED || (step->value != 1 && step->epoch <= task->copy_epoch))
		return;
	task->epoch = step->epoch > task->epoch ? step->epoch : task->epoch;
	moment->counts.failed[CAUSE_SPECULATIVE] += step->value != 1;
	if (step->value != 1 || task->state == TASK_DONE) {
		settle(moment, step->task);
		return;
	}
	task->copy = COPY_NOT;
	task->wait = WAIT_NONE;
	task->lost = false;
	moment->counts.found_done++;
	if (step->record > 0 && step->record != CORE_NO_RECORD)
		moment_task_note_dead(moment, step->task, step->record);
	moment_task_enter(moment, step->task, TASK_DONE);
}

static void
on_overtaken(struct moment *moment, const struct core_step *step)
{
	struct moment_task *task = &moment->task[step->task];
	struct moment_slot *slot;
	int index;

	if (step->slot >= moment->slots)
		return;
	slot = &moment->slot[step->slot];
	index = moment_lease_find(moment, step->slot, step->task);
	if (index >= 0)
		moment_lease_drop(moment, step->slot, index);
	if (step->value == 1 && (slot->phase == PHASE_UP || slot->phase == PHASE_SILENT))
		moment_slot_enter(moment, slot, PHASE_FENCED);
	if (moment_copy_is_at(task, step->slot))
		task->copy = COPY_NOT;
}

void
moment_apply_copy(struct moment *moment, const struct core_step *step)
{
	switch (step->kind) {
	case ACT_COPY:
		on_wanted(&moment->task[step->task], step);
		break;
	case EV_COPY_GRANTED:
		on_granted(moment, step);
		break;
	case ACT_COPY_FENCE:
		on_ended(moment, step);
		break;
	case EV_COPY_FENCED:
		on_fenced(moment, step);
		break;
	case ACT_OVERTAKEN:
		on_overtaken(moment, step);
		break;
	default:
		break;
	}
}

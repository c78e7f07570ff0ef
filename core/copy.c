/* SPDX-License-Identifier: ISC
 *
 * Copies of attempts that take too long.
 */
#include "copy.h"
#include "lease.h"
#include "retry.h"
#include "slot.h"
#include "task.h"

/* How long an attempt may take in the present stage: what is not known yet is for ever. */
static int64_t
copy_patience_ns(const struct core *core)
{
	const struct core_config *config = &core->config;
	const struct stage *stage = &core->stages[core->stage];
	int64_t patience_ns;
	if (core->stage == CORE_STAGES_MAX || stage->timed == 0 ||
	    !(config->copy_stages >> core->stage & 1))
		return CORE_NEVER;
	int64_t mean_ns = stage->spent_ns / (int64_t)stage->timed;
	if (__builtin_mul_overflow(mean_ns, (int64_t)config->copy_percent, &patience_ns))
		return CORE_NEVER;
	patience_ns /= 100;
	return patience_ns > config->copy_least_ns ? patience_ns : config->copy_least_ns;
}

static int64_t
copy_slot_due(const struct core *core, const struct slot *slot)
{
	return core_later(slot->begun_ns, copy_patience_ns(core));
}

void
copy_begun(struct core *core, uint16_t number)
{
	struct slot *slot = &core->slots[number];
	slot->begun_ns = core->now_ns;
	int64_t due_ns = core->copies ? copy_slot_due(core, slot) : CORE_NEVER;
	if (due_ns < core->copy_look_ns)
		core->copy_look_ns = due_ns;
}

void
copy_time(struct core *core, uint16_t number, uint32_t task)
{
	struct stage *stage = &core->stages[core->tasks[task].stage];
	const struct slot *slot = &core->slots[number];
	/* One that others in front of it were lost before has no beginning that is known. */
	if (!core->copies || slot->lease[0] != task || slot->passed > 0 ||
	    __builtin_add_overflow(stage->spent_ns, core->now_ns - slot->begun_ns,
	                           &stage->spent_ns))
		return;
	/* Until then nobody could be too slow. */
	if (stage->timed++ == 0)
		core->copy_look_ns = core->now_ns;
}

static bool
copy_may(const struct core *core)
{
	return core->copies && core->planned && core->outcome == OUTCOME_NONE && !core->draining &&
	       core->ready == 0 && core->copies_asked < core->room[0].count;
}

int64_t
copy_due(const struct core *core)
{
	return copy_may(core) ? core->copy_look_ns : CORE_NEVER;
}

/* Whether what the slot's worker is in is an attempt that can be copied. */
static bool
copy_fits(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	if (slot->held == 0 || slot->passed > 0 ||
	    (slot->state != SLOT_UP && slot->state != SLOT_LEAVING))
		return false;
	const struct task *task = &core->tasks[slot->lease[0]];
	return task->phase == PHASE_LEASED && task->holder == number &&
	       !(task->flags & (TASK_COPIED | TASK_ISOLATES));
}

static void
copy_ask(struct core *core, uint16_t number)
{
	uint32_t task = core->slots[number].lease[0];
	struct copy *copy = &core->copies[task];
	core_touch_task(core, task);
	CHECK(copy->state == COPY_NONE);
	copy->state = COPY_ASKED;
	copy->epoch = copy->twin = core->tasks[task].epoch;
	core->tasks[task].flags |= TASK_COPIED;
	core->copies_asked++;
	core->outstanding++;
	struct core_step *ask = core_emit(core, ACT_COPY);
	ask->slot = number;
	ask->task = task;
	ask->epoch = copy->twin;
	ask->value = (uint64_t)(core->now_ns - core->slots[number].begun_ns);
}

void
copy_look(struct core *core)
{
	int64_t next_ns = CORE_NEVER;
	if (!copy_may(core) || core->now_ns < core->copy_look_ns)
		return;
	for (uint16_t slot = 0; slot < core->config.slots; slot++) {
		if (!copy_fits(core, slot))
			continue;
		int64_t due_ns = copy_slot_due(core, &core->slots[slot]);
		if (due_ns <= core->now_ns && copy_may(core))
			copy_ask(core, slot);
		else if (due_ns < next_ns)
			next_ns = due_ns;
	}
	core->copy_look_ns = next_ns;
}

/* The attempt and its copy are both over, as far as the store is concerned. */
static void
copy_gone(struct core *core, uint32_t task)
{
	core->copies[task].state = COPY_NONE;
	if (core->tasks[task].phase == PHASE_FENCING && !(core->tasks[task].flags & TASK_ASKED))
		task_conclude(core, task);
}

static void
copy_lease(struct core *core, uint32_t number, uint16_t slot, uint32_t epoch)
{
	struct copy *copy = &core->copies[number];
	copy->state = COPY_LIVE;
	copy->epoch = epoch;
	copy->holder = slot;
	lease_hold(core, slot, number);
	core->stats.leased++;
	core->stats.copies++;
	struct core_step *assign = core_emit(core, ACT_ASSIGN);
	assign->slot = slot;
	assign->incarnation = core->slots[slot].incarnation;
	assign->task = number;
	assign->epoch = epoch;
	assign->cause = task_assign_flags(&core->tasks[number]) | CORE_ASSIGN_COPY;
	assign->value = core->tasks[number].attempt;
}

void
copy_granted(struct core *core, const struct core_step *event)
{
	if (event->task >= core->config.tasks || copy_state(core, event->task) != COPY_ASKED ||
	    (event->value != 1 && event->epoch <= core->copies[event->task].epoch)) {
		core->stats.stale++;
		return;
	}
	struct task *task = &core->tasks[event->task];
	core_touch_task(core, event->task);
	core->copies_asked--;
	core->outstanding--;
	if (event->value != 1 && event->epoch > task->epoch)
		task->epoch = event->epoch;
	bool wanted = event->value != 1 && task->phase == PHASE_LEASED && !core->draining &&
	              core->ready == 0 && core->room[0].count > 0;
	if (wanted)
		copy_lease(core, event->task, slotset_next(&core->room[0], 0), event->epoch);
	else
		copy_gone(core, event->task);
}

/* The attempt itself is overtaken by its copy. */
static void
copy_lose_attempt(struct core *core, uint32_t number)
{
	uint16_t holder = core->tasks[number].holder;
	uint32_t epoch = copy_lease_epoch(core, number, holder);
	int index = lease_find(core, &core->slots[holder], number, epoch);
	CHECK(index >= 0);
	lease_drop(core, holder, (unsigned)index);
	slot_overtaken(core, holder, number, epoch);
}

/* By the copy, or at least not by an attempt that has reported it. */
static void
copy_finish(struct core *core, uint32_t number)
{
	enum phase phase = core->tasks[number].phase;
	if (phase == PHASE_LEASED)
		copy_lose_attempt(core, number);
	task_finish(core, number, phase);
}

void
copy_done(struct core *core, uint32_t task, uint64_t dead_records)
{
	core->copies[task].state = COPY_NONE;
	core->stats.copies_won++;
	if (dead_records > 0)
		task_count_dead(core, task, dead_records);
	copy_finish(core, task);
}

void
copy_end(struct core *core, uint32_t task, enum cause cause)
{
	struct copy *copy = &core->copies[task];
	CHECK(copy->state == COPY_LIVE);
	core_touch_task(core, task);
	copy->state = COPY_ENDING;
	core->outstanding++;
	struct core_step *fence = core_emit(core, ACT_COPY_FENCE);
	fence->slot = copy->holder;
	fence->task = task;
	fence->epoch = copy->epoch;
	fence->cause = (uint8_t)cause;
	fence->value = CORE_PLANTED(core, COPY_CHARGED) && retry_charges(cause);
}

void
copy_fenced(struct core *core, const struct core_step *event)
{
	if (event->task >= core->config.tasks || copy_state(core, event->task) != COPY_ENDING ||
	    (event->value != 1 && event->epoch <= core->copies[event->task].epoch)) {
		core->stats.stale++;
		return;
	}
	struct task *task = &core->tasks[event->task];
	core_touch_task(core, event->task);
	core->outstanding--;
	if (event->epoch > task->epoch)
		task->epoch = event->epoch;
	if (event->value != 1)
		core->stats.attempts[CAUSE_SPECULATIVE]++;
	if (event->value != 1 || task->phase == PHASE_DONE) {
		copy_gone(core, event->task);
		return;
	}
	core->copies[event->task].state = COPY_NONE;
	core->stats.found_done++;
	if (event->record > 0)
		task_count_dead(core, event->task, event->record);
	copy_finish(core, event->task);
}

void
copy_lose(struct core *core, uint32_t number)
{
	struct copy *copy = &core->copies[number];
	uint16_t holder = copy->holder;
	uint32_t epoch = copy->epoch;
	int index = lease_find(core, &core->slots[holder], number, epoch);
	CHECK(index >= 0);
	lease_drop(core, holder, (unsigned)index);
	copy->state = COPY_NONE;
	slot_overtaken(core, holder, number, epoch);
}

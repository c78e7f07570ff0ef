/* SPDX-License-Identifier: ISC
 *
 * Transitions of a task.
 */
#include "task.h"
#include "copy.h"
#include "graph.h"
#include "place.h"
#include "retry.h"
#include "stage.h"

enum task_state
task_public_state(enum phase phase)
{
	static const uint8_t states[PHASES] = {
	    [PHASE_BLOCKED] = TASK_BLOCKED, [PHASE_QUEUED] = TASK_READY,
	    [PHASE_WAITING] = TASK_READY,   [PHASE_PROBING] = TASK_READY,
	    [PHASE_LEASED] = TASK_LEASED,   [PHASE_FENCING] = TASK_LEASED,
	    [PHASE_BURYING] = TASK_READY,   [PHASE_BURYING_RECORD] = TASK_READY,
	    [PHASE_DONE] = TASK_DONE,       [PHASE_DEAD] = TASK_DEAD,
	    [PHASE_SKIPPED] = TASK_SKIPPED,
	};
	return (enum task_state)states[phase];
}

uint8_t
task_assign_flags(const struct task *task)
{
	return (uint8_t)((task->flags & TASK_ISOLATES ? CORE_ASSIGN_ISOLATE : 0) |
	                 (task->flags & TASK_HAS_DEAD ? CORE_ASSIGN_SKIPS : 0));
}

static void
task_move(struct core *core, uint32_t task, enum phase from, enum phase to)
{
	CHECK(core->tasks[task].phase == from);
	core_touch_task(core, task);
	core->tasks[task].phase = (uint8_t)to;
	core->stats.tasks[task_public_state(from)]--;
	core->stats.tasks[task_public_state(to)]++;
}

static void
task_raise_epoch(struct task *task, uint32_t epoch)
{
	CHECK(epoch >= task->epoch);
	task->epoch = epoch;
}

static uint64_t
saturating_sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void
task_count_dead(struct core *core, uint32_t task, uint64_t records)
{
	uint64_t *of_stage = &core->stages[core->tasks[task].stage].dead_records;
	*of_stage = saturating_sum(*of_stage, records);
	core->stats.dead_records = saturating_sum(core->stats.dead_records, records);
	if (core->stats.dead_records > core->config.dead_letters_max && core->blame == CORE_NO_TASK)
		core->blame = task;
}

/* A task or record that was given up is one dead letter even where nobody counted records. */
static uint64_t
at_least_one(uint64_t records)
{
	return records > 0 && records != CORE_NO_RECORD ? records : 1;
}

void
task_restored(struct core *core, const struct core_step *event)
{
	uint64_t value = event->value;
	unsigned state = value & 0xff, stage = value >> 8 & 0xff, charged = value >> 16 & 0xff;
	if (core->planned || event->task >= core->config.tasks || state >= TASK_STATES ||
	    stage >= CORE_STAGES_MAX || event->epoch == 0 ||
	    core->tasks[event->task].flags & TASK_RESTORED_ONCE) {
		core->stats.stale++;
		return;
	}
	struct task *task = &core->tasks[event->task];
	core_touch_task(core, event->task);
	task->stage = (uint8_t)stage;
	task->epoch = event->epoch;
	task->flags = TASK_RESTORED_ONCE;
	task->charged =
	    (uint8_t)(charged < core->config.attempts ? charged : core->config.attempts);
	/* Why the budget is used up is not known any more; isolating is the milder guess. */
	if (charged >= core->config.attempts)
		task->flags |= TASK_ISOLATES;
	if (value >> 24 & 1)
		task->flags |= TASK_HAS_DEAD;
	if (state == TASK_DEAD || task->flags & TASK_HAS_DEAD)
		task_count_dead(core, event->task, at_least_one(event->record));
	if (state == TASK_DONE)
		task_move(core, event->task, PHASE_BLOCKED, PHASE_DONE);
	else if (state == TASK_DEAD)
		task_move(core, event->task, PHASE_BLOCKED, PHASE_DEAD);
	else if (state == TASK_SKIPPED)
		task_move(core, event->task, PHASE_BLOCKED, PHASE_SKIPPED);
	if (state == TASK_SKIPPED)
		task->reason = (uint32_t)event->record;
}

void
task_unblock(struct core *core, uint32_t task, bool first)
{
	task_move(core, task, PHASE_BLOCKED, PHASE_QUEUED);
	if (first)
		place_push_first(core, task);
	else
		place_push(core, task);
}

/* Done, dead or skipped: what waits for that can go on. */
static void
task_ended(struct core *core, uint32_t task)
{
	graph_ended(core, task);
	stage_finished_one(core, core->tasks[task].stage);
}

void
task_skip(struct core *core, uint32_t task)
{
	task_move(core, task, PHASE_BLOCKED, PHASE_SKIPPED);
	struct core_step *skip = core_emit(core, ACT_SKIP);
	skip->task = task;
	skip->record = core->config.graph ? core->tasks[task].reason : core->blame;
	task_ended(core, task);
}

/* What was lost is leased again or ended; returns whether it was lost. */
static bool
task_recover(struct core *core, struct task *task)
{
	bool lost = task->flags & TASK_LOST;
	task->flags &= (uint16_t)~TASK_LOST;
	core->stats.recovering -= lost;
	return lost;
}

void
task_lease(struct core *core, uint32_t number, uint16_t slot)
{
	struct task *task = &core->tasks[number];
	task_move(core, number, PHASE_QUEUED, PHASE_LEASED);
	core->stats.reassigned += task_recover(core, task);
	task->flags &= (uint16_t) ~(TASK_CHARGED | TASK_COPIED);
	task->holder = slot;
	task->attempt += task->attempt < UINT8_MAX;
	core->stats.leased++;
	struct core_step *assign = core_emit(core, ACT_ASSIGN);
	assign->slot = slot;
	assign->incarnation = core->slots[slot].incarnation;
	assign->task = number;
	assign->epoch = task->epoch;
	assign->cause = task_assign_flags(task);
	assign->value = task->attempt;
}

void
task_finish(struct core *core, uint32_t task, enum phase from)
{
	if (copy_state(core, task) == COPY_LIVE)
		copy_lose(core, task);
	task_move(core, task, from, PHASE_DONE);
	task_recover(core, &core->tasks[task]);
	core->stats.done++;
	core->stats.attempts[CAUSE_NONE]++;
	core->stages[core->tasks[task].stage].done++;
	task_ended(core, task);
}

void
task_done(struct core *core, uint32_t task, uint64_t dead_records)
{
	if (dead_records > 0)
		task_count_dead(core, task, dead_records);
	task_finish(core, task, PHASE_LEASED);
}

void
task_return(struct core *core, uint32_t number)
{
	struct task *task = &core->tasks[number];
	task_move(core, number, PHASE_LEASED, PHASE_QUEUED);
	/* It was never tried, so the next holder makes this attempt. */
	task->attempt -= task->attempt < UINT8_MAX;
	core->stats.returned++;
	place_push_urgent(core, number);
}

/* Books the attempt that has just ended, now that the store says it did not end in a commit. */
static void
task_book(struct core *core, struct task *task)
{
	core->stats.attempts[task->cause]++;
	if (task->cause != CAUSE_INFRA && task->cause != CAUSE_SPECULATIVE)
		task->infra = 0;
	else if (!(task->flags & TASK_LOST))
		task->infra += task->infra < UINT8_MAX;
	if (task->flags & TASK_CHARGED) {
		CHECK(task->charged < core->config.attempts);
		task->charged++;
		task->flags |= task->cause == CAUSE_DATA ? TASK_BAD_DATA : 0;
	} else if (retry_charges(task->cause)) {
		task->isolations += task->isolations < UINT8_MAX;
	}
}

void
task_fence(struct core *core, uint32_t number, enum cause cause, bool lost)
{
	struct task *task = &core->tasks[number];
	bool charged = retry_charges(cause) && !(task->flags & TASK_ISOLATES) &&
	               !(CORE_PLANTED(core, RETRY_NOT_CHARGED) && !lost);
	task_move(core, number, PHASE_LEASED, PHASE_FENCING);
	task->cause = (uint8_t)cause;
	task->flags &= (uint16_t)~TASK_CHARGED;
	core->stats.recovering += lost;
	task->flags |=
	    (uint16_t)(TASK_ASKED | (lost ? TASK_LOST : 0) | (charged ? TASK_CHARGED : 0));
	core->outstanding++;
	struct core_step *fence = core_emit(core, ACT_FENCE);
	fence->slot = task->holder;
	fence->task = number;
	fence->epoch = copy_lease_epoch(core, number, task->holder);
	fence->cause = (uint8_t)cause;
	fence->value = charged;
	if (CORE_PLANTED(core, LEASE_WITHOUT_FENCE) && lost) {
		core->outstanding--;
		task->flags &= (uint16_t)~TASK_ASKED;
		task_book(core, task);
		task_go_on(core, number);
	}
}

void
task_crashed_at(struct core *core, uint32_t number, uint64_t record)
{
	struct task *task = &core->tasks[number];
	unsigned cleared_0 = task->flags & TASK_CLEARED_0, cleared_1 = task->flags & TASK_CLEARED_1;
	uint64_t newest = task->crashed_at[0];
	/* A step of a graph is one record: nothing of it would be left without. */
	if (record == CORE_NO_RECORD || core->config.graph)
		return;
	if (record == newest) {
		task->flags |= cleared_0 ? 0 : TASK_SUSPECT;
		return;
	}
	bool seen = record == task->crashed_at[1];
	task->crashed_at[0] = record;
	task->crashed_at[1] = newest;
	task->flags &= (uint16_t) ~(TASK_CLEARED_0 | TASK_CLEARED_1);
	task->flags |=
	    (uint16_t)((cleared_0 ? TASK_CLEARED_1 : 0) | (seen && cleared_1 ? TASK_CLEARED_0 : 0) |
	               (seen && !cleared_1 ? TASK_SUSPECT : 0));
}

/* The one that the store was asked to end. */
static uint32_t
task_fenced_epoch(const struct core *core, uint32_t task)
{
	return core->copies && core->copies[task].twin > 0 ? core->copies[task].twin
	                                                   : core->tasks[task].epoch;
}

void
task_fenced(struct core *core, const struct core_step *event)
{
	if (event->task >= core->config.tasks || !(core->tasks[event->task].flags & TASK_ASKED) ||
	    (event->value != 1 && event->epoch <= task_fenced_epoch(core, event->task))) {
		if (CORE_PLANTED(core, EPOCH_GOES_BACK) && event->task < core->config.tasks)
			core->tasks[event->task].epoch = event->epoch;
		core->stats.stale++;
		return;
	}
	struct task *task = &core->tasks[event->task];
	core_touch_task(core, event->task);
	core->outstanding--;
	task->flags &= (uint16_t)~TASK_ASKED;
	if (core->copies)
		core->copies[event->task].twin = 0;
	if (event->epoch > task->epoch)
		task_raise_epoch(task, event->epoch);
	if (task->phase == PHASE_DONE)
		return; /* its copy was quicker than the store */
	if (event->value == 1) {
		core->stats.found_done++;
		if (event->record > 0 && !CORE_PLANTED(core, DEAD_NOT_COUNTED))
			task_count_dead(core, event->task, event->record);
		task_finish(core, event->task, PHASE_FENCING);
	} else if (copy_state(core, event->task) == COPY_NONE ||
	           CORE_PLANTED(core, COPY_OUTLIVES)) {
		task_conclude(core, event->task);
	}
}

void
task_conclude(struct core *core, uint32_t number)
{
	struct task *task = &core->tasks[number];
	task_book(core, task);
	if (task->flags & TASK_SUSPECT) {
		task_move(core, number, PHASE_FENCING, PHASE_PROBING);
		queue_push(&core->probe.queue, core->tasks, number);
	} else {
		task_go_on(core, number);
	}
}

static int64_t
task_delay_ns(struct core *core, struct task *task)
{
	const struct core_config *config = &core->config;
	unsigned nth = task->charged + task->isolations;
	if (task->cause == CAUSE_INFRA || task->cause == CAUSE_SPECULATIVE) {
		if (task->flags & TASK_LOST)
			return 0;
		nth = task->infra;
	} else if (task->cause != CAUSE_DATA) {
		bool first = !(task->flags & TASK_LOST_ONCE);
		task->flags |= TASK_LOST_ONCE;
		if (first)
			return 0;
	}
	return retry_backoff_ns(&core->rng, config->backoff_base_ns, config->backoff_cap_ns, nth);
}

static void
task_retry(struct core *core, uint32_t number, int64_t delay_ns)
{
	struct task *task = &core->tasks[number];
	enum phase from = task->phase;
	if (task->flags & TASK_CHARGED)
		core->stats.retries++;
	if (delay_ns > 0 || task->flags & TASK_CHARGED) {
		struct core_step *retry = core_emit(core, ACT_RETRY);
		retry->task = number;
		retry->epoch = task->epoch;
		retry->value = (uint64_t)delay_ns;
	}
	if (delay_ns > 0) {
		task_move(core, number, from, PHASE_WAITING);
		if (CORE_PLANTED(core, LOST_WAKEUP) && core->timers.count > 0)
			return;
		timers_add(&core->timers, core_later(core->now_ns, delay_ns), number);
	} else {
		task_move(core, number, from, PHASE_QUEUED);
		place_push_urgent(core, number);
		if (CORE_PLANTED(core, DOUBLE_REASSIGN) && task->flags & TASK_LOST)
			place_push_urgent(core, number);
	}
}

void
task_go_on(struct core *core, uint32_t number)
{
	struct task *task = &core->tasks[number];
	unsigned attempts = core->config.attempts + CORE_PLANTED(core, BUDGET_OFF_BY_ONE);
	bool divisible = task->flags & TASK_BAD_DATA && !core->config.graph;
	switch (retry_judge(task->cause, attempts, task->charged, divisible,
	                    task->flags & TASK_ISOLATES, task->isolations)) {
	case VERDICT_AGAIN:
		task_retry(core, number, task_delay_ns(core, task));
		break;
	case VERDICT_ISOLATE:
		task->flags |= TASK_ISOLATES;
		task_retry(core, number, 0);
		break;
	case VERDICT_BURY:
		task_move(core, number, task->phase, PHASE_BURYING);
		core->outstanding++;
		struct core_step *bury = core_emit(core, ACT_BURY);
		bury->task = number;
		bury->epoch = task->epoch;
		bury->cause = task->cause;
		bury->value = task->reason;
		break;
	}
}

void
task_wake(struct core *core, uint32_t task)
{
	task_move(core, task, PHASE_WAITING, PHASE_QUEUED);
	place_push_urgent(core, task);
}

void
task_bury_record(struct core *core, uint32_t number, uint64_t status)
{
	struct task *task = &core->tasks[number];
	task_move(core, number, PHASE_PROBING, PHASE_BURYING_RECORD);
	core->outstanding++;
	struct core_step *bury = core_emit(core, ACT_BURY_RECORD);
	bury->task = number;
	bury->epoch = task->epoch;
	bury->record = task->crashed_at[0];
	bury->value = status;
}

void
task_buried(struct core *core, const struct core_step *event)
{
	if (event->task >= core->config.tasks || core->tasks[event->task].phase != PHASE_BURYING) {
		core->stats.stale++;
		return;
	}
	core->outstanding--;
	/* What was buried of it record by record has been counted: that may be all of it. */
	bool counted = event->value == 0 && core->tasks[event->task].flags & TASK_HAS_DEAD;
	if (!counted)
		task_count_dead(core, event->task, at_least_one(event->value));
	if (core->blame == CORE_NO_TASK)
		core->blame = event->task;
	task_move(core, event->task, PHASE_BURYING, PHASE_DEAD);
	task_recover(core, &core->tasks[event->task]);
	task_ended(core, event->task);
}

void
task_record_buried(struct core *core, const struct core_step *event)
{
	if (event->task >= core->config.tasks ||
	    core->tasks[event->task].phase != PHASE_BURYING_RECORD ||
	    event->epoch < core->tasks[event->task].epoch ||
	    event->record != core->tasks[event->task].crashed_at[0]) {
		core->stats.stale++;
		return;
	}
	struct task *task = &core->tasks[event->task];
	core->outstanding--;
	core->stats.isolated++;
	task_count_dead(core, event->task, 1);
	task_raise_epoch(task, event->epoch);
	/* The record took the blame, so the task begins afresh without it. */
	task->crashed_at[0] = task->crashed_at[1] = CORE_NO_RECORD;
	task->charged = task->isolations = 0;
	task->flags &= (uint16_t)(TASK_RESTORED_ONCE | TASK_LOST | TASK_CHARGED);
	task->flags |= TASK_HAS_DEAD;
	task_retry(core, event->task, 0);
}

void
task_clear_suspect(struct core *core, uint32_t task)
{
	core->tasks[task].flags &= (uint16_t)~TASK_SUSPECT;
	core->tasks[task].flags |= TASK_CLEARED_0;
}

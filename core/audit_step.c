/* SPDX-License-Identifier: ISC
 *
 * core_audit_step: the same invariants, looked for where the last step has been, and what can only
 * be told from before and after: that a task and a slot went a way that exists.  What the audit has
 * seen is its own and comes from nothing that the step keeps, so that a counter and what it counts
 * cannot be wrong together.
 */
#include "audit.h"
#include "retry.h"

static bool
is_over(unsigned phase)
{
	return phase == PHASE_DONE || phase == PHASE_DEAD || phase == PHASE_SKIPPED;
}

/* A2: a new attempt has a new epoch, except where the last one was handed back unstarted. */
static void
audit_attempt(const struct seen_task *seen, const struct task *task)
{
	CHECK(task->epoch >= seen->epoch);
	CHECK(!is_over(seen->phase) || task->phase == seen->phase);
	if (task->epoch > seen->attempt_epoch || task->phase == PHASE_DONE ||
	    seen->attempt == UINT8_MAX || seen->copy != COPY_NONE)
		return;
	if (seen->phase == PHASE_FENCING)
		CHECK(task->phase == PHASE_FENCING);
	else if (seen->phase == PHASE_LEASED && task->phase != PHASE_FENCING)
		CHECK(task->attempt == seen->attempt - (task->phase != PHASE_LEASED));
}

/* A3: an attempt that ended is charged if its cause is, once, and nothing else ever is. */
static void
audit_charge(const struct seen_task *seen, const struct task *task)
{
	bool ended = seen->phase == PHASE_FENCING && task->phase != PHASE_FENCING &&
	             task->phase != PHASE_DONE;
	bool charged = ended && retry_charges(task->cause);
	if (seen->phase == PHASE_BLOCKED || seen->phase == PHASE_BURYING_RECORD)
		return;
	CHECK(task->charged == seen->charged + (charged && !seen->isolates));
	CHECK(task->isolations == seen->isolations + (charged && seen->isolates));
}

/* A2: the epochs of an attempt and of its copy are both new, whichever comes first.  A15: no
 * attempt begins before the copy of the one before is over. */
static void
audit_copied(const struct seen_task *seen, const struct seen_task *now)
{
	bool leased = now->phase == PHASE_LEASED && seen->phase != PHASE_LEASED;
	CHECK(now->copied_epoch >= seen->copied_epoch);
	CHECK(now->copy != COPY_LIVE || seen->copy == COPY_LIVE ||
	      now->copied_epoch > seen->copied_epoch);
	CHECK(!leased || now->copy == COPY_NONE);
	CHECK(!leased || now->copied_epoch == 0 || now->epoch > now->copied_epoch);
}

static void
audit_task_step(struct core *core, uint32_t number)
{
	struct seen *seen = &core->seen;
	struct seen_task before = seen->tasks[number], now = audit_see_task(core, number);
	const struct task *task = &core->tasks[number];
	audit_attempt(&before, task);
	audit_charge(&before, task);
	audit_copied(&before, &now);
	/* A3: of all that a worker held when it was lost, it can have been in one at most. */
	if (before.phase == PHASE_LEASED && task->phase == PHASE_FENCING &&
	    retry_charges(task->cause)) {
		struct seen_slot *holder = &seen->slots[task->holder];
		CHECK(holder->charged_at != core->steps);
		holder->charged_at = core->steps;
	}
	audit_tally_task(&seen->tally, &before, -1);
	audit_tally_task(&seen->tally, &now, 1);
	seen->tasks[number] = now;
}

/* A10: a worker is given up only when it has been silent, or stood still, for long enough. */
static void
audit_given_up(const struct core *core, const struct seen_slot *seen, const struct slot *slot)
{
	const struct core_config *config = &core->config;
	bool given_up = (slot->state == SLOT_KILLING || slot->state == SLOT_FENCED) &&
	                slot->killed_for == CAUSE_HANG;
	bool leaves = seen->state == SLOT_LEAVING && seen->held == 0;
	if (seen->state == slot->state || !given_up || leaves)
		return;
	CHECK(core->now_ns >= core_later(slot->heard_ns, config->lease_ttl_ns) ||
	      core->now_ns >= core_later(slot->progress_ns, config->dead_ns));
}

static void
audit_slot_step(struct core *core, uint16_t number)
{
	struct seen *seen = &core->seen;
	struct seen_slot before = seen->slots[number], now = audit_see_slot(core, number);
	CHECK(now.incarnation >= before.incarnation);
	audit_given_up(core, &before, &core->slots[number]);
	audit_tally_slot(&seen->tally, &before, -1);
	audit_tally_slot(&seen->tally, &now, 1);
	now.charged_at = before.charged_at;
	seen->slots[number] = now;
}

static bool
is_a_workers_word(unsigned kind)
{
	return kind == EV_BEAT || kind == EV_TASK_DONE || kind == EV_TASK_FAILED ||
	       kind == EV_TASK_RETURNED || kind == EV_COMMIT_REFUSED || kind == EV_WORKER_EXITED;
}

/* What the event alone must or must not have led to. */
static void
audit_event(const struct core *core)
{
	const struct core_step *event = &core->event;
	if (!is_a_workers_word(event->kind) || event->slot > core->config.slots)
		return;
	const struct seen_slot *seen = &core->seen.slots[event->slot];
	/* A10: a worker that has been replaced changes nothing, whatever it did. */
	if (event->incarnation != seen->incarnation) {
		CHECK(core->skipping || core->touched.tasks + core->touched.slots == 0);
		return;
	}
	if (event->kind != EV_WORKER_EXITED || event->task >= core->config.tasks)
		return;
	/* A3: a task in which a worker died has crashed, or what the worker was killed for. */
	const struct task *task = &core->tasks[event->task];
	const struct seen_task *before = &core->seen.tasks[event->task];
	if (before->phase != PHASE_LEASED || before->epoch != event->epoch ||
	    task->holder != event->slot || (seen->state == SLOT_LEAVING && event->value == 0))
		return;
	CHECK(task->phase == PHASE_FENCING);
	CHECK(task->cause ==
	      (seen->state == SLOT_KILLING ? core->slots[event->slot].killed_for : CAUSE_CRASH));
}

/* A8 and A9, as far as it can be seen from what was touched. */
static void
audit_ends(const struct core *core)
{
	audit_queue_ends(core, &core->urgent, PHASE_QUEUED);
	audit_queue_ends(core, &core->probe.queue, PHASE_PROBING);
	for (uint32_t i = 0; i < core->touched.slots; i++)
		audit_home_ends(core, core->touched.slot[i]);
	if (core->timers.count > 0)
		audit_timer(core, 0);
	if (core->timers.written < core->timers.count)
		audit_timer(core, core->timers.written);
}

/* The task and slot that the event names count as touched, whatever the step says. */
static void
audit_note_steps(struct core *core)
{
	audit_event(core);
	for (uint32_t i = 0; i < core->touched.tasks; i++)
		audit_task_step(core, core->touched.task[i]);
	if (core->event.task < core->config.tasks)
		audit_task_step(core, core->event.task);
	for (uint32_t i = 0; i < core->touched.slots; i++)
		audit_slot_step(core, core->touched.slot[i]);
	if (core->event.slot <= core->config.slots)
		audit_slot_step(core, core->event.slot);
}

static void
audit_touched(const struct core *core)
{
	for (uint32_t i = 0; i < core->touched.tasks; i++) {
		uint32_t task = core->touched.task[i];
		audit_task(core, task);
		audit_stage(core, &core->seen.tally, core->tasks[task].stage);
	}
	for (uint32_t i = 0; i < core->touched.slots; i++)
		audit_slot(core, core->touched.slot[i]);
	audit_tally(core, &core->seen.tally);
	audit_ends(core);
	audit_job(core);
}

static void
audit_see_all(struct core *core)
{
	struct seen *seen = &core->seen;
	seen->tally = (struct tally){0};
	for (uint32_t task = 0; task < core->config.tasks; task++) {
		seen->tasks[task] = audit_see_task(core, task);
		audit_tally_task(&seen->tally, &seen->tasks[task], 1);
	}
	for (uint32_t slot = 0; slot <= core->config.slots; slot++) {
		seen->slots[slot] = audit_see_slot(core, slot);
		audit_tally_slot(&seen->tally, &seen->slots[slot], 1);
	}
}

void
core_audit_step(struct core *core)
{
	struct seen *seen = &core->seen;
	bool follows = seen->steps > 0 && seen->steps + 1 == core->steps;
	bool listed = core->touched.tasks <= TOUCHED_MAX && core->touched.slots <= TOUCHED_MAX;
	if (follows && listed)
		audit_note_steps(core);
	else
		audit_see_all(core);
	/* A new stage or a new ring is news for tasks that the step did not touch. */
	if (follows && listed && seen->stage == core->stage &&
	    seen->ring_changes == core->ring.changes)
		audit_touched(core);
	else
		core_audit(core);
	seen->steps = core->steps;
	seen->stage = core->stage;
	seen->ring_changes = core->ring.changes;
}

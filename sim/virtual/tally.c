/* SPDX-License-Identifier: ISC
 *
 * The numbers that expectations speak of, counted as sim/verdict/facts.c counts them in a log.
 */
#include "sim/virtual/world.h"

static void
note_recovery(struct vworld *world, uint32_t task)
{
	struct virtual_report *report = world->report;
	struct witness *witness = &world->witness[task];
	int64_t took_ns;

	if (world->supervisor_lost_ns >= 0) {
		took_ns = world->now_ns - world->supervisor_lost_ns;
		if (took_ns > report->supervisor_ns)
			report->supervisor_ns = took_ns;
		world->supervisor_lost_ns = -1;
	}
	if (witness->lost_ns < 0)
		return;
	took_ns = world->now_ns - witness->lost_ns;
	if (took_ns > report->recovery_longest_ns)
		report->recovery_longest_ns = took_ns;
	report->recovery_sum_ns += took_ns;
	report->recoveries++;
	witness->lost_ns = -1;
}

/* Work on a task that turns out not to be done was done in vain. */
static void
note_fenced(struct vworld *world, const struct core_step *step)
{
	struct witness *witness = &world->witness[step->task];

	if (step->value == 1)
		witness->lost_ns = -1;
	else
		world->report->rework += witness->lost_records;
	witness->lost_records = 0;
}

static void
note_leased(struct vworld *world, const struct core_step *step)
{
	struct witness *witness = &world->witness[step->task];

	if ((step->cause & CORE_ASSIGN_PROBE) != 0)
		return;
	witness->copied = (step->cause & CORE_ASSIGN_COPY) != 0;
	if (witness->copied)
		return;
	witness->ended = false;
	note_recovery(world, step->task);
}

/* While its copy goes on, nothing is lost. */
static void
note_fence(struct vworld *world, const struct core_step *step)
{
	struct witness *witness = &world->witness[step->task];

	witness->ended = true;
	if (step->cause == CAUSE_DATA)
		return;
	world->report->takeovers++;
	if (!witness->copied)
		witness->lost_ns = step->at_ns;
}

void
tally_overtaken(struct vsupervisor *supervisor, const struct core_step *action)
{
	const struct vworker *worker = &supervisor->worker[action->slot];

	if (worker->alive && worker->at_task == action->task)
		supervisor->world->report->rework += vworker_uncommitted(worker);
}

void
tally_step(struct vworld *world, const struct core_step *step)
{
	struct virtual_report *report = world->report;

	placing_note(&report->placing, step);
	switch (step->kind) {
	case ACT_ASSIGN:
		note_leased(world, step);
		break;
	case ACT_FENCE:
		note_fence(world, step);
		break;
	case ACT_COPY_FENCE:
		world->witness[step->task].copied = false;
		if (world->witness[step->task].ended)
			world->witness[step->task].lost_ns = step->at_ns;
		break;
	case EV_COPY_FENCED:
	case EV_TASK_FENCED:
		note_fenced(world, step);
		break;
	case ACT_RETRY:
		report->retries++;
		break;
	case ACT_SPAWN:
		report->restarts += step->incarnation > 1;
		break;
	case EV_WORKER_EXITED:
		report->deaths += step->value != 0;
		break;
	default:
		break;
	}
}

void
tally_holder_lost(struct vworld *world, const struct vworker *worker)
{
	/* Of one that was overtaken it has been counted. */
	if (worker->at_task != CORE_NO_TASK && !world->witness[worker->at_task].done)
		world->witness[worker->at_task].lost_records = vworker_uncommitted(worker);
}

void
tally_lost(struct vworld *world, const struct vsupervisor *supervisor)
{
	world->supervisor_lost_ns = world->now_ns;
	for (uint32_t task = 0; task < world->plan->tasks; task++) {
		struct witness *witness = &world->witness[task];
		/* Nobody will ask any more what came of it. */
		world->report->rework += witness->lost_records;
		witness->lost_records = 0;
		if (supervisor->core != NULL &&
		    core_task(supervisor->core, task).state == TASK_LEASED)
			witness->lost_ns = world->now_ns;
	}
}

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

void
tally_step(struct vworld *world, const struct core_step *step)
{
	struct virtual_report *report = world->report;

	switch (step->kind) {
	case ACT_ASSIGN:
		if ((step->cause & CORE_ASSIGN_PROBE) == 0)
			note_recovery(world, step->task);
		break;
	case ACT_FENCE:
		if (step->cause == CAUSE_DATA)
			break;
		report->takeovers++;
		world->witness[step->task].lost_ns = step->at_ns;
		break;
	case EV_TASK_FENCED:
		if (step->value == 1)
			world->witness[step->task].lost_ns = -1;
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
tally_lost(struct vworld *world, const struct vsupervisor *supervisor)
{
	world->supervisor_lost_ns = world->now_ns;
	for (uint32_t task = 0; supervisor->core != NULL && task < world->plan->tasks; task++)
		if (core_task(supervisor->core, task).state == TASK_LEASED)
			world->witness[task].lost_ns = world->now_ns;
}

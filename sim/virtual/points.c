/* SPDX-License-Identifier: ISC
 *
 * Reaching a point in the virtual world: count the hit, see which faults it is for.
 */
#include "sim/virtual/world.h"

bool
point_is_modelled(enum point point)
{
	switch (point) {
	case POINT_WORKER_STARTED:
	case POINT_WORKER_BEFORE_TASK:
	case POINT_WORKER_RECORD:
	case POINT_WORKER_BEFORE_COMMIT:
	case POINT_WORKER_IN_TRANSACTION:
	case POINT_WORKER_AFTER_COMMIT_BEFORE_REPORT:
	case POINT_WORKER_AFTER_REPORT:
	case POINT_OUTPUT_BEFORE_TEMP:
	case POINT_OUTPUT_BEFORE_FSYNC:
	case POINT_OUTPUT_BEFORE_RENAME:
	case POINT_OUTPUT_AFTER_RENAME:
	case POINT_SUPERVISOR_STARTED:
	case POINT_SUPERVISOR_AFTER_GENERATION:
	case POINT_SUPERVISOR_BEFORE_PLAN_SEALED:
	case POINT_SUPERVISOR_AFTER_PLAN_SEALED:
	case POINT_SUPERVISOR_BEFORE_FENCE:
	case POINT_SUPERVISOR_AFTER_FENCE:
	case POINT_SUPERVISOR_BEFORE_JOB_DONE:
	case POINT_SUPERVISOR_AFTER_JOB_DONE:
	case POINT_WORKER_BEFORE_SUSPECT:
	case POINT_WORKER_AFTER_SUSPECT:
	case POINT_WORKER_BEFORE_ACQUIT:
	case POINT_WORKER_AFTER_ACQUIT:
	case POINT_OUTPUT_BEFORE_COMBINE:
	case POINT_OUTPUT_AFTER_FOLDER_FSYNC:
	case POINT_SUPERVISOR_BEFORE_GENERATION:
	case POINT_SUPERVISOR_AFTER_RESTORE:
	case POINT_SUPERVISOR_BEFORE_KILL:
	case POINT_SUPERVISOR_AFTER_REAP:
	case POINT_SUPERVISOR_BEFORE_CHARGE:
	case POINT_SUPERVISOR_AFTER_CHARGE:
	case POINT_SUPERVISOR_BEFORE_BURY:
	case POINT_SUPERVISOR_AFTER_BURY:
	case POINT_DIRECTOR_BEFORE_SUPERVISOR:
	case POINT_DIRECTOR_AFTER_LOCK:
	case POINT_DIRECTOR_BEFORE_VERDICT:
		return true;
	default:
		return false;
	}
}

/* Somebody else is meant: the director hears of it and acts. */
static void
ask(struct vworld *world, size_t index)
{
	world_add(world, &(struct event){.at_ns = world->now_ns + world->model->message_ns[0],
	                                 .kind = HAPPENS_INJECT,
	                                 .token = (uint32_t)index});
}

/* Which faults act at this hit; all have counted it before one of them ends whoever reached it. */
static uint64_t
due_at(struct vworld *world, enum point point)
{
	uint64_t due = 0;

	for (size_t i = 0; i < world->scenario->faults; i++) {
		const struct fault *fault = &world->scenario->fault[i];
		if (fault->when == WHEN_POINT && fault->point == point && vfault_is_due(world, i))
			due |= UINT64_C(1) << i;
	}
	return due;
}

enum reached
point_of_worker(struct vworker *worker, enum point point)
{
	struct vworld *world = worker->supervisor->world;
	uint64_t due = due_at(world, point);
	enum reached reached = REACHED_ON;

	for (; due != 0 && reached != REACHED_GONE; due &= due - 1) {
		size_t i = (size_t)__builtin_ctzll(due);
		const struct fault *fault = &world->scenario->fault[i];
		enum reached now;
		if (fault->who != WHO_SELF &&
		    !(fault->who == WHO_SLOT && fault->slot == worker->slot)) {
			/* The power goes where it is reached. */
			if (fault->what == FAULT_POWER) {
				vfault_strike(world, i, world->hits[i]);
				return REACHED_GONE;
			}
			ask(world, i);
			continue;
		}
		now = vfault_strike_worker(worker, i, world->hits[i]);
		reached = now > reached ? now : reached;
	}
	return reached;
}

enum reached
point_of_supervisor(struct vsupervisor *supervisor, enum point point)
{
	struct vworld *world = supervisor->world;
	uint64_t due = due_at(world, point);
	enum reached reached = REACHED_ON;

	for (; due != 0 && reached != REACHED_GONE; due &= due - 1) {
		size_t i = (size_t)__builtin_ctzll(due);
		const struct fault *fault = &world->scenario->fault[i];
		enum reached now;
		if (fault->what == FAULT_POWER) {
			vfault_strike(world, i, world->hits[i]);
			return REACHED_GONE;
		}
		if (fault->who != WHO_SELF && fault->who != WHO_SUPERVISOR) {
			ask(world, i);
			continue;
		}
		now = vfault_strike_supervisor(supervisor, i, world->hits[i]);
		reached = now > reached ? now : reached;
	}
	return reached;
}

enum reached
point_of_director(struct vworld *world, enum point point)
{
	uint64_t due = world_is_armed(world, point) ? due_at(world, point) : 0;

	for (; due != 0; due &= due - 1) {
		size_t i = (size_t)__builtin_ctzll(due);
		const struct fault *fault = &world->scenario->fault[i];
		if (fault->who == WHO_SELF || fault->who == WHO_DIRECTOR || fault->who == WHO_ALL) {
			vfault_strike(world, i, world->hits[i]);
			if (!world->directed)
				return REACHED_GONE;
		} else {
			ask(world, i);
		}
	}
	return REACHED_ON;
}

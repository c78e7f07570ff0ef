/* SPDX-License-Identifier: ISC
 *
 * The commit of a group (worker_commit.c): effects and `done` in one transaction, each task under
 * its own token.
 */
#include <errno.h>
#include <string.h>

#include "sim/util/plant.h"
#include "sim/virtual/world.h"

#define STORE_WAIT_NS (50 * NS_PER_MS) /* between two tries, or a beat if that is less */

/* Each of the group reaches the point; true when all have.  What is not held writes nothing, and is
 * not seen in the transaction. */
static bool
all_reach(struct vworker *worker, enum point point)
{
	struct vworld *world = worker->supervisor->world;

	if (world_is_armed(world, point))
		while (worker->reached < worker->group_count) {
			const struct finished *finished = &worker->group[worker->reached++];
			if ((finished->held || point != POINT_WORKER_IN_TRANSACTION) &&
			    point_of_worker(worker, point) != REACHED_ON)
				return false;
		}
	worker->reached = 0;
	return true;
}

static bool
report(struct vworker *worker, bool early)
{
	bool fenced = false;

	for (unsigned i = 0; i < worker->group_count; i++) {
		struct finished *finished = &worker->group[i];
		finished->held |= early;
		vworker_report(worker, finished->held ? MESSAGE_DONE : MESSAGE_FENCED,
		               finished->task, finished->epoch, CAUSE_NONE, CORE_NO_RECORD,
		               finished->held ? finished->dead_count : 0);
		fenced |= !finished->held;
	}
	return fenced;
}

bool
commit_before(struct vworker *worker)
{
	/* Whatever happens from here on, no record is to blame. */
	worker->at_record = false;
	worker->lease.task = worker->group[worker->group_count - 1].task;
	worker->lease.epoch = worker->group[worker->group_count - 1].epoch;
	if (!all_reach(worker, POINT_WORKER_BEFORE_COMMIT))
		return false;
	if (planted("report-before-commit"))
		report(worker, true);
	if (!worker->supervisor->world->scenario->job.durable) {
		for (unsigned i = 0; i < worker->group_count; i++)
			worker->group[i].held = true;
		worker->step = WORKER_COMMITTED;
		return true;
	}
	worker->after = WORKER_WRITES;
	worker->step = WORKER_LOCKS;
	return true;
}

/* Waiting for the store is progress of a kind: it is not the task that stands still. */
bool
commit_lock(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	int64_t beat_ns = world->scenario->beat_ns;
	int64_t again_ns = world->now_ns + (beat_ns < STORE_WAIT_NS ? beat_ns : STORE_WAIT_NS);

	if (lock_take(worker)) {
		worker->step = worker->after;
		return true;
	}
	worker->waits++;
	vworker_beat(worker);
	vworker_due(worker, worker->beat_due_ns > again_ns ? worker->beat_due_ns : again_ns);
	return false;
}

static bool
put_done(struct vworker *worker, const struct finished *finished)
{
	struct rows *rows = &worker->supervisor->world->rows;

	return rows_generation_is(rows, worker->generation) &&
	       rows_task_done(rows, finished->task, finished->epoch) == 1;
}

/* Which leases hold; planted: and `done` by itself, in a transaction before that of the effects. */
static void
look_ahead(struct vworker *worker)
{
	const struct rows *rows = &worker->supervisor->world->rows;
	bool current = rows_generation_is(rows, worker->generation);

	for (unsigned i = 0; i < worker->group_count; i++) {
		struct finished *finished = &worker->group[i];
		finished->held =
		    planted("checkpoint-ahead")
			? put_done(worker, finished)
			: current && rows_task_takes(rows, finished->task, finished->epoch);
	}
}

bool
commit_write(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	if (worker->reached == 0)
		look_ahead(worker);
	if (!all_reach(worker, POINT_WORKER_IN_TRANSACTION))
		return false;
	worker->step = WORKER_COMMITS;
	vworker_due(worker, world->now_ns + world_about(&world->work, world->model->commit_ns));
	return false;
}

static void
put_dead_letters(struct vworker *worker, const struct finished *finished)
{
	struct vworld *world = worker->supervisor->world;

	for (uint32_t i = 0; i < finished->dead_count; i++) {
		uint64_t record = worker->dead[finished->first_dead + i];
		int error = rows_dead_put(&world->rows, finished->task, record, false);

		if (error == -ENOMEM)
			world_no_memory(world);
		if (error != 0)
			judge_found(world, "store",
			            "task %u: record %llu could not be given up: %s",
			            finished->task, (unsigned long long)record, strerror(-error));
	}
}

static void
write_one(struct vworker *worker, struct finished *finished)
{
	struct vworld *world = worker->supervisor->world;
	bool output = world->plan->has_output && finished->task == world->plan->tasks - 1;

	if (!planted("checkpoint-ahead"))
		finished->held = put_done(worker, finished);
	trace_note(world, finished->held ? TRACE_COMMITTED : TRACE_REFUSED, worker->slot,
	           finished->task, finished->epoch, worker->generation, 0);
	if (!finished->held) {
		world->report->refused++;
		if ((world->rows.mistakes & ROWS_EFFECT_WITHOUT) == 0)
			return;
	}
	world->report->accepted += finished->held;
	if (!output && rows_effect_put(&world->rows, finished->task, finished->records) != 0)
		judge_found(world, "I2", "task %u: a second effect was to be stored at %lld ns",
		            finished->task, (long long)world->now_ns);
	put_dead_letters(worker, finished);
	judge_accepted(worker, finished->task, finished->epoch);
}

bool
commit_apply(struct vworker *worker)
{
	for (unsigned i = 0; i < worker->group_count; i++)
		write_one(worker, &worker->group[i]);
	lock_release(worker);
	worker->step = WORKER_COMMITTED;
	return true;
}

bool
commit_committed(struct vworker *worker)
{
	/* Whoever dies from here on has not worked in vain. */
	worker->group_records = 0;
	if (!all_reach(worker, POINT_WORKER_AFTER_COMMIT_BEFORE_REPORT))
		return false;
	worker->step = WORKER_REPORTS;
	return true;
}

bool
commit_report(struct vworker *worker)
{
	if (!planted("report-before-commit") && report(worker, false))
		vworker_hand_back(worker);
	worker->step = WORKER_REPORTED;
	return true;
}

bool
commit_reported(struct vworker *worker)
{
	if (!all_reach(worker, POINT_WORKER_AFTER_REPORT))
		return false;
	worker->group_count = 0;
	worker->group_records = 0;
	worker->dead_count = 0;
	vworker_no_task(worker);
	worker->step = WORKER_NEXT;
	return true;
}

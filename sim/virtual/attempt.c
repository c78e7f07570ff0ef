/* SPDX-License-Identifier: ISC
 *
 * One attempt at one task: so many units of work, each taking its time, with beats between them and
 * a stop wherever the world wants to be called.  Follows worker_attempt.c and the jobs' run().
 */
#include <stdlib.h>

#include "sim/job/csv.h"
#include "sim/util/array.h"
#include "sim/virtual/world.h"

static bool
is_slow(struct vworker *worker)
{
	if (worker->slow_ns != 0 && worker->supervisor->world->now_ns >= worker->slow_until_ns)
		worker->slow_ns = 0;
	return worker->slow_ns != 0;
}

static int64_t
unit_ns(struct vworker *worker)
{
	return worker->unit_ns + (is_slow(worker) && !worker->noop_unit ? worker->slow_ns : 0);
}

/* Its tasks read nothing: they only take their time, if any. */
static bool
only_takes_time(const struct scenario_job *job)
{
	return job->kind == JOB_NOOP || job->kind == JOB_GRAPH;
}

static void
begin_units(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	const struct scenario_job *job = &world->scenario->job;
	uint32_t task = worker->lease.task;
	int64_t setup_ns = is_slow(worker) ? worker->slow_ns : 0;

	worker->first = world->plan->first[task];
	worker->count = world->plan->records[task];
	worker->unit_ns = world_about(&world->work, world->model->record_ns);
	worker->noop_unit = only_takes_time(job) && job->task_ns > 0;
	if (worker->noop_unit) {
		worker->count = (uint64_t)((job->task_ns + NS_PER_MS - 1) / NS_PER_MS);
		worker->unit_ns = job->task_ns / (int64_t)worker->count;
	} else if (worker->count > 0 && job->task_ns / (int64_t)worker->count > worker->unit_ns) {
		worker->unit_ns = job->task_ns / (int64_t)worker->count;
	}
	/* A task that does nothing is slow before it begins and at its only record. */
	if (only_takes_time(job))
		setup_ns *= 2;
	worker->since_ns = world->now_ns + setup_ns;
}

bool
attempt_begin(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	uint32_t task = worker->lease.task;

	worker->called = false;
	worker->first_dead = worker->dead_count;
	if ((worker->lease.flags & CORE_ASSIGN_PROBE) != 0) {
		worker->after = WORKER_SUSPECTS;
		worker->step = WORKER_LOCKS;
		return true;
	}
	if (world->plan->has_output && task == world->plan->tasks - 1) {
		worker->first = worker->count = 0;
		worker->step = WORKER_OPENS;
		return vworker_passes(worker, world, POINT_OUTPUT_BEFORE_TEMP);
	}
	judge_begun(worker);
	begin_units(worker);
	if (world->record_faults != 0 && vfault_spoils_chunk(worker, task)) {
		attempt_fail(worker, CAUSE_DATA, CORE_NO_RECORD, REASON_CHECKSUM);
		return true;
	}
	worker->step = WORKER_WORKS;
	return true;
}

/* The next unit at which the world wants to be called. */
static uint64_t
next_stop(const struct vworker *worker, uint64_t end)
{
	struct vworld *world = worker->supervisor->world;
	const struct virtual_plan *plan = world->plan;
	uint64_t from = worker->first + worker->done + worker->called, stop = UINT64_MAX;

	if (worker->noop_unit)
		return worker->done == 0 && !worker->called ? 0 : UINT64_MAX;
	if (world_is_armed(world, POINT_WORKER_RECORD))
		stop = from;
	if (world->record_faults != 0 && stop != from)
		stop = vfault_next_record(world, from, end);
	if ((worker->lease.flags & CORE_ASSIGN_SKIPS) != 0) {
		uint64_t dead = rows_dead_next(&world->rows, worker->lease.task, from);
		stop = dead < stop ? dead : stop;
	}
	if (plan->bads > 0) {
		uint64_t bad = virtual_plan_bad(plan, from);
		stop = bad < stop ? bad : stop;
	}
	return stop < end ? stop - worker->first : UINT64_MAX;
}

static bool
give_up_record(struct vworker *worker, uint64_t record)
{
	uint64_t *larger =
	    array_grow(worker->dead, worker->dead_count, &worker->dead_room, sizeof(*larger));
	if (larger == NULL)
		world_no_memory(worker->supervisor->world);
	worker->dead = larger;
	worker->dead[worker->dead_count++] = record;
	return true;
}

bool
attempt_leaves_out(const struct vworker *worker, uint64_t record)
{
	return (worker->lease.flags & CORE_ASSIGN_SKIPS) != 0 &&
	       rows_dead_next(&worker->supervisor->world->rows, worker->lease.task, record) ==
	           record;
}

/* At the record at `done`: true when the attempt goes on with it or behind it. */
static bool
call_world(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	uint64_t record = worker->first + (worker->noop_unit ? 0 : worker->done);
	bool fails;

	worker->called = true;
	worker->at_record = true;
	if (attempt_leaves_out(worker, record))
		return true;
	if (!vworker_passes(worker, world, POINT_WORKER_RECORD))
		return false;
	fails = world->record_faults != 0 && vfault_at_record(worker, record);
	if (!worker->alive)
		return false;
	fails |= world->plan->bads > 0 && virtual_plan_bad(world->plan, record) == record;
	if (!fails)
		return true;
	/* Of a step of a graph nothing is left without its only record. */
	if ((worker->lease.flags & CORE_ASSIGN_ISOLATE) != 0 && world->rows.graph == NULL)
		return give_up_record(worker, record);
	attempt_fail(worker, CAUSE_DATA, record, REASON_FLAKY);
	return true;
}

void
attempt_advance(struct vworker *worker)
{
	int64_t now_ns = worker->supervisor->world->now_ns, each_ns = unit_ns(worker);
	uint64_t stop = next_stop(worker, worker->first + worker->count), units;

	if (worker->paused)
		now_ns = worker->paused_ns;
	if (now_ns <= worker->since_ns)
		return;
	if (stop > worker->count)
		stop = worker->count;
	units = (uint64_t)((now_ns - worker->since_ns) / each_ns);
	if (units > stop - worker->done)
		units = stop - worker->done;
	if (units == 0)
		return;
	worker->called = false;
	worker->done += units;
	worker->since_ns += (int64_t)units * each_ns;
	worker->at_record = true;
}

/* When the unit `number` will be begun, or the last one finished. */
static int64_t
time_of(struct vworker *worker, uint64_t number)
{
	return worker->since_ns + (int64_t)(number - worker->done) * unit_ns(worker);
}

/* Beats are sent between units. */
static int64_t
beat_at(struct vworker *worker)
{
	int64_t each_ns = unit_ns(worker), wait_ns = worker->beat_due_ns - worker->since_ns;

	if (wait_ns <= 0)
		return worker->since_ns + each_ns;
	return worker->since_ns + (wait_ns + each_ns - 1) / each_ns * each_ns;
}

static int64_t
earlier(int64_t a_ns, int64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

bool
attempt_work(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	uint64_t stop;
	int64_t due_ns;

	attempt_advance(worker);
	if (world->now_ns >= worker->since_ns && worker->done < worker->count &&
	    (worker->done > 0 || !only_takes_time(&world->scenario->job)))
		vworker_beat(worker);
	stop = next_stop(worker, worker->first + worker->count);
	if (stop == worker->done && world->now_ns >= worker->since_ns) {
		if (!call_world(worker))
			return false;
		return true; /* to see what is next, behind it */
	}
	if (worker->done >= worker->count) {
		worker->step = WORKER_FINISHES;
		return true;
	}
	due_ns = time_of(worker, stop < worker->count ? stop : worker->count);
	due_ns = earlier(due_ns, beat_at(worker));
	if (is_slow(worker))
		due_ns = earlier(due_ns, worker->slow_until_ns);
	worker->at_record = true;
	vworker_due(worker, due_ns);
	return false;
}

void
attempt_fail(struct vworker *worker, enum cause cause, uint64_t record, uint64_t reason)
{
	struct vworld *world = worker->supervisor->world;

	struct witness_ends *ends =
	    witness_ends(&world->witness[worker->lease.task], worker->lease.epoch);

	if (cause == CAUSE_DATA && ends->bad_epoch < worker->lease.epoch)
		ends->bad_epoch = worker->lease.epoch;
	worker->dead_count = worker->first_dead;
	vworker_report(worker, MESSAGE_FAILED, worker->lease.task, worker->lease.epoch, cause,
	               record, reason);
	vworker_no_task(worker);
	worker->step = WORKER_NEXT;
}

/* What it yields joins the group that is committed next. */
bool
attempt_finish(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	const struct row *row = &world->rows.row[worker->lease.task];
	struct finished *finished = &worker->group[worker->group_count];
	uint32_t given_up = worker->dead_count - worker->first_dead;
	bool skips = (worker->lease.flags & CORE_ASSIGN_SKIPS) != 0;

	*finished = (struct finished){
	    .task = worker->lease.task,
	    .epoch = worker->lease.epoch,
	    .records = world->plan->records[worker->lease.task] - given_up -
	               (skips ? row->dead_records : 0),
	    .first_dead = worker->first_dead,
	    .dead_count = given_up,
	};
	if (worker->group_count++ == 0)
		worker->group_since_ns = world->now_ns;
	worker->group_records += worker->done;
	worker->done = worker->waits = 0;
	worker->at_record = false;
	worker->step = WORKER_NEXT;
	return true;
}

/* SPDX-License-Identifier: ISC
 *
 * The output task: combine, sync, rename, sync of the folder (worker_output.c).  The sink's model
 * is whether it is in its place, whether that is synced, and of how many tasks it was made.
 */
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

bool
output_open(struct vworker *worker)
{
	worker->step = WORKER_COMBINES;
	return vworker_passes(worker, worker->supervisor->world, POINT_OUTPUT_BEFORE_COMBINE);
}

bool
output_combine(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	uint64_t effects = 0;

	for (uint32_t task = 0; task + 1 < world->plan->tasks; task++)
		effects += world->rows.row[task].effects;
	worker->seen_effects = effects;
	worker->step = WORKER_SYNCS;
	vworker_due(worker, world->now_ns + world_about(&world->work, world->model->commit_ns));
	return false;
}

bool
output_sync(struct vworker *worker)
{
	worker->step = WORKER_RENAMES;
	if (!vworker_passes(worker, worker->supervisor->world, POINT_OUTPUT_BEFORE_FSYNC))
		return false;
	vworker_due(worker, worker->supervisor->world->now_ns +
	                        worker->supervisor->world->model->commit_ns);
	return false;
}

bool
output_rename(struct vworker *worker)
{
	worker->step = WORKER_RENAMED;
	return vworker_passes(worker, worker->supervisor->world, POINT_OUTPUT_BEFORE_RENAME);
}

bool
output_renamed(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	if (worker->lease.record == CORE_NO_RECORD) { /* it was renamed before we were held */
		world->sink_synced = world->sink_there;
		worker->step = WORKER_FINISHES;
		return vworker_passes(worker, world, POINT_OUTPUT_AFTER_FOLDER_FSYNC);
	}
	/* A worker that lost its lease long ago must not replace what its successor wrote. */
	if (!rows_task_current(&world->rows, worker->lease.task, worker->lease.epoch,
	                       worker->generation)) {
		vworker_report(worker, MESSAGE_FENCED, worker->lease.task, worker->lease.epoch,
		               CAUSE_NONE, CORE_NO_RECORD, 0);
		vworker_no_task(worker);
		worker->step = WORKER_NEXT;
		return true;
	}
	world->sink_there = true;
	world->sink_synced = false;
	world->sink_effects = worker->seen_effects;
	world->sink_hollow = planted("rename-without-fsync");
	worker->lease.record = CORE_NO_RECORD;
	return vworker_passes(worker, world, POINT_OUTPUT_AFTER_RENAME);
}

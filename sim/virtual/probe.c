/* SPDX-License-Identifier: ISC
 *
 * The probe: a worker that touches one suspect record alone.  The suspicion is durable before the
 * record is touched, and gone before anybody hears that it did no harm.
 */
#include <errno.h>

#include "sim/virtual/world.h"

/* It has the lock. */
bool
probe_suspect(struct vworker *worker)
{
	worker->step = WORKER_SUSPECTED;
	return vworker_passes(worker, worker->supervisor->world, POINT_WORKER_BEFORE_SUSPECT);
}

bool
probe_suspected(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	if (rows_dead_put(&world->rows, worker->lease.task, worker->lease.record, true) == -ENOMEM)
		world_no_memory(world);
	lock_release(worker);
	worker->step = WORKER_TOUCHES;
	vworker_due(worker, world->now_ns + world->model->commit_ns);
	return false;
}

bool
probe_touch(struct vworker *worker)
{
	worker->step = WORKER_PROBES;
	return vworker_passes(worker, worker->supervisor->world, POINT_WORKER_AFTER_SUSPECT);
}

bool
probe_work(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	worker->first = worker->lease.record;
	worker->done = 0;
	worker->at_record = true;
	worker->step = WORKER_PROBED;
	if (!vworker_passes(worker, world, POINT_WORKER_RECORD))
		return false;
	if (world->record_faults != 0)
		vfault_at_record(worker, worker->lease.record);
	return worker->alive;
}

/* A record that fails as data has not killed anyone: that is for the ordinary way. */
bool
probe_worked(struct vworker *worker)
{
	worker->after = WORKER_ACQUITS;
	worker->step = WORKER_LOCKS;
	return vworker_passes(worker, worker->supervisor->world, POINT_WORKER_BEFORE_ACQUIT);
}

bool
probe_acquit(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	rows_dead_acquit(&world->rows, worker->lease.task, worker->lease.record);
	lock_release(worker);
	worker->step = WORKER_ACQUITTED;
	return vworker_passes(worker, world, POINT_WORKER_AFTER_ACQUIT);
}

bool
probe_acquitted(struct vworker *worker)
{
	vworker_report(worker, MESSAGE_SURVIVED, worker->lease.task, worker->lease.epoch,
	               CAUSE_NONE, worker->lease.record, 0);
	vworker_no_task(worker);
	worker->leaving = true;
	worker->step = WORKER_NEXT;
	return true;
}

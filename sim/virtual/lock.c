/* SPDX-License-Identifier: ISC
 *
 * The store's write lock: one writer at a time, the others wait.  Workers are served in the order
 * in which they came; the supervisor, whose loop waits for nobody, comes before them when it tries
 * again.
 */
#include "sim/virtual/world.h"

static void
enqueue(struct vworld *world, struct vworker *worker)
{
	worker->waits_for_lock = true;
	worker->next_waiting = NULL;
	if (world->waiting == NULL)
		world->waiting = worker;
	else
		world->waiting_last->next_waiting = worker;
	world->waiting_last = worker;
}

bool
lock_take(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	bool unlucky;

	if (worker->locked)
		return true;
	unlucky =
	    world->model->busy_ppm > 0 && rng_upto(&world->work, 999999) < world->model->busy_ppm;
	if (world->writer == NULL && world->now_ns >= world->locked_until_ns &&
	    !world->supervisor_waits && !unlucky) {
		world->writer = worker;
		worker->locked = true;
		return true;
	}
	if (!worker->waits_for_lock)
		enqueue(world, worker);
	/* Nobody is there who would hand it on. */
	if (world->writer == NULL)
		world_add(world, &(struct event){.at_ns = world->now_ns + world->model->commit_ns,
		                                 .kind = HAPPENS_UNLOCK});
	return false;
}

/* The first that waits and can go on gets the lock. */
static void
hand_on(struct vworld *world)
{
	while (world->waiting != NULL) {
		struct vworker *worker = world->waiting;
		world->waiting = worker->next_waiting;
		worker->waits_for_lock = false;
		/* Whoever is stopped asks again when it is woken. */
		if (!worker->alive || worker->paused || worker->step != WORKER_LOCKS)
			continue;
		world->writer = worker;
		worker->locked = true;
		vworker_due(worker, world->now_ns);
		return;
	}
}

void
lock_free(struct vworld *world)
{
	if (world->writer != NULL || world->now_ns < world->locked_until_ns)
		return;
	if (world->supervisor_waits && world->ruling != NULL && !world->ruling->paused)
		return; /* its next try is due */
	hand_on(world);
}

/* Nobody knows it any more. */
void
lock_leave(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	struct vworker **link = &world->waiting, *last = NULL;

	while (*link != NULL) {
		if (*link == worker) {
			*link = worker->next_waiting;
			continue;
		}
		last = *link;
		link = &last->next_waiting;
	}
	world->waiting_last = last;
	worker->waits_for_lock = false;
}

void
lock_release(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	if (!worker->locked)
		return;
	worker->locked = false;
	world->writer = NULL;
	lock_free(world);
}

void
lock_keep(struct vworld *world, int64_t until_ns)
{
	world->locked_until_ns = until_ns;
	if (until_ns != FOREVER)
		world_add(world, &(struct event){.at_ns = until_ns, .kind = HAPPENS_UNLOCK});
}

bool
lock_supervise(struct vsupervisor *supervisor, int64_t for_ns)
{
	struct vworld *world = supervisor->world;

	if (world->writer != NULL || world->now_ns < world->locked_until_ns) {
		world->supervisor_waits = true;
		return false;
	}
	world->supervisor_waits = false;
	lock_keep(world, world->now_ns + for_ns);
	return true;
}

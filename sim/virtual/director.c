/* SPDX-License-Identifier: ISC
 *
 * Director and operator: one supervisor after the other, one life after the other, until the job
 * has ended.
 */
#include <string.h>
#include <sys/wait.h>

#include "sim/virtual/world.h"

static void
after(struct vworld *world, enum happening what, int64_t delay_ns)
{
	world_add(world, &(struct event){.at_ns = world->now_ns + delay_ns, .kind = (uint8_t)what});
}

void
director_begin(struct vworld *world)
{
	world->directed = true;
	world->report->lives++;
	vlog_note(world, NOTE_RUN_STARTED, CORE_NO_SLOT, 0, 0);
	vfault_land_all(world, &world->director_victim, CORE_NO_SLOT);
	if (world->rows.state == RUN_DONE || world->rows.state == RUN_FAILED) {
		world->report->outcome = world->rows.outcome;
		world->over = true; /* nothing is run again */
		return;
	}
	if (point_of_director(world, POINT_DIRECTOR_AFTER_LOCK) == REACHED_ON)
		director_start(world);
}

void
director_start(struct vworld *world)
{
	struct vsupervisor *supervisor = &world->supervisor[0];

	/* One that was taken for dead keeps its place; a third there is not. */
	if (supervisor->alive)
		supervisor = &world->supervisor[1];
	if (supervisor->alive)
		vsupervisor_die(supervisor);
	if (vsupervisor_open(world, supervisor) != 0)
		world_no_memory(world);
	if (point_of_director(world, POINT_DIRECTOR_BEFORE_SUPERVISOR) != REACHED_ON)
		return;
	world->ruling = supervisor;
	vsupervisor_begin(world, supervisor);
}

static void
lose(struct vworld *world, struct vsupervisor *supervisor)
{
	vsupervisor_die(supervisor);
	for (size_t i = 0; i < supervisor->queue_count; i++)
		vsupervisor_fenced(supervisor, supervisor->queue[i].task);
	vfault_land_all(world, &world->supervisor_victim, CORE_NO_SLOT);
	world->wanted = 0;
	tally_lost(world, supervisor);
	if (supervisor == world->ruling)
		world->ruling = NULL;
}

void
director_lost(struct vworld *world, struct vsupervisor *supervisor, int status)
{
	bool ruled = supervisor == world->ruling;

	if (ruled)
		vlog_note(world, NOTE_SUPERVISOR_EXITED, CORE_NO_SLOT, 0, (uint64_t)status);
	lose(world, supervisor);
	trace_note(world, NOTE_SUPERVISOR_EXITED, CORE_NO_SLOT, CORE_NO_TASK, 0, 0,
	           (uint64_t)status);
	if (ruled && world->directed)
		after(world, HAPPENS_START, world->model->supervisor_ns);
}

void
director_ended(struct vworld *world, struct vsupervisor *supervisor)
{
	bool ruled = supervisor == world->ruling;
	enum core_outcome outcome = supervisor->outcome;

	lose(world, supervisor);
	if (!ruled)
		return;
	world->report->outcome = outcome;
	if (point_of_director(world, POINT_DIRECTOR_BEFORE_VERDICT) == REACHED_ON)
		world->over = true;
}

/* With durability power everything that was acknowledged stays, and of the commit under way all or
 * nothing. */
static void
lose_power(struct vworld *world, bool synced)
{
	struct vworker *writer = world->writer;

	trace_note(world, TRACE_POWER, CORE_NO_SLOT, CORE_NO_TASK, 0, 0, synced);
	if (synced && writer != NULL && writer->step == WORKER_COMMITS &&
	    rng_upto(&world->chance, 1) == 1)
		commit_apply(writer);
	vlog_note(world, NOTE_POWER_LOST, CORE_NO_SLOT, 0, 0);
	if (!world->sink_synced)
		world->sink_there = false;
	if (world->sink_hollow)
		world->sink_effects = 0;
}

void
director_die(struct vworld *world, bool power)
{
	bool synced = world->scenario->durability == DURABILITY_POWER &&
	              (world->rows.mistakes & ROWS_UNSYNCED) == 0;

	world->directed = false;
	if (power)
		lose_power(world, synced);
	for (size_t i = 0; i < 2; i++)
		if (world->supervisor[i].alive)
			lose(world, &world->supervisor[i]);
	/* Without syncs it is again as it was when the run was made. */
	if (power && !synced) {
		judge_powerless(world);
		rows_reset(&world->rows);
	}
	world->locked_until_ns = 0;
	after(world, HAPPENS_RESUME, world->model->resume_ns);
}

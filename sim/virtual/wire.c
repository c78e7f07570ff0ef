/* SPDX-License-Identifier: ISC
 *
 * Frames on their way between a worker and its supervisor.  The way itself keeps their order and
 * loses nothing, like the socket; everything else is a fault.
 */
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

enum fate { FATE_NONE, FATE_LOST, FATE_LATE, FATE_DOUBLED, FATE_BEHIND, FATE_DAMAGED };

static bool
drawn(struct vworld *world, uint32_t ppm)
{
	return ppm > 0 && rng_upto(&world->wire, 999999) < ppm;
}

/* What the model does to any frame.  Joining is left to the faults. */
static enum fate
fate_by_chance(struct vworld *world, const struct frame *frame)
{
	const struct model *model = world->model;

	if (frame->kind == MESSAGE_HELLO || frame->kind == MESSAGE_WELCOME)
		return FATE_NONE;
	if (drawn(world, model->drop_ppm))
		return FATE_LOST;
	if (drawn(world, model->duplicate_ppm))
		return FATE_DOUBLED;
	return drawn(world, model->reorder_ppm) ? FATE_BEHIND : FATE_NONE;
}

static enum fate
fate_of(enum fault_what what)
{
	switch (what) {
	case FAULT_DROP:
		return FATE_LOST;
	case FAULT_DELAY:
		return FATE_LATE;
	case FAULT_DUPLICATE:
		return FATE_DOUBLED;
	case FAULT_REORDER:
		return FATE_BEHIND;
	default:
		return FATE_DAMAGED;
	}
}

static enum fate
fate(struct vworker *worker, const struct frame *frame, bool up, int64_t *delay_ns)
{
	struct vworld *world = worker->supervisor->world;
	enum fate result = fate_by_chance(world, frame);

	if (world->now_ns < (up ? worker->cut_from_ns : worker->cut_to_ns)) {
		result = FATE_LOST;
		vfault_land_all(world, &worker->cut_by, worker->slot);
	} else if (world->frame_faults != 0) {
		int index = vfault_of_frame(worker, frame, up);
		if (index >= 0) {
			result = fate_of(world->scenario->fault[index].what);
			*delay_ns = world->scenario->fault[index].delay_ns;
		}
	}
	worker->disturbed |= result != FATE_NONE;
	return result;
}

/* True if nobody notices. */
static bool
damage(const struct vworld *world, struct frame *frame)
{
	if (!planted("damage-believed") || frame->task == CORE_NO_TASK ||
	    (frame->task ^ 1) >= world->plan->tasks)
		return false;
	frame->task ^= 1;
	return true;
}

static void
send(struct vworker *worker, const struct frame *frame, bool up)
{
	struct vworld *world = worker->supervisor->world;
	int64_t *last_ns = up ? &worker->last_up_ns : &worker->last_down_ns, delay_ns = 0;
	enum fate what = fate(worker, frame, up, &delay_ns);
	struct event event = {.kind = up ? HAPPENS_UP : HAPPENS_DOWN,
	                      .slot = worker->slot,
	                      .life = worker->supervisor->life,
	                      .frame = *frame};

	/* A damaged one is told by its sum. */
	if (what == FATE_LOST || (what == FATE_DAMAGED && !damage(world, &event.frame)))
		return;

	event.at_ns = world->now_ns + world_message_ns(world);
	if (event.at_ns < *last_ns)
		event.at_ns = *last_ns;
	if (what == FATE_LATE || what == FATE_BEHIND) {
		event.at_ns = world_later(
		    event.at_ns, what == FATE_LATE ? delay_ns : world->model->message_ns[1]);
	} else {
		*last_ns = event.at_ns;
	}
	world_add(world, &event);
	if (what == FATE_DOUBLED)
		world_add(world, &event);
}

void
wire_up(struct vworker *worker, const struct frame *frame)
{
	send(worker, frame, true);
}

void
wire_down(struct vworker *worker, const struct frame *frame)
{
	send(worker, frame, false);
}

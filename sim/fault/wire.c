/* SPDX-License-Identifier: ISC
 *
 * Faults on frames: which one a frame is picked by, and what becomes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/check.h"
#include "sim/fault/wire.h"
#include "sim/util/clock.h"

#define HELD_MAX 64
#define FRAME_BITS (8 * sizeof(struct message))
#define FLIPS_MAX 8
#define STRIDE 37 /* has no factor in common with FRAME_BITS: no bit is flipped twice */

struct held {
	struct message frame;
	int64_t due_ns;
};

struct wire {
	struct held held[HELD_MAX]; /* delayed, in no order */
	size_t count;
	bool swaps; /* `first` changes places with the next one */
	struct message first;
	size_t fault; /* that asked for it */
	uint16_t slot;
	uint32_t incarnation;
};

uint64_t
wire_faults(const struct scenario *scenario)
{
	uint64_t faults = 0;

	for (size_t i = 0; i < scenario->faults; i++)
		if (fault_is_of_frames(&scenario->fault[i]) ||
		    scenario->fault[i].what == FAULT_PARTITION)
			faults |= UINT64_C(1) << i;
	return faults;
}

static int64_t
evidence_of(const struct message *frame)
{
	return (int64_t)frame->kind << 56 | (int64_t)(frame->epoch & 0xffffff) << 32 | frame->task;
}

static const char *
deed_of(enum fault_what what)
{
	switch (what) {
	case FAULT_DELAY:
		return "held back";
	case FAULT_DUPLICATE:
		return "sent twice";
	case FAULT_REORDER:
		return "sent behind the next one";
	case FAULT_CORRUPT:
		return "damaged";
	default:
		return "lost";
	}
}

void
wire_describe(enum fault_what what, int64_t evidence, char *text, size_t size)
{
	const char *kind = message_kind_name((unsigned)(evidence >> 56 & 0xff));
	uint32_t task = (uint32_t)evidence, epoch = (uint32_t)(evidence >> 32 & 0xffffff);

	if (task == CORE_NO_TASK || epoch == 0)
		snprintf(text, size, "%s: %s", kind, deed_of(what));
	else
		snprintf(text, size, "%s of task %u, epoch %u: %s", kind, task, epoch,
		         deed_of(what));
}

static enum point
send_point(void)
{
	return fault_self.role == WHO_SUPERVISOR ? POINT_SUPERVISOR_SEND : POINT_WORKER_SEND;
}

/* Is this frame one of those that the fault counts? */
static bool
is_meant(const struct fault *fault, const struct message *frame, uint16_t slot)
{
	return fault_is_of_frames(fault) && fault->point == send_point() &&
	       (fault->frame == 0 || fault->frame == 1 + frame->kind) &&
	       (fault->who != WHO_SLOT || fault->slot == slot);
}

static struct wire *
make(struct wire **wire)
{
	if (wire != NULL && *wire == NULL)
		*wire = calloc(1, sizeof(**wire));
	return wire != NULL ? *wire : NULL;
}

/* Some frames cannot wait: the last one, one that there is no room for, and one before which
 * another already waits to change places. */
static bool
is_possible(const struct fault *fault, struct wire **wire)
{
	const struct wire *made;

	if (fault->what != FAULT_DELAY && fault->what != FAULT_REORDER)
		return true;
	made = make(wire);
	return made != NULL && (fault->what == FAULT_DELAY ? made->count < HELD_MAX : !made->swaps);
}

static bool
commit(size_t index, const struct message *frame, uint16_t slot, uint32_t incarnation)
{
	char what[80], where[128];

	wire_describe(fault_self.scenario->fault[index].what, evidence_of(frame), what,
	              sizeof(what));
	snprintf(where, sizeof(where), "%s: %s", point_name(send_point()), what);
	return fault_commit(index, slot, incarnation, (int)getpid(), 0, where);
}

/* The fault that this frame is picked by, or -1.  All that it is meant for count it. */
static int
pick(struct wire **wire, const struct message *frame, uint16_t slot, uint32_t incarnation)
{
	int picked = -1;

	for (uint64_t left = fault_self.wires; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (is_meant(fault, frame, slot) && fault_counts(i) && picked < 0 &&
		    is_possible(fault, wire) && commit((size_t)i, frame, slot, incarnation))
			picked = i;
	}
	return picked;
}

static bool
is_cut_off(const struct message *frame, uint16_t slot, uint32_t incarnation)
{
	enum fault_way way = send_point() == POINT_SUPERVISOR_SEND ? WAY_TO : WAY_FROM;

	for (uint64_t left = fault_self.wires; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);
		const struct fault *fault = &fault_self.scenario->fault[i];
		if (fault->what == FAULT_PARTITION &&
		    (fault->way == WAY_BOTH || fault->way == way) &&
		    fault_lasts((size_t)i, slot, incarnation, evidence_of(frame)))
			return true;
	}
	return false;
}

static void
damage(struct message *frame, size_t salt)
{
	unsigned char *bytes = (unsigned char *)frame;

	for (size_t i = 0; i <= salt % FLIPS_MAX; i++) {
		size_t bit = (salt + i * STRIDE) % FRAME_BITS;
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* Adds a frame, and behind it the one that was to change places with it. */
static int
pass(struct wire *wire, struct channel *channel, const struct message *frame, bool damaged)
{
	int error = channel_put(channel, frame);

	if (error == 0 && damaged)
		damage(&channel->gathered[channel->count - 1],
		       (size_t)atomic_load(&fault_self.area->damaged) + frame->task + frame->kind);
	if (error != 0 || wire == NULL || !wire->swaps)
		return error;
	wire->swaps = false;
	fault_landed(fault_self.area, wire->fault, wire->slot, wire->incarnation,
	             evidence_of(&wire->first));
	return channel_put(channel, &wire->first);
}

static int
pass_hurt(struct wire *wire, struct channel *channel, const struct message *frame, size_t index,
          uint16_t slot, uint32_t incarnation)
{
	const struct fault *fault = &fault_self.scenario->fault[index];
	int error = 0;

	CHECK(wire != NULL || (fault->what != FAULT_DELAY && fault->what != FAULT_REORDER));
	switch (fault->what) {
	case FAULT_DELAY:
		wire->held[wire->count++] =
		    (struct held){.frame = *frame, .due_ns = clock_now_ns() + fault->delay_ns};
		break;
	case FAULT_REORDER:
		wire->swaps = true;
		wire->first = *frame;
		wire->fault = index;
		wire->slot = slot;
		wire->incarnation = incarnation;
		return 0; /* lands when the next one has passed */
	case FAULT_DUPLICATE:
		error = pass(wire, channel, frame, false);
		if (error == 0)
			error = channel_put(channel, frame);
		break;
	case FAULT_CORRUPT:
		error = pass(wire, channel, frame, true);
		break;
	default:
		break; /* FAULT_DROP */
	}
	fault_landed(fault_self.area, index, slot, incarnation, evidence_of(frame));
	return error;
}

int
wire_hurt(struct wire **wire, struct channel *channel, const struct message *frame, uint16_t slot,
          uint32_t incarnation)
{
	int index;

	if (is_cut_off(frame, slot, incarnation))
		return 0;
	index = pick(wire, frame, slot, incarnation);
	if (index < 0)
		return pass(wire != NULL ? *wire : NULL, channel, frame, false);
	return pass_hurt(wire != NULL ? *wire : NULL, channel, frame, (size_t)index, slot,
	                 incarnation);
}

int64_t
wire_release(struct wire *wire, struct channel *channel, int64_t now_ns)
{
	int64_t due_ns = CORE_NEVER;
	size_t kept = 0;

	for (size_t i = 0; wire != NULL && i < wire->count; i++) {
		struct held held = wire->held[i];
		if (held.due_ns <= now_ns) {
			channel_put(channel, &held.frame);
			continue;
		}
		due_ns = held.due_ns < due_ns ? held.due_ns : due_ns;
		wire->held[kept++] = held;
	}
	if (wire != NULL)
		wire->count = kept;
	return due_ns;
}

void
wire_give_up(struct wire *wire, struct channel *channel)
{
	if (wire == NULL || !wire->swaps)
		return;
	wire->swaps = false;
	channel_put(channel, &wire->first);
}

void
wire_free(struct wire *wire)
{
	free(wire);
}

/* SPDX-License-Identifier: ISC
 *
 * What is going to happen: a heap by time, ties broken by the order in which things were put in.
 * Memory grows by doubling and is never given back, so an event costs no allocation.
 */
#ifndef SIM_VIRTUAL_EVENTS_H
#define SIM_VIRTUAL_EVENTS_H

#include <stdint.h>

/* A frame of the channel, as a worker or the supervisor sent it (sim/channel/message.h). */
struct frame {
	uint8_t kind; /* enum message_kind */
	uint8_t cause;
	uint16_t slot;
	uint32_t incarnation;
	uint32_t generation;
	uint32_t task;
	uint32_t epoch;
	uint64_t record;
	uint64_t value;
};

enum happening {
	HAPPENS_WORKER, /* its next step is due (token) */
	HAPPENS_WAKE,   /* a paused worker goes on (token) */
	HAPPENS_IDLE,   /* a worker to which nothing is said says so */
	HAPPENS_UP,     /* a frame arrives at the supervisor */
	HAPPENS_DOWN,   /* ... at a worker */
	HAPPENS_REAP,
	HAPPENS_REAPED, /* a worker's death is known, and nothing followed from it yet */
	HAPPENS_KILL,   /* a worker is to be killed */
	HAPPENS_STORE,  /* the supervisor tries the store again */
	HAPPENS_BOOT,   /* a new supervisor's next step */
	HAPPENS_SUPERVISOR_WAKES,
	HAPPENS_LEFT,   /* whoever has not left by now is killed */
	HAPPENS_UNLOCK, /* the supervisor's transaction is over */
	HAPPENS_START,  /* the director starts a supervisor */
	HAPPENS_RESUME, /* the operator starts a director */
	HAPPENS_FAULT,  /* its time has come (token = number) */
	HAPPENS_INJECT  /* a point asked for it (token = number) */
};

struct event {
	int64_t at_ns;
	uint8_t kind; /* enum happening */
	uint16_t slot;
	uint32_t life; /* of the supervisor it belongs to; void with it */
	uint32_t token;
	struct frame frame;
};

struct event_node {
	int64_t at_ns;
	uint32_t sequence;
	uint32_t index; /* in the pool */
};

struct events {
	struct event_node *heap;
	struct event *pool;
	uint32_t *unused; /* stack of free places in the pool */
	uint32_t count, room, sequence;
};

/* room: how many to begin with.  0 or -ENOMEM. */
int events_init(struct events *events, uint32_t room);
void events_fini(struct events *events);
/* Puts one in.  0 or -ENOMEM. */
int events_add(struct events *events, const struct event *event);
/* When the first is due; INT64_MAX: there is none. */
int64_t events_due(const struct events *events);
/* Takes the first; there must be one. */
void events_pop(struct events *events, struct event *event);

#endif

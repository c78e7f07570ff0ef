/* SPDX-License-Identifier: ISC
 *
 * Appending to a topic.  One process at a time: it holds a lock on the topic's head, which the
 * kernel frees when it is gone.  Events are gathered and written as a group; whoever is killed on
 * the way leaves a torn tail, which the next appender cuts off before it goes on.
 */
#ifndef SIM_TOPIC_TOPIC_APPENDER_H
#define SIM_TOPIC_TOPIC_APPENDER_H

#include "sim/topic/topic_event.h"
#include "sim/topic/topic_file.h"

struct topic_appender;

struct topic_wish {
	int folder; /* must outlive the appender */
	const char *name;
	size_t segment_bytes; /* at least TOPIC_SEGMENT_MIN */
	bool sync;            /* what is published survives a power cut, too */
};
#define TOPIC_SEGMENT_MIN 4096

/* What was there when it was opened. */
struct topic_state {
	uint64_t next;        /* offset of the next event */
	bool ended;           /* the last one was TOPIC_END */
	uint64_t sequence;    /* of the last one, if there is any */
	uint64_t repaired;    /* bytes of a torn tail that were cut off */
	uint64_t repaired_at; /* offset of the event that was torn */
};

/* 0; -EAGAIN: another process appends to it; -errno. */
int topic_appender_open(struct topic_appender **appender, const struct topic_wish *wish,
                        struct topic_state *state);
void topic_appender_close(struct topic_appender *appender);

/* Adds an event to the group, which is written when it is large enough.  0; -EMSGSIZE: it does not
 * fit into a segment; -errno: nothing more can be appended, open it again. */
int topic_append(struct topic_appender *appender, const struct topic_event *event);
/* Writes the group and publishes it.  0 or -errno, as before. */
int topic_flush(struct topic_appender *appender);

#endif

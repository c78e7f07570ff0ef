/* SPDX-License-Identifier: ISC
 *
 * Events and the windows of event time that they belong to.  An event is stored as its record is
 * worked on; it arrives when its turn has come, which is the order of the input; its window's rows
 * go into the sink when the window is closed, and are made anew for what comes later.
 *
 * Functions return 0 or -errno unless they say otherwise.  Whatever writes stands between
 * sink_begin and sink_commit.
 */
#ifndef SIM_SINK_SINK_WINDOWS_H
#define SIM_SINK_SINK_WINDOWS_H

#include "sim/sink/sink.h"

/* The numbers are stored. */
enum event_state {
	EVENT_STORED,  /* has not arrived */
	EVENT_WAITING, /* for its window's end */
	EVENT_LATE,    /* for its window to be made anew */
	EVENT_DROPPED,
	EVENT_OUT /* its row is in the sink */
};

struct sink_event {
	uint64_t record;
	int64_t time_ns;
	uint64_t window_ns; /* when its window begins */
	const char *source;
	size_t source_length;
};

/* The next task whose events arrive. */
struct sink_arrival {
	uint32_t task;
	bool belated; /* its turn was over before they were there */
};

/* A new event; its row has key and payload, and is that of the lease's task. */
int sink_event_add(struct sink *sink, const struct sink_row *row, uint64_t window_ns);
/* Which task is next, when tasks before `turn` have had theirs: 1, or 0 if it is not all stored
 * yet or none is left. */
int sink_arrival_next(struct sink *sink, uint64_t turn, struct sink_arrival *arrival);
/* Its events that have not arrived, in order; each() returns 0 to go on. */
int sink_arrival_each(struct sink *sink, uint32_t task,
                      int (*each)(void *context, const struct sink_event *event), void *context);
/* An event that comes too late is LATE or DROPPED; then all others of the task are WAITING. */
int sink_event_late(struct sink *sink, uint64_t record, enum event_state state);
int sink_arrival_end(struct sink *sink, uint32_t task);

/* The first window before `until` that has events of that state: 1, or 0. */
int sink_window_first(struct sink *sink, enum event_state state, uint64_t until_ns,
                      uint64_t *window_ns);
/* The first window behind all that have events which wait. */
int sink_window_last(struct sink *sink, uint64_t *window_ns);
/* Its waiting events get their rows, and effects if there are any. */
int sink_window_close(struct sink *sink, uint64_t window_ns, bool effects);
/* All its rows are deleted and made anew, with the late ones, which alone have an effect. */
int sink_window_restate(struct sink *sink, uint64_t window_ns, bool effects);

/* The states of the events of a range of records, in order; those that are not there are left out.
 */
int sink_events_each(struct sink *sink, uint64_t first, uint64_t end,
                     void (*each)(void *context, uint64_t first, uint64_t end,
                                  enum event_state state),
                     void *context);

#endif

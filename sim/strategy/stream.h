/* SPDX-License-Identifier: ISC
 *
 * How far a stream of events is, as its marks say: which task's events arrive next, up to where
 * windows may be closed, and for each source the newest event and up to where they are.
 */
#ifndef SIM_STRATEGY_STREAM_H
#define SIM_STRATEGY_STREAM_H

#include "sim/sink/sink_windows.h"
#include "sim/strategy/strategy.h"

#define STREAM_SOURCE_BYTES 64 /* of its name are kept, for people */

struct stream_source {
	int64_t item;       /* its mark, by a hash of its name */
	uint64_t closed_ns; /* all windows before that are closed; goes by compare-and-set */
	uint64_t newest_ns;
	bool stored;
	char name[STREAM_SOURCE_BYTES];
	size_t length;
};

struct stream {
	struct attempt *attempt;
	struct stream_source *source;
	size_t sources, room;
	uint64_t newest_ns; /* of all */
	uint64_t turn;      /* tasks before it have arrived */
	uint64_t bound_ns;  /* windows that begin before it may be closed; nothing of them arrives
	                       in time */
	bool turn_stored, bound_stored;
	uint64_t taken;
	uint64_t *late; /* records of the task that is arriving */
	size_t lates, lates_room;
};

/* Reads the marks; to be ended with stream_fini, also after an error. */
int stream_load(struct stream *stream, struct attempt *attempt);
void stream_fini(struct stream *stream);

/* Takes in one event, in order, and notes whether it is late. */
int stream_take(struct stream *stream, const struct sink_event *event);
/* Stores the marks, with the turn gone on to `turn`. */
int stream_store(struct stream *stream, uint64_t turn);
/* Moves each source's mark from where it is to the end of the window. */
int stream_close(struct stream *stream, uint64_t window_ns);
/* The stream is over: windows before `until` may be closed. */
int stream_end(struct stream *stream, uint64_t until_ns);

/* The beginning of the window that a time is in. */
uint64_t stream_window(const struct attempt *attempt, int64_t time_ns);

#endif

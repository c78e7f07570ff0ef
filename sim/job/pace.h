/* SPDX-License-Identifier: ISC
 *
 * Between records: when a beat is due, and when the world wants to be called.  One comparison a
 * record otherwise.
 */
#ifndef SIM_JOB_PACE_H
#define SIM_JOB_PACE_H

#include "sim/job/job.h"

#define PACE_BEAT_RECORDS 1024
#define PACE_WAITS 64 /* at most so many make up the time that a task is to take */
#define PACE_LEAVE_OUT 1

struct pace {
	struct work *work;
	uint64_t beat_at; /* the next beat is due at this record */
	uint64_t stop_at; /* the world wants to be called at this one */
	uint64_t at;      /* the lower of both: call pace_stop() from there on */
	uint64_t beat_every;
	/* Of a task that is to take its time; records: all that it has, *seen: those behind it. */
	int64_t task_ns, began_ns;
	uint64_t records;
	const uint64_t *seen;
};

/* Before the record `first`. */
void pace_begin(struct pace *pace, struct work *work, uint64_t first);
/* Spreads the time that a task is to take at least, from began_ns on, over its records: *seen
 * counts those that it is through with, and must last as long as the pace. */
void pace_spread(struct pace *pace, int64_t task_ns, int64_t began_ns, uint64_t records,
                 const uint64_t *seen);
/* Waits until the time of those that are seen has passed, if the task is to take its time. */
void pace_keep(const struct pace *pace);
/* For a record at or behind pace->at, before it is touched.  0: go on; PACE_LEAVE_OUT: it is a dead
 * letter already; -EBADMSG: it fails, being flaky; -EINTR: stop. */
int pace_stop(struct pace *pace, uint64_t record);

#endif

/* SPDX-License-Identifier: ISC
 *
 * RUN/alerts.jsonl: which alarms were begun and which have ended, a line each, only ever appended
 * to.
 */
#ifndef SIM_CLI_ALERT_MARKS_H
#define SIM_CLI_ALERT_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/rundir/rundir.h"

struct alert_mark {
	const char *reason; /* with the generation: which failure it is about */
	uint32_t generation;
	unsigned tries; /* begun so often */
	bool ended;
};

/* Fills in tries and ended of a failure.  0 or -errno. */
int alert_marks_find(const struct rundir *run, struct alert_mark *mark);

/* Writes down, durably, that try number mark->tries is about to begin, or has ended with that wait
 * status, or -errno if it could not be run.  0 or -errno. */
int alert_marks_begin(const struct rundir *run, const struct alert_mark *mark);
int alert_marks_end(const struct rundir *run, const struct alert_mark *mark, int result);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The director: owns a run, starts its supervisor again when it dies, injects the faults that come
 * from outside.
 */
#ifndef SIM_PROCESS_DIRECTOR_H
#define SIM_PROCESS_DIRECTOR_H

#include <stdbool.h>

#include "sim/process/director_end.h"
#include "sim/process/run.h"

struct director_report {
	enum director_end end;
	int signal;           /* DRAINED, KILLED: the request */
	int64_t job_ns;       /* from start to the job's end, in this life */
	uint32_t generations; /* supervisors started in this life */
};

/* Calls it with what is going on, from the director's loop: for progress. */
struct director_watch {
	void (*event)(void *context, const char *line); /* something that matters to a person */
	void (*tick)(void *context, const struct run *run, int64_t now_ns);
	int64_t tick_ns;
	void *context;
};

/* Runs the job of a run that is set up and locked to its end.  The calling process becomes a
 * subreaper and blocks SIGCHLD, SIGINT, SIGTERM and SIGHUP. */
void director_run(struct run *run, const struct director_watch *watch,
                  struct director_report *report);

#endif

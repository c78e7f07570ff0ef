/* SPDX-License-Identifier: ISC
 *
 * The file of metrics that a scenario asks for: kept current by the director while it lives, and
 * written a last time at each end of a life.  A file that cannot be written is complained of once,
 * and never stops a job.
 */
#ifndef SIM_CLI_METRICS_H
#define SIM_CLI_METRICS_H

#include "sim/process/director.h"
#include "sim/report/report.h"

struct metrics {
	const struct run *run;
	struct director_watch inner; /* whose watch it is */
	int64_t inner_due_ns, due_ns;
	struct history *history; /* NULL until it is first written */
	bool complained;
};

/* Has the watch write the run's metrics, too, every few seconds and soon after each event; nothing
 * is changed if the scenario asks for none.  *metrics lives as long as the watch. */
void metrics_watch(struct metrics *metrics, const struct run *run, struct director_watch *watch);
/* The watch is over. */
void metrics_fini(struct metrics *metrics);

/* Writes how a life has ended: state is "done", "failed" or "interrupted"; verdict NULL if none was
 * given. */
void metrics_end(const struct run *run, const char *state, const struct verdict *verdict);

#endif

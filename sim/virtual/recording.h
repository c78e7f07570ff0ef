/* SPDX-License-Identifier: ISC
 *
 * Recorders of a virtual run: one writes its event log and plan.jsonl, one compares it with the log
 * that is there.
 */
#ifndef SIM_VIRTUAL_RECORDING_H
#define SIM_VIRTUAL_RECORDING_H

#include "sim/process/run.h"
#include "sim/rundir/eventlog.h"
#include "sim/virtual/virtual.h"

struct recording {
	struct virtual_recorder recorder;
	const struct scenario *scenario;
	struct eventlog_writer log;
	FILE *plan; /* plan.jsonl */
};

/* Into the directory of the run.  0 or -errno. */
int recording_open(struct recording *recording, const struct run *run);
/* 0, or -errno: not all of it was written. */
int recording_close(struct recording *recording);

struct comparing {
	struct virtual_recorder recorder;
	struct eventlog_map log;
	uint64_t count;   /* records that came */
	uint64_t differs; /* number of the first that is not the log's; UINT64_MAX: none */
};

/* With the log of the run.  0 or -errno. */
int comparing_open(struct comparing *comparing, const struct run *run);
/* True: nothing differed, and the log has no more. */
bool comparing_close(struct comparing *comparing);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Runs a command to its end, stops it and all that come of it before each call that changes files,
 * and records in which order they are done and what they change.  The record's versions must be of
 * the slot that was entered (versions.h: fd, host).
 */
#ifndef SIM_TORTURE_TRACER_H
#define SIM_TORTURE_TRACER_H

#include "sim/torture/chance.h"
#include "sim/torture/op.h"
#include "sim/torture/spawn.h"
#include "sim/torture/world.h"

/* So long what a command leaves running may do nothing to files before it is ended. */
#define LINGER_NS INT64_C(2000000000)

struct tracing {
	const struct world *world;
	const struct job *job;
	struct record *record;
	int64_t limit_ns;
	/* All is killed before this operation, or only the process that is about to do it. */
	const char *kill_name;    /* its name, or its class; NULL: nothing is killed */
	uint32_t kill_occurrence; /* of that */
	bool kill_class, kill_one;
	enum chance chance;
	bool syncs; /* stop at what syncs, too */
	int cpu;    /* to share with the job while it is serial; -1: none */
};

/* Called as init of a PID namespace (world_init); never returns before all that it started is gone
 * or about to go with it.  The exit code: EXIT_MET; after saying what is wrong EXIT_INCONCLUSIVE,
 * if tracing is refused here, or EXIT_INTERNAL. */
int tracer_run(void *tracing);

#endif

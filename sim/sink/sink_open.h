/* SPDX-License-Identifier: ISC
 *
 * Which sink a run has: run.db itself, or what its scenario says.
 */
#ifndef SIM_SINK_SINK_OPEN_H
#define SIM_SINK_SINK_OPEN_H

#include "sim/sink/sink.h"
#include "sim/store/store.h"

struct sink_wish {
	const struct scenario *scenario;
	const char *run; /* its id */
	/* The caller's connection to run.db, and the transactions it opens there: begin(context)
	 * waits for the write lock as its process can; NULL: a reader, or somebody whose
	 * transaction is open already. */
	struct store *store;
	uint32_t generation;
	int (*begin)(void *context);
	/* Waiting for another server: called now and then, false: leave.  NULL: just wait. */
	bool (*beat)(void *context);
	void *context;
};

/* All that the wish points to must outlive the sink.  A server is not connected to before it is
 * needed.  0 or -errno. */
int sink_open(struct sink **sink, const struct sink_wish *wish);

#endif

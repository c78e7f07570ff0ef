/* SPDX-License-Identifier: ISC
 *
 * Progress on standard error: one live line on a terminal; elsewhere a line for each event that
 * matters and a summary every ten seconds.
 */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include "sim/process/director.h"

struct progress {
	bool quiet;
	bool live;  /* standard error is a terminal that can rewrite a line */
	bool shown; /* a live line stands there */
	int64_t first_ns;
	uint64_t first_done;
};

/* Fills in *watch so that it reports through *progress; quiet: not at all. */
void progress_init(struct progress *progress, struct director_watch *watch, bool quiet);
/* Takes the live line away. */
void progress_fini(struct progress *progress);

#endif

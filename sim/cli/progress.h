/* SPDX-License-Identifier: ISC
 *
 * Progress on standard error: one live line on a terminal; elsewhere a line for each event that
 * matters and a summary every ten seconds.
 */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include "sim/process/director.h"

/* Between the process that does a run and the one that shows it. */
struct progress_link {
	int told_fd, tell_fd; /* a pipe; a byte: the screen is to end */
	int alive_fd;         /* readable: it has */
	int patience_ms;      /* how long its end is waited for */
};

struct progress {
	bool quiet;
	const struct progress_link
	    *screen; /* shows it all; NULL when there is none, or it has ended */
	bool live;   /* standard error is a terminal that can rewrite a line */
	bool shown;  /* a live line stands there */
	int64_t first_ns;
	uint64_t first_done;
};

/* Fills in *watch so that it reports through *progress; quiet: not at all; lines: no live line;
 * screen: there is one beside it, or NULL. */
void progress_init(struct progress *progress, struct director_watch *watch, bool quiet, bool lines,
                   const struct progress_link *screen);
/* Takes the live line away, or waits until the screen has given the terminal back. */
void progress_fini(struct progress *progress);
/* Has the screen give the terminal back, before anything is printed there; NULL: there is none. */
void progress_screen_end(const struct progress_link *screen);

#endif

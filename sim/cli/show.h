/* SPDX-License-Identifier: ISC
 *
 * Showing a run: what watch and replay do, and what run does beside its work on a terminal.
 */
#ifndef SIM_CLI_SHOW_H
#define SIM_CLI_SHOW_H

#include <stdint.h>

#include "sim/cli/life.h"
#include "sim/virtual/branch.h"
#include "tui/view/branches.h"

enum show_how { SHOW_SCREEN, SHOW_LINES, SHOW_SENTENCES, SHOW_TEXT, SHOW_SVG };

struct show {
	const char *name; /* of the run */
	bool watch;
	enum show_how how;
	int rows, columns; /* of what is printed */
	int64_t at_ns;
	bool ascii;
	bool told;       /* explained, and left by a key, for who sees a run for the first time */
	bool readonly;   /* nothing is done to the run from the screen */
	bool of_own_run; /* beside the process that does the run: Ctrl-C is that one's */
	struct progress_link link; /* to it, then */
	int answer_fd; /* what the director says to the last request comes here; -1: nothing is
	                  asked */
	struct run run;
	struct forked {
		struct branch branch;
		struct history *history;
	} * fork[BRANCHES_MAX]; /* of it, and each of the one before */
	size_t forks;
};

/* Opens the run and shows it.  The exit code. */
int show_run(struct show *show);

/* Does the work with a screen (or lines, or sentences) beside it that follows the run of that name,
 * once it is there and takes longer than a moment.  work gets `life` with its link to the screen;
 * it returns the exit code. */
int show_beside(const char *name, enum show_how how, bool told, struct life *life,
                int (*work)(void *context), void *context);

/* Is this process in the foreground of a terminal that can show screens? */
bool show_is_possible(void);

#endif

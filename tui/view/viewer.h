/* SPDX-License-Identifier: ISC
 *
 * The loop of whoever looks at a run: on a full screen, or line by line.
 */
#ifndef TUI_VIEW_VIEWER_H
#define TUI_VIEW_VIEWER_H

#include "tui/view/view.h"

struct viewer {
	struct history *history; /* open; the caller's */
	bool watch;              /* follow a run; else replay it */
	bool ascii;
	bool keep_interrupts; /* Ctrl-C is not for the viewer */
	bool tell;            /* what is going on, and why, for who sees a run for the first time */
	bool linger;          /* when the screen is to end, it waits for a key */
	/* watch: is the run held by a director?  Asked about once a second. */
	bool (*is_held)(void *context);
	bool (*is_done)(void *context); /* the screen, or the lines, are to end */
	/* Makes a branch of the run that is looked at, with this fault behind that run time: its
	 * history, or NULL with the reason in why[size].  leave: closes the last one again.  NULL:
	 * nothing is forked here. */
	struct history *(*fork)(void *context, int64_t at_ns, const char *fault, char *why,
	                        size_t size);
	void (*leave)(void *context);
	/* Sends a request to the run's director, one after the other: 0 or -errno.  NULL: nothing
	 * is done to the run from here. */
	int (*ask)(void *context, const char *request);
	/* Its answer, cut to size, once it has come: 0 or -errno (-EAGAIN: not yet). */
	int (*hear)(void *context, char *text, size_t size);
	void *context;
};

/* Shows the run on this process's terminal until somebody quits or a signal comes: 0, 128 + that
 * signal, or -errno.  At most ten times a second, and after each key. */
int viewer_run(const struct viewer *viewer);

/* Prints a sentence for each event that matters, and while the run goes on how far it is, every ten
 * seconds; until the run is over, or nobody runs it any more.  plain: whole sentences without
 * brackets and columns, for whoever hears them.  0, 128 + signal, or -errno. */
int viewer_print_lines(const struct viewer *viewer, bool plain, FILE *out);

/* Prints one screen: of that size, at that run time (INT64_MAX: the end). */
int viewer_print_screen(const struct viewer *viewer, int rows, int columns, int64_t at_ns, bool svg,
                        FILE *out);

#endif

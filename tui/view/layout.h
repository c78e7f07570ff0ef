/* SPDX-License-Identifier: ISC
 *
 * Which pane stands where on a screen of a given size.  A small one has fewer panes, none is
 * refused.
 */
#ifndef TUI_VIEW_LAYOUT_H
#define TUI_VIEW_LAYOUT_H

#include <stdbool.h>

enum pane {
	PANE_HEADER,
	PANE_PROGRESS,
	PANE_COUNTS,
	PANE_BOOKS,
	PANE_STAGES, /* one line */
	PANE_LANES,
	PANE_TASKS,
	PANE_EXPECT,
	PANE_EVENTS,
	PANE_STORY,
	PANE_TALE,    /* of a run that is told */
	PANE_SUMMARY, /* of the expectations, one line, where they have no pane */
	PANE_TAPE,    /* of a replay */
	PANE_HINTS,
	PANES
};

/* Pages: the overview, or one pane with all the room. */
enum page {
	PAGE_OVERVIEW,
	PAGE_WORKERS,
	PAGE_TASKS,
	PAGE_STAGES,
	PAGE_EVENTS,
	PAGE_EXPECT,
	PAGE_STORY,
	PAGES
};

/* No rows: it is not there. */
struct box {
	int row, column, rows, columns;
};

struct layout {
	struct box box[PANES];
};

/* What wants room. */
struct contents {
	bool told;     /* the run is told */
	bool replayed; /* there is a tape */
	int slots;     /* that have a lane */
	int tasks;     /* on the map */
	int lines;     /* of expectations and faults */
};

void layout_make(struct layout *layout, enum page page, int rows, int columns,
                 const struct contents *contents);

#endif

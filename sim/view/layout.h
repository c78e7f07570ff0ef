/* SPDX-License-Identifier: ISC
 *
 * Which pane stands where on a screen of a given size.  A small one has fewer panes, none is
 * refused.
 */
#ifndef SIM_VIEW_LAYOUT_H
#define SIM_VIEW_LAYOUT_H

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

/* told: the run is told; slots: how many have a lane; tasks: how many are on the map; lines: how
 * many the expectations and faults take. */
void layout_make(struct layout *layout, enum page page, bool told, int rows, int columns, int slots,
                 int tasks, int lines);

#endif

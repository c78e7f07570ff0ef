/* SPDX-License-Identifier: ISC
 *
 * Dividing the screen.  From the outside inwards: the header above, the hints below, then what is
 * one line, then the lanes, and the rest is shared.
 */
#include "tui/view/layout.h"

#define WIDE_COLUMNS 110
#define WIDE_ROWS 28
#define EXPECT_COLUMNS 50
#define SUMMARY_ROWS 14
#define TAPE_ROWS 24
#define EVENTS_MIN 3 /* heading included */

struct room {
	int row, end, columns;
};

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
most(int a, int b)
{
	return a > b ? a : b;
}

static void
give(struct layout *layout, enum pane pane, struct room *room, int rows)
{
	rows = least(rows, room->end - room->row);
	layout->box[pane] = (struct box){
	    .row = room->row, .rows = most(rows, 0), .column = 0, .columns = room->columns};
	room->row += most(rows, 0);
}

/* One line, from the bottom. */
static void
give_last(struct layout *layout, enum pane pane, struct room *room)
{
	room->end--;
	layout->box[pane] = (struct box){.row = room->end, .rows = 1, .columns = room->columns};
}

/* What is one line at the top, by what it is worth on a screen of that many rows. */
static void
give_lines(struct layout *layout, struct room *room, int rows)
{
	give(layout, PANE_HEADER, room, 1);
	give(layout, PANE_PROGRESS, room, rows >= 4);
	give(layout, PANE_COUNTS, room, rows >= SUMMARY_ROWS);
	give(layout, PANE_BOOKS, room, rows >= 7);
	give(layout, PANE_STAGES, room, rows >= 20);
}

static void
give_whole_page(struct layout *layout, enum page page, struct room *room)
{
	static const enum pane whole[PAGES] = {
	    [PAGE_WORKERS] = PANE_LANES, [PAGE_TASKS] = PANE_TASKS,   [PAGE_STAGES] = PANE_STAGES,
	    [PAGE_EVENTS] = PANE_EVENTS, [PAGE_EXPECT] = PANE_EXPECT, [PAGE_STORY] = PANE_STORY};

	give(layout, whole[page], room, room->end - room->row);
}

/* The task map on the left, expectations and story on the right. */
static void
give_wide_middle(struct layout *layout, struct room *room, int tasks, int lines)
{
	int left = room->columns - EXPECT_COLUMNS - 2, rest = room->end - room->row;
	int rows = most(1 + (tasks + left - 1) / left, 2 + lines + 6);
	struct room right = *room;

	rows = least(rows, rest * 6 / 10);
	give(layout, PANE_TASKS, room, rows);
	layout->box[PANE_TASKS].columns = left;
	right.end = right.row + rows;
	right.columns = EXPECT_COLUMNS;
	give(layout, PANE_EXPECT, &right, least(1 + lines, most(rows - 6, rows / 2)));
	give(layout, PANE_STORY, &right, right.end - right.row);
	layout->box[PANE_EXPECT].column = layout->box[PANE_STORY].column = left + 2;
}

/* For the longest thing that is told, where there is room. */
static int
tale_lines(int rows, int columns)
{
	int wanted = most(350 / columns + 2, 5);

	return least(wanted, rows < SUMMARY_ROWS ? rows / 3 : rows / 4);
}

/* Lanes, and below them what else there is room for. */
static void
give_overview(struct layout *layout, struct room *room, int rows, const struct contents *contents)
{
	int columns = room->columns, lanes, map;

	give_lines(layout, room, rows);
	if (contents->told)
		give(layout, PANE_TALE, room, 1 + tale_lines(rows, columns));
	lanes = room->end - room->row - (rows >= SUMMARY_ROWS);
	lanes =
	    most(least(contents->slots + 3, rows < SUMMARY_ROWS ? lanes - 2 : lanes * 6 / 10), 3);
	give(layout, PANE_LANES, room, lanes);
	if (columns >= WIDE_COLUMNS && rows >= WIDE_ROWS) {
		give_wide_middle(layout, room, contents->tasks, contents->lines);
		give(layout, PANE_EVENTS, room, room->end - room->row);
		return;
	}
	if (rows >= SUMMARY_ROWS)
		give_last(layout, PANE_SUMMARY, room);
	map = least(1 + (contents->tasks + columns - 1) / columns,
	            (room->end - room->row - EVENTS_MIN) / 2);
	if (rows >= 20 && map >= 2)
		give(layout, PANE_TASKS, room, map);
	give(layout, PANE_EVENTS, room, room->end - room->row);
}

void
layout_make(struct layout *layout, enum page page, int rows, int columns,
            const struct contents *contents)
{
	struct room room = {.end = rows, .columns = columns};

	*layout = (struct layout){0};
	if (rows < 2) {
		give(layout, PANE_HEADER, &room, 1);
		return;
	}
	give_last(layout, PANE_HINTS, &room);
	if (contents->replayed && rows >= TAPE_ROWS)
		give_last(layout, PANE_TAPE, &room);
	if (page == PAGE_OVERVIEW) {
		give_overview(layout, &room, rows, contents);
		return;
	}
	give(layout, PANE_HEADER, &room, 1);
	give(layout, PANE_PROGRESS, &room, rows >= 8);
	give_whole_page(layout, page, &room);
}

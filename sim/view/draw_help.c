/* SPDX-License-Identifier: ISC
 *
 * Keys: the hints at the bottom, and the help, both from the table of keys.
 */
#include <stdio.h>
#include <string.h>

#include "sim/view/draw.h"
#include "sim/view/keys.h"

#define LABEL_COLUMNS 9

static const char *const legend[] = {
    "",
    "In a worker's lane each column is a piece of time, and what stands in it is the worst of it:",
    "  1 2 3 ..  that attempt of a task; 1 is the first, 2 the first retry; + is more than nine",
    "  K H F     how an attempt ended: its worker died, it hung, it failed",
    "  L R       taken away with its worker or supervisor; its commit was refused as stale",
    "  ~         silent: its progress stands still.  Suspected, not dead: it may still write",
    "  r  Q  p   starting; quarantined, as it died too often; tries one record alone",
    "  .         up and idle; blank: nobody is there",
    "FAULTS      what the scenario did, by its name, under the moment at which it struck",
    "",
    "BOOKS       every record of the input is in exactly one place: committed, leased, waiting or",
    "            a dead letter.  When they do not balance, a record was lost or doubled",
    "lease       the right of one worker to do one task until a deadline",
    "epoch       number of a task's lease; a commit under an older one is refused",
    "#17         task number 17;  w2: the worker in place 2;  generation: of the supervisor",
};

static int
help_lines(void)
{
	return 1 + (int)key_row_count + (int)(sizeof(legend) / sizeof(legend[0]));
}

int
help_scroll_within(const struct view *view, int scroll)
{
	int most = help_lines() - (view->rows - 1);

	if (scroll > most)
		scroll = most;
	return scroll < 0 ? 0 : scroll;
}

void
draw_help(const struct view *view, struct grid *grid)
{
	int line = -view->scroll, end = grid->rows - 1;

	if (line >= 0)
		grid_put(grid, line, 0, grid->columns, GRID_BOLD,
		         "Help.  ? or Esc closes it, arrows and PgDn scroll");
	line++;
	for (size_t i = 0; i < key_row_count; i++, line++) {
		if (line >= end)
			continue;
		grid_put(grid, line, 1, LABEL_COLUMNS - 1, GRID_BOLD, key_rows[i].label);
		grid_put(grid, line, 1 + LABEL_COLUMNS, grid->columns, 0, key_rows[i].help);
	}
	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++, line++)
		if (line < end)
			grid_put(grid, line, 1, grid->columns, 0, legend[i]);
	if (line > end)
		grid_print(grid, end, 0, GRID_REVERSE, " +%d more lines: Down, PgDn ", line - end);
	else
		grid_put(grid, end, 0, grid->columns, GRID_REVERSE, " the end ");
}

/* What is typed, what was said, or how to go on with a run that nobody runs. */
static bool
draw_word(const struct view *view, struct grid *grid, const struct box *box)
{
	if (view->prompt != PROMPT_NONE) {
		grid_print(grid, box->row, 0, GRID_BOLD, "%s: %s_   Enter: go, Esc: no",
		           view->prompt == PROMPT_FIND ? "find" : "time in seconds", view->text);
		return true;
	}
	if (view->message[0] != '\0')
		grid_put(grid, box->row, 0, box->columns, GRID_REVERSE, view->message);
	return view->message[0] != '\0';
}

void
draw_hints(const struct view *view, struct grid *grid, const struct box *box)
{
	int column = 0;

	if (draw_word(view, grid, box))
		return;
	for (size_t i = 0; i < key_row_count; i++) {
		const struct key_row *row = &key_rows[i];
		int width;
		if (row->hint == NULL || (row->command == DO_FASTER && view->watch))
			continue;
		width = grid_width(row->label) + 1 + grid_width(row->hint);
		if (column > 0 && column + width > box->columns)
			break;
		column +=
		    grid_put(grid, box->row, column, box->columns - column, GRID_BOLD, row->label);
		column +=
		    grid_put(grid, box->row, column + 1, box->columns - column, 0, row->hint) + 3;
	}
}

/* SPDX-License-Identifier: ISC
 *
 * The whole run in one line, whatever part of it the lanes show: faults, and where one stands.
 */
#include <string.h>

#include "tui/view/axis.h"
#include "tui/view/draw.h"

#define LABEL_COLUMNS 5

/* The column of a time; the last one is the end's. */
static int
column_of(const struct view *view, int columns, int64_t ns)
{
	int64_t end_ns = history_end(view->history);
	double share = end_ns > 0 ? (double)ns / (double)end_ns : 0;

	return share > 1 ? columns - 1 : (int)(share * (columns - 1));
}

void
draw_tape(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct scenario *scenario = history_scenario(view->history);
	size_t count;
	const uint64_t *fault = history_faults(view->history, &count);
	char end[24];
	int columns, now;

	time_text(history_end(view->history), end, sizeof(end));
	columns = box->columns - LABEL_COLUMNS - grid_width(end) - 3;
	if (columns < 2)
		return;
	grid_put(grid, box->row, 0, LABEL_COLUMNS, GRID_BOLD, "TAPE");
	grid_put(grid, box->row, LABEL_COLUMNS, 1, 0, "|");
	grid_fill(grid, box->row, LABEL_COLUMNS + 1, columns, GRID_DIM, '.');
	grid_print(grid, box->row, LABEL_COLUMNS + 1 + columns, 0, "| %s", end);
	for (size_t i = 0; i < count; i++) {
		uint64_t number = history_record(view->history, fault[i])->step.record;
		int column = column_of(view, columns, history_fault_time(view->history, fault[i]));
		const char *id = number < scenario->faults ? scenario->fault[number].id : "*";
		grid_put(grid, box->row, LABEL_COLUMNS + 1 + column, columns - column,
		         ROLE_FAULT | GRID_BOLD, column + grid_width(id) > columns ? "*" : id);
	}
	now = LABEL_COLUMNS + 1 + column_of(view, columns, view->now_ns);
	if (grid_cell(grid, box->row, now).rune == '.')
		grid_fill(grid, box->row, now, 1, GRID_BOLD, '^');
	else
		grid_mark(grid, box->row, now, 1, GRID_REVERSE | GRID_BOLD);
}

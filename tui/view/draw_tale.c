/* SPDX-License-Identifier: ISC
 *
 * What is going on, in plain words, the latest first.
 */
#include <stdio.h>

#include "sim/util/clock.h"
#include "tui/view/draw.h"

#define TIME_COLUMNS 8
#define NARROW 60

void
draw_tale(const struct view *view, struct grid *grid, const struct box *box)
{
	int row = box->row + 1, end = box->row + box->rows;
	int indent = box->columns < NARROW ? 0 : TIME_COLUMNS;
	size_t count = tale_until(view->tale, view->at);

	draw_title(grid, box, false, "what is going on, and why");
	for (size_t i = count; i > 0 && row < end; i--) {
		const struct tale_item *item = &view->tale->item[i - 1];
		const char *text = item->text;
		if (indent > 0 && item->record != TALE_BEFORE)
			grid_print(grid, row, box->column, GRID_DIM, "%6.1f s",
			           (double)item->at_ns / (double)NS_PER_S);
		while (text != NULL && row < end)
			text = draw_words(grid, row++, box->column + indent + (indent > 0),
			                  box->columns - indent - (indent > 0),
			                  i == count ? GRID_BOLD : 0, text);
	}
}

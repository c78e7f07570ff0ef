/* SPDX-License-Identifier: ISC
 *
 * Keys: the hints at the bottom, and the help, both from the table of keys.
 */
#include <stdio.h>
#include <string.h>

#include "tui/view/draw.h"
#include "tui/view/keys.h"

#define LABEL_COLUMNS 9

static const struct {
	const char *sign, *meaning;
} legend[] = {
    {"", ""},
    {"lanes",
     "each column is a piece of time, and what stands in it is the worst that happened then"},
    {"1 2 3 +", "that attempt of a task: 1 the first, 2 the first retry; + more than nine"},
    {"K H F", "how an attempt ended: its worker died, it hung, it failed"},
    {"L R", "taken away with its worker or supervisor; its commit was refused as stale"},
    {"~", "silent: its progress stands still. Suspected, not dead: it may still write"},
    {"r Q p", "starting; quarantined, as it died too often; tries one record alone"},
    {"c O", "a copy of an attempt that takes long; overtaken by another at the same task"},
    {". blank", "up and idle; nobody is there"},
    {"FAULTS", "what the scenario did, by its name, under the moment at which it struck"},
    {"\u25b2 ^", "below the lanes and on the tape: where one stands"},
    {"TAPE", "the whole run, its faults by their names"},
    {"BOOKS",
     "every record of the input is in exactly one place: committed, leased, waiting or a dead "
     "letter. When they do not balance, a record was lost or doubled"},
    {"lease", "the right of one worker to do one task until a deadline"},
    {"epoch", "number of a task's lease; a commit under an older one is refused"},
    {"#17 w2", "task number 17; the worker in place 2"},
};

/* The help as lines of a given width: those from `first` on are drawn into the grid. */
struct page_of_help {
	struct grid *grid;
	int line, columns;
	int first, rows; /* of what is shown; rows 0: it is only measured */
};

static void
add_words(struct page_of_help *help, int column, uint32_t look, const char *text)
{
	int width = help->columns - column;

	do {
		int row = help->line++ - help->first;
		bool shown = row >= 0 && row < help->rows;
		/* A row that is not shown is laid out where nothing is drawn. */
		text = draw_words(help->grid, shown ? row : -1, column, width > 8 ? width : 8, look,
		                  text);
	} while (text != NULL);
}

static int
lay_out(struct page_of_help *help)
{
	add_words(help, 0, GRID_BOLD, "Help.  ? or Esc closes it, arrows and PgDn scroll");
	for (size_t i = 0; i < key_row_count; i++) {
		int row = help->line - help->first;
		if (row >= 0 && row < help->rows)
			grid_put(help->grid, row, 1, LABEL_COLUMNS - 1, GRID_BOLD,
			         key_rows[i].label);
		add_words(help, 1 + LABEL_COLUMNS, 0, key_rows[i].help);
	}
	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
		int row = help->line - help->first;
		if (row >= 0 && row < help->rows)
			grid_put(help->grid, row, 1, LABEL_COLUMNS - 1, GRID_BOLD, legend[i].sign);
		add_words(help, 1 + LABEL_COLUMNS, 0, legend[i].meaning);
	}
	return help->line;
}

int
help_scroll_within(const struct view *view, int scroll)
{
	struct grid none = {0};
	struct page_of_help help = {.grid = &none, .columns = view->columns};
	int most = lay_out(&help) - (view->rows - 1);

	if (scroll > most)
		scroll = most;
	return scroll < 0 ? 0 : scroll;
}

void
draw_help(const struct view *view, struct grid *grid)
{
	struct page_of_help help = {
	    .grid = grid, .columns = grid->columns, .first = view->scroll, .rows = grid->rows - 1};
	int end = grid->rows - 1, more = lay_out(&help) - view->scroll - end;

	if (more > 0)
		grid_print(grid, end, 0, GRID_REVERSE, " +%d more lines: Down, PgDn ", more);
	else
		grid_put(grid, end, 0, grid->columns, GRID_REVERSE, " the end ");
}

/* What is typed, what was said, or how to go on with a run that nobody runs. */
static bool
draw_word(const struct view *view, struct grid *grid, const struct box *box)
{
	static const char *const questions[] = {[PROMPT_FIND] = "find",
	                                        [PROMPT_TIME] = "time in seconds",
	                                        [PROMPT_FORK] = "a fault now, as in kill: w2"};

	if (view->prompt == PROMPT_HAND) {
		grid_print(grid, box->row, 0, GRID_REVERSE | GRID_BOLD, "%s? y/N ", view->question);
		return true;
	}
	if (view->prompt != PROMPT_NONE) {
		grid_print(grid, box->row, 0, GRID_BOLD, "%s: %s_   Enter: go, Esc: no",
		           questions[view->prompt], view->text);
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
		if (row->hint == NULL || (row->command == DO_FASTER && view->watch) ||
		    (row->command == DO_KILL && !view->may_ask))
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

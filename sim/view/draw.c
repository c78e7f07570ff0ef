/* SPDX-License-Identifier: ISC
 *
 * The whole screen, and what panes share.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/screen/rune.h"
#include "sim/view/draw.h"
#include "sim/view/expectation.h"

#define LINE_RUNE 0x2500
#define WORDS_MAX 512

void
draw_title(struct grid *grid, const struct box *box, bool focused, const char *format, ...)
{
	char text[256];
	va_list arguments;
	int used;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	grid_fill(grid, box->row, box->column, box->columns, GRID_DIM, LINE_RUNE);
	used = grid_put(grid, box->row, box->column + 3, box->columns - 4, GRID_BOLD, text);
	grid_put(grid, box->row, box->column + 2, 1, 0, " ");
	grid_put(grid, box->row, box->column + 3 + used, 1, 0, " ");
	if (focused)
		grid_put(grid, box->row, box->column, 2, GRID_BOLD, ">>");
}

int
draw_first_fit(struct grid *grid, int row, int column, int width, uint32_t look,
               const char *const *texts, size_t count)
{
	size_t i = 0;

	while (i + 1 < count && grid_width(texts[i]) > width)
		i++;
	return grid_put(grid, row, column, width, look, texts[i]);
}

const char *
draw_words(struct grid *grid, int row, int column, int width, uint32_t look, const char *text)
{
	const char *end = text, *fit = text, *next;
	char line[WORDS_MAX];
	int used = 0;
	uint32_t rune;

	while (*text == ' ')
		text++;
	for (next = fit = end = text; (rune = rune_next(&next)) != 0; end = next) {
		int columns = rune_width(rune);
		if (rune == ' ')
			fit = end;
		used += columns < 0 ? 1 : columns;
		if (used > width)
			break;
	}
	/* All of it, or a word that is longer than the row. */
	if (rune == 0 || fit == text)
		fit = end;
	snprintf(line, sizeof(line), "%.*s", (int)(fit - text), text);
	grid_put(grid, row, column, width, look, line);
	while (*fit == ' ')
		fit++;
	return *fit == '\0' || fit == text ? NULL : fit;
}

void
draw_layout(const struct view *view, struct layout *layout)
{
	const struct scenario *scenario = history_scenario(view->history);

	struct contents contents = {
	    .told = view->tale != NULL,
	    .replayed = !view->watch,
	    .slots = (int)view->index->used_count,
	    .tasks = view->moment->tasks > INT32_MAX ? INT32_MAX : (int)view->moment->tasks,
	    .lines = (int)(scenario->expectations + scenario->faults)};

	layout_make(layout, view->page, view->rows, view->columns, &contents);
}

const char *
stage_name(const struct view *view, unsigned stage, char name[STAGE_NAME_SIZE])
{
	enum job_kind kind = history_scenario(view->history)->job.kind;

	if (stage == 0)
		strlcpy(name, kind != JOB_NOOP && kind != JOB_STREAM ? "chunks" : "tasks",
		        STAGE_NAME_SIZE);
	else if (stage == 1 && kind == JOB_AGGREGATE)
		strlcpy(name, "output", STAGE_NAME_SIZE);
	else
		snprintf(name, STAGE_NAME_SIZE, "stage %u", stage);
	return name;
}

void
view_draw(const struct view *view, struct grid *grid)
{
	static void (*const draw[PANES])(const struct view *view, struct grid *grid,
	                                 const struct box *box) = {
	    [PANE_HEADER] = draw_header,   [PANE_PROGRESS] = draw_progress,
	    [PANE_COUNTS] = draw_counts,   [PANE_BOOKS] = draw_books,
	    [PANE_STAGES] = draw_stages,   [PANE_LANES] = draw_lanes,
	    [PANE_TASKS] = draw_tasks,     [PANE_EXPECT] = draw_expect,
	    [PANE_EVENTS] = draw_events,   [PANE_STORY] = draw_story,
	    [PANE_SUMMARY] = draw_summary, [PANE_HINTS] = draw_hints,
	    [PANE_TALE] = draw_tale,       [PANE_TAPE] = draw_tape};
	struct layout layout;

	grid_clear(grid);
	if (view->help) {
		draw_help(view, grid);
		return;
	}
	draw_layout(view, &layout);
	for (int pane = 0; pane < PANES; pane++)
		if (layout.box[pane].rows > 0 && layout.box[pane].columns > 0)
			draw[pane](view, grid, &layout.box[pane]);
}

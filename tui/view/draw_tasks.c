/* SPDX-License-Identifier: ISC
 *
 * The task map: a character for each task, or for as many as must share one.
 */
#include <stdio.h>
#include <string.h>

#include "tui/view/draw.h"

/* What is shown of several in one cell: the one that matters most. */
struct shown {
	char letter;
	uint32_t look;
	int weight;
};

static struct shown
shown_of(const struct moment *moment, uint32_t task)
{
	const struct moment_task *state = &moment->task[task];
	char try = state->attempt > 9 ? '+' : (char)('0' + state->attempt);

	switch (moment_task_state(moment, task)) {
	case TASK_DONE:
		return state->attempt > 1 ? (struct shown){try, ROLE_GOOD | GRID_BOLD, 2}
		                          : (struct shown){'#', ROLE_GOOD, 1};
	case TASK_LEASED:
		if (state->wait == WAIT_FENCE)
			return (struct shown){'f', ROLE_WARN | GRID_BOLD, 7};
		return (struct shown){'R', ROLE_BUSY | GRID_BOLD, 6};
	case TASK_READY:
		if (state->wait == WAIT_PROBE || state->wait == WAIT_BURIAL)
			return (struct shown){'p', ROLE_WARN | GRID_BOLD, 7};
		if (state->wait == WAIT_BACKOFF || state->lost || state->attempt > 0)
			return (struct shown){'b', ROLE_WARN | GRID_BOLD, 5};
		return (struct shown){'-', GRID_DIM, 3};
	case TASK_DEAD:
		return (struct shown){'D', ROLE_BAD | GRID_BOLD, 9};
	case TASK_SKIPPED:
		return (struct shown){'s', ROLE_BAD, 4};
	default:
		return (struct shown){'.', GRID_DIM, 0};
	}
}

static const struct box *
map_box(const struct layout *layout)
{
	return &layout->box[PANE_TASKS];
}

static void
size_in(const struct view *view, const struct box *box, int64_t *across, int64_t *cell)
{
	int64_t cells = (int64_t)(box->rows - 1) * box->columns;

	*across = box->columns > 0 ? box->columns : 1;
	*cell = cells > 0 ? (view->moment->tasks + cells - 1) / cells : 1;
	if (*cell < 1)
		*cell = 1;
}

void
map_size(const struct view *view, int64_t *across, int64_t *cell)
{
	struct layout layout;

	draw_layout(view, &layout);
	size_in(view, map_box(&layout), across, cell);
}

static void
draw_tasks_title(const struct view *view, struct grid *grid, const struct box *box, int64_t cell)
{
	bool focused = view->focus == FOCUS_TASKS || view->page == PAGE_TASKS;
	char each[40] = "", text[128];

	if (cell > 1)
		snprintf(each, sizeof(each), ", %lld in each", (long long)cell);
	snprintf(text, sizeof(text),
	         "tasks%s: # done  2-9 done on that try  R leased  b again  D dead  - ready", each);
	if (grid_width(text) > box->columns - 5)
		snprintf(text, sizeof(text), "tasks%s: # done  2-9 retried  R leased  - ready",
		         each);
	if (grid_width(text) > box->columns - 5)
		snprintf(text, sizeof(text), "tasks%s", each);
	draw_title(grid, box, focused, "%s", text);
}

void
draw_tasks(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct moment *moment = view->moment;
	int64_t across, cell;

	size_in(view, box, &across, &cell);
	draw_tasks_title(view, grid, box, cell);
	for (int64_t first = 0, i = 0; first < moment->tasks; first += cell, i++) {
		struct shown shown = {.weight = -1};
		for (int64_t task = first; task < first + cell && task < moment->tasks; task++) {
			struct shown other = shown_of(moment, (uint32_t)task);
			if (other.weight > shown.weight)
				shown = other;
		}
		if (view->of_task && view->task >= first && view->task < first + cell)
			shown.look |= GRID_REVERSE;
		grid_fill(grid, box->row + 1 + (int)(i / across), box->column + (int)(i % across),
		          1, shown.look, (uint32_t)shown.letter);
	}
}

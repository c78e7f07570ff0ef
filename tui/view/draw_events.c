/* SPDX-License-Identifier: ISC
 *
 * What happens and why, the latest first.
 */
#include <stdio.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/view/draw.h"

#define TIME_COLUMNS 10
#define CLASS_COLUMNS 6
#define NARROW 60
#define LINES_EACH_MAX 4
#define SAME_MAX 100

static const struct {
	const char *word;
	uint32_t look;
} classes[] = {
    [WHY_ROUTINE] = {"", GRID_DIM},
    [WHY_NOTE] = {"NOTE", 0},
    [WHY_DOUBT] = {"DOUBT", ROLE_WARN | GRID_BOLD},
    [WHY_TROUBLE] = {"LOST", ROLE_BAD | GRID_BOLD},
    [WHY_FAULT] = {"FAULT", ROLE_FAULT | GRID_BOLD},
    [WHY_HEAL] = {"HEAL", ROLE_GOOD | GRID_BOLD},
};

/* Of a worker's events its beats say the least, and are the most. */
static bool
is_of_slot(const struct view *view, uint64_t number)
{
	const struct core_step *step = &history_record(view->history, number)->step;

	return step->slot == view->slot && step->kind != EV_BEAT;
}

static uint64_t
slot_before(const struct view *view, uint64_t before)
{
	while (before > 0 && !is_of_slot(view, before - 1))
		before--;
	return before == 0 ? UINT64_MAX : before - 1;
}

static uint64_t
slot_from(const struct view *view, uint64_t from)
{
	uint64_t count = history_count(view->history);

	while (from < count && !is_of_slot(view, from))
		from++;
	return from < count ? from : UINT64_MAX;
}

uint64_t
event_before(const struct view *view, uint64_t before)
{
	switch (view->filter) {
	case FILTER_ALL:
		return before == 0 ? UINT64_MAX : before - 1;
	case FILTER_TASK:
		return history_previous_of_task(view->history, before, view->task);
	case FILTER_SLOT:
		return slot_before(view, before);
	default:
		return index_notable_before(view->index, before);
	}
}

uint64_t
event_from(const struct view *view, uint64_t from)
{
	switch (view->filter) {
	case FILTER_ALL:
		return from < history_count(view->history) ? from : UINT64_MAX;
	case FILTER_TASK:
		return history_next_of_task(view->history, from, view->task);
	case FILTER_SLOT:
		return slot_from(view, from);
	default:
		return index_notable_from(view->index, from);
	}
}

/* How many events from *number back say the same; *number is the oldest of them then. */
static unsigned
count_same(const struct view *view, uint64_t *number)
{
	char text[INDEX_TEXT_MAX];
	unsigned count = 1;

	strlcpy(text, index_text(view->index, *number), sizeof(text));
	for (; count < SAME_MAX; count++) {
		uint64_t older = event_before(view, *number);
		/* One that is selected stands alone. */
		if (older == UINT64_MAX || view->event != VIEW_LATEST ||
		    strcmp(text, index_text(view->index, older)) != 0)
			break;
		*number = older;
	}
	return count;
}

/* Puts one event into the rows from `row` on, and returns the row behind it. */
static int
draw_event(const struct view *view, struct grid *grid, const struct box *box, int row,
           uint64_t number, unsigned times)
{
	const struct logged *record = history_record(view->history, number);
	enum why_class class = why_class_of(record);
	int column = box->column + TIME_COLUMNS, end = box->row + box->rows;
	int most = view->page == PAGE_EVENTS ? box->rows : LINES_EACH_MAX;
	char said[INDEX_TEXT_MAX + 16];
	const char *text = said;

	strlcpy(said, index_text(view->index, number), sizeof(said));
	if (times > 1)
		snprintf(said, sizeof(said), "(%u times) %s", times,
		         index_text(view->index, number));
	grid_print(grid, row, box->column, number == view->event ? GRID_REVERSE : GRID_DIM, "%9.3f",
	           (double)history_time(view->history, number) / (double)NS_PER_S);
	if (box->columns >= NARROW) {
		grid_put(grid, row, column, CLASS_COLUMNS, classes[class].look,
		         classes[class].word);
		column += CLASS_COLUMNS;
	}
	for (int lines = 0; text != NULL && lines < most && row < end; lines++)
		text = draw_words(grid, row++, column, box->column + box->columns - column,
		                  box->columns < NARROW  ? classes[class].look
		                  : class == WHY_ROUTINE ? GRID_DIM
		                                         : 0,
		                  text);
	return row;
}

static void
draw_events_title(const struct view *view, struct grid *grid, const struct box *box)
{
	bool focused = view->focus == FOCUS_EVENTS || view->page == PAGE_EVENTS;
	char name[8];

	switch (view->filter) {
	case FILTER_TASK:
		draw_title(grid, box, focused, "what happened to #%u, and why (f: others)",
		           view->task);
		break;
	case FILTER_SLOT:
		draw_title(grid, box, focused, "what happened to %s, and why (f: others)",
		           index_slot_name(view->index, view->slot, name));
		break;
	default:
		draw_title(grid, box, focused, "what happens and why, latest first%s",
		           view->filter == FILTER_ALL ? " (every event; f: others)" : "");
	}
}

void
draw_events(const struct view *view, struct grid *grid, const struct box *box)
{
	uint64_t number = view->at;
	bool titled = box->rows > 2;
	int top = box->row + titled, row = top;

	if (titled)
		draw_events_title(view, grid, box);
	/* Up to the selected one all are shown, if there is room. */
	if (view->event != VIEW_LATEST && view->event < view->at) {
		uint64_t above = event_from(view, view->event + 1);
		number = above < view->at ? above + 1 : view->event + 1;
	}
	for (number = event_before(view, number);
	     number != UINT64_MAX && row < box->row + box->rows;
	     number = event_before(view, number)) {
		uint64_t latest = number;
		unsigned times = count_same(view, &number);
		row = draw_event(view, grid, box, row, latest, times);
	}
	if (row == top)
		grid_put(grid, row, box->column, box->columns, GRID_DIM,
		         view->watch || view->at > 0
		             ? "nothing yet"
		             : "nothing yet: Space plays, . steps, ] goes to "
		               "the first fault");
}

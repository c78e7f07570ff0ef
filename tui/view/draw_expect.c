/* SPDX-License-Identifier: ISC
 *
 * What the scenario expects, and what of its faults has landed.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "tui/view/axis.h"
#include "tui/view/draw.h"
#include "tui/view/expectation.h"

#define STATE_COLUMNS 7

static const struct {
	const char *word;
	uint32_t look;
} states[] = {
    [EXPECTATION_OPEN] = {"open", GRID_DIM},
    [EXPECTATION_OK] = {"ok", ROLE_GOOD | GRID_BOLD},
    [EXPECTATION_FAILED] = {"FAIL", ROLE_BAD | GRID_BOLD},
    [EXPECTATION_UNKNOWN] = {"report", 0},
};

static void
draw_expectation(const struct view *view, struct grid *grid, const struct box *box, int row,
                 const struct expectation *expect)
{
	char text[64];
	enum expectation_state state = expectation_judge(view->moment, expect, text, sizeof(text));
	int used, width = box->columns - STATE_COLUMNS, column = box->column + STATE_COLUMNS;

	grid_put(grid, row, box->column, STATE_COLUMNS - 1, states[state].look, states[state].word);
	used = grid_put(grid, row, column, width, 0, expect->text);
	if (used + 3 + grid_width(text) <= width)
		grid_print(grid, row, box->column + box->columns - grid_width(text), GRID_DIM, "%s",
		           text);
}

static void
draw_fault(const struct view *view, struct grid *grid, const struct box *box, int row,
           size_t number)
{
	const struct moment_fault *state = &view->moment->fault[number];
	char text[256], time[40] = "";
	int width = box->columns - STATE_COLUMNS;

	fault_describe(history_scenario(view->history), number, text, sizeof(text));
	if (state->landed > 0)
		time_text(state->injected_ns, time, sizeof(time));
	if (state->landed > 1)
		snprintf(time + strlen(time), sizeof(time) - strlen(time), " x%u", state->landed);
	grid_put(grid, row, box->column, STATE_COLUMNS - 1,
	         state->landed > 0 ? ROLE_FAULT | GRID_BOLD : GRID_DIM,
	         state->landed > 0                        ? "landed"
	         : (view->moment->due >> number & 1) != 0 ? "held"
	                                                  : "open");
	width -= time[0] == '\0' ? 0 : grid_width(time) + 1;
	grid_put(grid, row, box->column + STATE_COLUMNS, width, 0, text);
	grid_print(grid, row, box->column + box->columns - grid_width(time), GRID_DIM, "%s", time);
}

/* Those by hand are not known before they happen. */
static size_t
known_faults(const struct view *view)
{
	const struct scenario *scenario = history_scenario(view->history);
	size_t count = scenario->faults, scripted = scenario_scripted(scenario);

	while (count > scripted && view->moment->fault[count - 1].landed == 0)
		count--;
	return count;
}

void
draw_expect(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct scenario *scenario = history_scenario(view->history);
	int row = box->row + 1, end = box->row + box->rows;
	size_t all = scenario->expectations + known_faults(view);
	size_t i = view->page == PAGE_EXPECT ? (size_t)view->scroll : 0;

	draw_title(grid, box, false, "expected, and faults");
	for (; i < all && row < end - (i + 1 < all && row == end - 1); i++, row++) {
		if (i < scenario->expectations)
			draw_expectation(view, grid, box, row, &scenario->expect[i]);
		else
			draw_fault(view, grid, box, row, i - scenario->expectations);
	}
	if (i < all)
		grid_print(grid, row, box->column, GRID_DIM, "+%zu more (%s)", all - i,
		           view->page == PAGE_EXPECT ? "Down" : "6 shows all");
}

void
draw_summary(const struct view *view, struct grid *grid, const struct box *box)
{
	const struct scenario *scenario = history_scenario(view->history);
	size_t faults = known_faults(view);
	unsigned count[EXPECTATION_STATES] = {0}, landed = 0;
	char text[64];

	for (size_t i = 0; i < scenario->expectations; i++)
		count[expectation_judge(view->moment, &scenario->expect[i], text, sizeof(text))]++;
	for (size_t i = 0; i < faults; i++)
		landed += view->moment->fault[i].landed > 0;
	grid_print(grid, box->row, 0, count[EXPECTATION_FAILED] > 0 ? ROLE_BAD | GRID_BOLD : 0,
	           "EXPECTED %u ok, %u %s, %u failed   FAULTS %u of %zu landed   (6 shows them)",
	           count[EXPECTATION_OK], count[EXPECTATION_OPEN] + count[EXPECTATION_UNKNOWN],
	           count[EXPECTATION_UNKNOWN] > 0 ? "in the report" : "open",
	           count[EXPECTATION_FAILED], landed, faults);
}

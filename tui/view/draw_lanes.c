/* SPDX-License-Identifier: ISC
 *
 * Workers over time: a lane for each slot, in each column the attempt it was in, and the faults on
 * the same axis below.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/view/axis.h"
#include "tui/view/draw.h"

#define LABEL_COLUMNS 12
#define HAND_COLUMNS 24
#define HAND_FROM_COLUMNS 72
#define TICK_COLUMNS 10
#define IDLE_RUNE 0x00b7
#define NOW_RUNE 0x25b2
#define TRIES_SHOWN 9

struct lanes {
	const struct view *view;
	struct grid *grid;
	struct axis axis;
	int column; /* where the axis begins */
};

/* What a column of a lane shows: the worst that happened in it, else the latest attempt. */
struct mark {
	uint32_t rune;
	uint32_t look;
	int weight;
};

static void
put_over(struct mark *mark, uint32_t rune, uint32_t look, int weight)
{
	if (weight >= mark->weight)
		*mark = (struct mark){.rune = rune, .look = look, .weight = weight};
}

/* What it looks like when nobody is in a task. */
static struct mark
mark_of_phase(enum slot_phase phase)
{
	switch (phase) {
	case PHASE_EMPTY:
		return (struct mark){.rune = ' '};
	case PHASE_STARTING:
	case PHASE_RESTING:
		return (struct mark){.rune = 'r', .look = GRID_DIM};
	case PHASE_SILENT:
	case PHASE_KILLED:
	case PHASE_FENCED:
		return (struct mark){.rune = '~', .look = ROLE_WARN, .weight = 3};
	case PHASE_QUARANTINED:
		return (struct mark){.rune = 'Q', .look = ROLE_BAD};
	default:
		return (struct mark){.rune = IDLE_RUNE, .look = GRID_DIM};
	}
}

static void
add_span(const struct lanes *lanes, const struct span *span, int64_t from_ns, int64_t to_ns,
         struct mark *mark)
{
	bool ended =
	    span->ended_at < lanes->view->at && span->end_ns >= from_ns && span->end_ns < to_ns;
	char letter = ended ? span_end_letter(span->how) : '\0';

	if (letter != '\0')
		put_over(mark, (uint32_t)letter, ROLE_BAD | GRID_BOLD,
		         span->how == SPAN_CRASHED || span->how == SPAN_HUNG ? 6 : 5);
	else if (span->probe)
		put_over(mark, 'p', ROLE_WARN, 2);
	else if (span->copy)
		put_over(mark, 'c', ROLE_WARN, 2);
	else if (span->attempt <= 1)
		put_over(mark, '1', ROLE_BUSY, 1);
	else
		put_over(mark, span->attempt > TRIES_SHOWN ? '+' : '0' + span->attempt,
		         ROLE_WARN | GRID_BOLD, 2);
}

static void
draw_lane(const struct lanes *lanes, uint32_t slot, int row)
{
	const struct view *view = lanes->view;
	const struct spans *spans = history_spans(view->history);
	const struct span_lane *lane = slot < spans->lanes ? &spans->lane[slot] : NULL;
	int64_t from_ns = lanes->axis.start_ns;
	size_t next = lane == NULL ? 0 : span_first_after(lane, from_ns);

	for (int column = 0; column < lanes->axis.columns && from_ns <= view->now_ns; column++) {
		int64_t to_ns = axis_begin_ns(&lanes->axis, column + 1);
		int64_t looked_ns = to_ns - 1 < view->now_ns ? to_ns - 1 : view->now_ns;
		struct mark mark =
		    mark_of_phase(index_phase(view->index, slot, looked_ns, view->at));
		for (size_t i = next; lane != NULL && i < lane->count; i++) {
			const struct span *span = &lane->span[i];
			if (span->begin_ns > looked_ns || span->leased_at >= view->at)
				break;
			add_span(lanes, span, from_ns, to_ns, &mark);
			/* The last one may reach into the next column. */
			if (span->end_ns < to_ns)
				next = i + 1;
		}
		grid_fill(lanes->grid, row, lanes->column + column, 1, mark.look, mark.rune);
		from_ns = to_ns;
	}
}

static const char *
phase_text(enum slot_phase phase)
{
	static const char *const texts[SLOT_PHASES] = {
	    [PHASE_EMPTY] = "-",         [PHASE_STARTING] = "start", [PHASE_UP] = "up",
	    [PHASE_SILENT] = "HUNG?",    [PHASE_KILLED] = "KILL",    [PHASE_FENCED] = "FENCED",
	    [PHASE_DRAINING] = "leaves", [PHASE_RESTING] = "rests",  [PHASE_QUARANTINED] = "QUARAN",
	};

	return phase < SLOT_PHASES ? texts[phase] : "?";
}

static uint32_t
phase_look(enum slot_phase phase)
{
	switch (phase) {
	case PHASE_UP:
		return ROLE_GOOD;
	case PHASE_SILENT:
	case PHASE_FENCED:
		return ROLE_WARN | GRID_BOLD;
	case PHASE_KILLED:
	case PHASE_QUARANTINED:
		return ROLE_BAD | GRID_BOLD;
	default:
		return GRID_DIM;
	}
}

/* What the slot has in hand now. */
static void
draw_hand(const struct lanes *lanes, uint32_t slot, int row, int column)
{
	const struct moment *moment = lanes->view->moment;
	const struct moment_slot *state = &moment->slot[slot];
	uint32_t task = moment_in_hand(moment, slot);
	char age[24], text[64];

	time_text(lanes->view->now_ns - state->moved_ns, age, sizeof(age));
	if (task == CORE_NO_TASK || task >= moment->tasks)
		snprintf(text, sizeof(text), "idle, did %llu", (unsigned long long)state->done);
	else if (state->phase == PHASE_SILENT || state->phase == PHASE_KILLED)
		snprintf(text, sizeof(text), "#%u try %u silent %s", task,
		         moment->task[task].attempt, age);
	else
		snprintf(text, sizeof(text), "#%u try %u", task, moment->task[task].attempt);
	if (state->pid == 0 && task == CORE_NO_TASK)
		snprintf(text, sizeof(text), "nobody, %u died", state->deaths);
	grid_put(lanes->grid, row, column, HAND_COLUMNS - 1, 0, text);
}

static void
draw_label(const struct lanes *lanes, uint32_t slot, int row)
{
	const struct view *view = lanes->view;
	enum slot_phase phase = view->moment->slot[slot].phase;
	char name[8];
	bool selected = slot == view->slot && !view->of_task;

	index_slot_name(view->index, slot, name);
	grid_put(lanes->grid, row, 0, 5, selected ? GRID_REVERSE : GRID_BOLD, name);
	grid_put(lanes->grid, row, 5, 6, phase_look(phase), phase_text(phase));
}

/* The names of faults where they struck; where there is no room for the name, a '*'. */
static void
draw_faults(const struct lanes *lanes, int row)
{
	const struct view *view = lanes->view;
	const struct scenario *scenario = history_scenario(view->history);
	size_t count;
	const uint64_t *fault = history_faults(view->history, &count);
	int64_t free_from = 0;

	grid_put(lanes->grid, row, 0, LABEL_COLUMNS - 1, ROLE_FAULT | GRID_BOLD, "FAULTS");
	for (size_t i = 0; i < count && fault[i] < view->at; i++) {
		int64_t column =
		    axis_column(&lanes->axis, history_fault_time(view->history, fault[i]));
		uint64_t number = history_record(view->history, fault[i])->step.record;
		const char *id = number < scenario->faults ? scenario->fault[number].id : "?";
		if (column < 0 || column >= lanes->axis.columns)
			continue;
		if (column < free_from || column + grid_width(id) > lanes->axis.columns)
			id = "*";
		if (column >= free_from)
			free_from = column + grid_put(lanes->grid, row, lanes->column + (int)column,
			                              lanes->axis.columns - (int)column,
			                              ROLE_FAULT | GRID_BOLD, id);
	}
}

/* In a replay it is known when; of a run that goes on only what has not come yet. */
static void
draw_next_fault(const struct lanes *lanes, int row, int column)
{
	const struct view *view = lanes->view;
	const struct scenario *scenario = history_scenario(view->history);
	uint64_t next = history_next_fault(view->history, view->at);
	uint64_t number =
	    next == UINT64_MAX ? UINT64_MAX : history_record(view->history, next)->step.record;
	char text[64] = "", time[24];

	if (number < scenario->faults)
		snprintf(text, sizeof(text), "next %s in %s", scenario->fault[number].id,
		         time_text(history_time(view->history, next) - view->now_ns, time,
		                   sizeof(time)));
	for (size_t i = 0; i < scenario_scripted(scenario) && view->source == SOURCE_LIVE; i++)
		if (text[0] == '\0' && view->moment->fault[i].landed == 0)
			snprintf(text, sizeof(text), "to come: %s", scenario->fault[i].id);
	grid_put(lanes->grid, row, column, HAND_COLUMNS - 1, GRID_DIM, text);
}

static void
draw_times(const struct lanes *lanes, int row)
{
	int64_t now = axis_column(&lanes->axis, lanes->view->now_ns);
	char text[24], time[20];
	int column;

	grid_put(lanes->grid, row, 0, LABEL_COLUMNS - 1, GRID_DIM, "time");
	for (column = 0; column + TICK_COLUMNS <= lanes->axis.columns; column += TICK_COLUMNS) {
		time_text(axis_begin_ns(&lanes->axis, column), time, sizeof(time));
		snprintf(text, sizeof(text), "|%s", time);
		grid_put(lanes->grid, row, lanes->column + column, TICK_COLUMNS - 1, GRID_DIM,
		         text);
	}
	if (now < 0 || now >= lanes->axis.columns)
		return;
	column = lanes->column + (int)now;
	if (grid_cell(lanes->grid, row, column).rune == ' ')
		grid_fill(lanes->grid, row, column, 1, GRID_BOLD, NOW_RUNE);
	else
		grid_mark(lanes->grid, row, column, 1, GRID_REVERSE);
}

static void
draw_heading(const struct lanes *lanes, const struct box *box, uint32_t hidden)
{
	const struct view *view = lanes->view;
	char length[24], more[48] = "", text[224];
	bool focused = view->focus == FOCUS_WORKERS || view->page == PAGE_WORKERS;

	if (hidden > 0)
		snprintf(more, sizeof(more), ", +%u more (arrows)", hidden);
	time_text(lanes->axis.column_ns, length, sizeof(length));
	snprintf(text, sizeof(text),
	         "workers: 1 column = %s, digit = attempt, K died, H hung, F failed, L taken away, "
	         "R refused, ~ silent%s",
	         length, more);
	if (grid_width(text) > box->columns - 5)
		snprintf(text, sizeof(text), "workers: column = %s, digit = attempt, ~ silent%s",
		         length, more);
	if (grid_width(text) > box->columns - 5)
		snprintf(text, sizeof(text), "workers, column=%s%.4s", length, more);
	draw_title(lanes->grid, box, focused, "%s", text);
}

void
draw_lanes(const struct view *view, struct grid *grid, const struct box *box)
{
	struct lanes lanes = {.view = view, .grid = grid, .column = LABEL_COLUMNS};
	const struct index *index = view->index;
	bool hands = box->columns >= HAND_FROM_COLUMNS;
	int rows = box->rows - 2, used = (int)index->used_count, first = 0, row = box->row + 1;
	int place = (int)index_used(index, view->slot);
	int64_t length_ns = history_end(view->history);

	/* So that it is seldom drawn at another scale. */
	if (view->watch)
		for (length_ns = NS_PER_S; length_ns <= view->now_ns;)
			length_ns *= 2;
	axis_make(&lanes.axis, box->columns - LABEL_COLUMNS - (hands ? HAND_COLUMNS : 0), length_ns,
	          view->now_ns, view->zoom);
	if (rows > used)
		rows = used;
	if (place < used && place >= rows)
		first = place - rows + 1;
	draw_heading(&lanes, box, (uint32_t)(used - rows));
	for (int i = 0; i < rows; i++, row++) {
		uint32_t slot = index->used[first + i];
		draw_label(&lanes, slot, row);
		draw_lane(&lanes, slot, row);
		if (hands)
			draw_hand(&lanes, slot, row, box->columns - HAND_COLUMNS + 1);
	}
	if (row < box->row + box->rows) {
		if (hands)
			draw_next_fault(&lanes, row, box->columns - HAND_COLUMNS + 1);
		draw_faults(&lanes, row++);
	}
	if (row < box->row + box->rows)
		draw_times(&lanes, row);
}

/* SPDX-License-Identifier: ISC
 *
 * What each key does to the view.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/screen/terminal.h"
#include "tui/view/draw.h"
#include "tui/view/find.h"
#include "tui/view/hand.h"
#include "tui/view/keys.h"
#include "tui/view/view.h"

#define LEAP 10
#define SCROLL_MAX 500 /* of a page; behind its end there is nothing */
#define SPEED_MAX 10
#define ZOOM_MAX 20
#define TIME_MAX_S 1e9

static void
say(struct view *view, const char *text)
{
	strlcpy(view->message, text, sizeof(view->message));
}

static void
turn_to(struct view *view, enum page page)
{
	view->page = page;
	view->scroll = 0;
}

static void
move_task(struct view *view, int64_t by)
{
	int64_t task = (int64_t)view->task + by;

	if (view->moment->tasks == 0)
		return;
	if (task >= view->moment->tasks)
		task = view->moment->tasks - 1;
	view->task = task < 0 ? 0 : (uint32_t)task;
	view->of_task = true;
}

static void
move_slot(struct view *view, int64_t by)
{
	const struct index *index = view->index;
	int64_t place = index_used(index, view->slot) + by;

	if (index->used_count == 0)
		return;
	if (place >= index->used_count)
		place = index->used_count - 1;
	view->slot = index->used[place < 0 ? 0 : place];
	view->of_task = false;
}

/* Down is towards older events, as they stand on the screen. */
static void
move_event(struct view *view, int64_t by)
{
	uint64_t other;

	for (; by > 0; by--) {
		other = event_before(view, view->event == VIEW_LATEST ? view->at : view->event);
		if (other == UINT64_MAX)
			return;
		view->event = other;
	}
	for (; by < 0 && view->event != VIEW_LATEST; by++) {
		other = event_from(view, view->event + 1);
		view->event = other < view->at ? other : VIEW_LATEST;
	}
}

static void
scroll(struct view *view, int down)
{
	view->scroll += down;
	if (view->scroll > SCROLL_MAX)
		view->scroll = SCROLL_MAX;
	if (view->scroll < 0)
		view->scroll = 0;
}

/* Where the arrows go. */
static enum view_focus
focus_of(const struct view *view)
{
	switch (view->page) {
	case PAGE_WORKERS:
		return FOCUS_WORKERS;
	case PAGE_TASKS:
		return FOCUS_TASKS;
	case PAGE_EVENTS:
		return FOCUS_EVENTS;
	default:
		return view->focus;
	}
}

static void
move(struct view *view, int down, int right)
{
	int64_t across, cell;

	if (view->page == PAGE_STAGES || view->page == PAGE_EXPECT || view->page == PAGE_STORY) {
		scroll(view, down);
		return;
	}
	switch (focus_of(view)) {
	case FOCUS_EVENTS:
		move_event(view, down);
		break;
	case FOCUS_TASKS:
		map_size(view, &across, &cell);
		move_task(view, (down * across + right) * cell);
		break;
	default:
		move_slot(view, down + right);
	}
}

static void
go_behind(struct view *view, uint64_t record, const char *none)
{
	view->playing = false;
	if (record == UINT64_MAX)
		say(view, none);
	else
		view_go(view, record + 1);
}

/* The record that he stands behind does not count as one before it. */
static uint64_t
here(const struct view *view)
{
	return view->at == 0 ? 0 : view->at - 1;
}

static void
jump(struct view *view, enum command_key command)
{
	const struct history *history = view->history;

	switch (command) {
	case DO_FAULT_NEXT:
		go_behind(view, history_next_fault(history, view->at), "no fault comes after this");
		break;
	case DO_FAULT_BACK:
		go_behind(view, history_previous_fault(history, here(view)),
		          "no fault came before this");
		break;
	case DO_TASK_NEXT:
		go_behind(view, history_next_of_task(history, view->at, view->task),
		          "nothing more happens to this task");
		break;
	case DO_TASK_BACK:
		go_behind(view, history_previous_of_task(history, here(view), view->task),
		          "nothing happened to this task before");
		break;
	case DO_STEP:
		view->playing = false;
		view_go(view, view->at + 1);
		break;
	case DO_STEP_BACK:
		view->playing = false;
		view_go(view, here(view));
		break;
	case DO_START:
		view->playing = false;
		view_go(view, 0);
		break;
	default:
		view_go(view, history_count(history));
		view->playing = view->watch;
		break;
	}
}

static void
toggle_play(struct view *view)
{
	if (!view->watch && !view->playing && view->now_ns >= history_end(view->history))
		view_go(view, 0);
	view->playing = !view->playing;
	view->event = VIEW_LATEST;
}

static void
set_speed(struct view *view, int by)
{
	if (view->watch)
		say(view, "a live run has the speed it has; `graveshift replay` plays it again");
	else if (view->speed + by >= -SPEED_MAX && view->speed + by <= SPEED_MAX)
		view->speed += by;
}

static void
open_selected(struct view *view)
{
	if (focus_of(view) == FOCUS_EVENTS) {
		uint64_t record = view->event;
		if (record == VIEW_LATEST)
			return;
		view->playing = false;
		view_go(view, record + 1);
		view->event = record;
		return;
	}
	turn_to(view, PAGE_STORY);
}

static void
leave(struct view *view)
{
	view->leave = view->depth > 0;
	if (!view->leave)
		say(view, "this is no branch: F makes one of a virtual run");
}

static void
go_back(struct view *view)
{
	if (view->page != PAGE_OVERVIEW) {
		turn_to(view, PAGE_OVERVIEW);
		return;
	}
	if (view->depth > 0 && view->find[0] == '\0' && view->event == VIEW_LATEST &&
	    view->filter == FILTER_NOTABLE)
		leave(view);
	view->find[0] = '\0';
	view->event = VIEW_LATEST;
	view->filter = FILTER_NOTABLE;
}

static void
change_look(struct view *view, enum command_key command)
{
	switch (command) {
	case DO_PANE_NEXT:
	case DO_PANE_BACK:
		view->focus = (view->focus + (command == DO_PANE_NEXT ? 1 : FOCI - 1)) % FOCI;
		if (view->focus != FOCUS_EVENTS)
			view->of_task = view->focus == FOCUS_TASKS;
		break;
	case DO_FILTER:
		view->filter = (view->filter + 1) % FILTERS;
		view->event = VIEW_LATEST;
		break;
	case DO_ZOOM_IN:
		view->zoom += view->zoom < ZOOM_MAX;
		break;
	case DO_ZOOM_OUT:
		view->zoom -= view->zoom > -ZOOM_MAX;
		break;
	case DO_COLORS:
		view->color = !view->color;
		break;
	default:
		view->redraw = true;
		break;
	}
}

static void
ask(struct view *view, enum view_prompt prompt)
{
	view->prompt = prompt;
	view->text[0] = '\0';
}

static void
ask_fork(struct view *view)
{
	bool virtual = history_scenario(view->history)->world == WORLD_VIRTUAL;

	if (view->may_fork && virtual) {
		view->playing = false;
		ask(view, PROMPT_FORK);
		return;
	}
	say(view, virtual ? "only what is replayed can be forked: graveshift replay"
	                  : "only the virtual world goes back: graveshift run --world virtual");
}

static void
obey(struct view *view, enum command_key command)
{
	switch (command) {
	case DO_NOTHING:
		break;
	case DO_HELP:
		view->help = true;
		view->scroll = 0;
		break;
	case DO_QUIT:
		view->quit = true;
		break;
	case DO_PLAY:
		toggle_play(view);
		break;
	case DO_SLOWER:
	case DO_FASTER:
		set_speed(view, command == DO_FASTER ? 1 : -1);
		break;
	case DO_TIME:
	case DO_FIND:
		ask(view, command == DO_TIME ? PROMPT_TIME : PROMPT_FIND);
		break;
	case DO_FORK:
		ask_fork(view);
		break;
	case DO_LEAVE:
		leave(view);
		break;
	case DO_FIND_NEXT:
	case DO_FIND_BACK:
		find_go(view, command == DO_FIND_NEXT);
		break;
	case DO_OPEN:
		open_selected(view);
		break;
	case DO_BACK:
		go_back(view);
		break;
	case DO_UP:
	case DO_DOWN:
		move(view, command == DO_DOWN ? 1 : -1, 0);
		break;
	case DO_LEFT:
	case DO_RIGHT:
		move(view, 0, command == DO_RIGHT ? 1 : -1);
		break;
	case DO_PAGE_UP:
	case DO_PAGE_DOWN:
		move(view, command == DO_PAGE_DOWN ? LEAP : -LEAP, 0);
		break;
	case DO_KILL:
	case DO_PAUSE:
	case DO_CORRUPT:
	case DO_SCRIPT:
	case DO_SCRIPT_STEP:
		hand_key(view, command);
		break;
	default:
		if (command >= DO_PAGE_OVERVIEW && command <= DO_PAGE_STORY)
			turn_to(view, (enum page)(command - DO_PAGE_OVERVIEW));
		else if (command >= DO_STEP_BACK && command <= DO_END)
			jump(view, command);
		else
			change_look(view, command);
	}
}

static void
answer(struct view *view)
{
	enum view_prompt prompt = view->prompt;
	char *end;
	double seconds;

	view->prompt = PROMPT_NONE;
	if (prompt == PROMPT_FIND) {
		strlcpy(view->find, view->text, sizeof(view->find));
		find_go(view, true);
		return;
	}
	if (prompt == PROMPT_FORK) {
		strlcpy(view->fork, view->text, sizeof(view->fork));
		return;
	}
	seconds = strtod(view->text, &end);
	if (end == view->text || seconds < 0 || seconds > TIME_MAX_S) {
		say(view, "a time is a number of seconds from the start, such as 12.5");
		return;
	}
	view->playing = false;
	view_go_time(view, (int64_t)(seconds * (double)NS_PER_S));
}

static void
type(struct view *view, uint32_t key)
{
	size_t length = strlen(view->text);

	if (view->prompt == PROMPT_HAND)
		hand_answer(view, key);
	else if (key == TERMINAL_ESCAPE)
		view->prompt = PROMPT_NONE;
	else if (key == TERMINAL_ENTER)
		answer(view);
	else if (key == TERMINAL_ERASE && length > 0)
		view->text[length - 1] = '\0';
	else if (key >= ' ' && key < 0x7f && length + 1 < sizeof(view->text))
		snprintf(view->text + length, sizeof(view->text) - length, "%c", (char)key);
}

static void
read_help(struct view *view, enum command_key command)
{
	if (command == DO_DOWN || command == DO_PAGE_DOWN)
		view->scroll += command == DO_DOWN ? 1 : LEAP;
	else if (command == DO_UP || command == DO_PAGE_UP)
		view->scroll -= command == DO_UP ? 1 : LEAP;
	else if (command == DO_QUIT || command == DO_HELP || command == DO_BACK)
		view->help = false;
	if (!view->help) {
		view->scroll = 0;
		return;
	}
	view->scroll = help_scroll_within(view, view->scroll);
}

void
view_key(struct view *view, uint32_t key)
{
	if (key == TERMINAL_NOTHING)
		return;
	if (key == TERMINAL_RESIZED && view->prompt == PROMPT_HAND)
		return;
	view->message[0] = '\0';
	if (view->prompt != PROMPT_NONE)
		type(view, key);
	else if (view->help)
		read_help(view, key_command(key));
	else
		obey(view, key_command(key));
}

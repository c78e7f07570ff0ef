/* SPDX-License-Identifier: ISC
 *
 * Finding tasks, workers and events.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/view/find.h"

/* The number behind an optional sign; false if that is not all of it. */
static bool
is_number(const char *text, unsigned long long *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0';
}

static void
find_task(struct view *view, unsigned long long number)
{
	if (number >= view->moment->tasks) {
		snprintf(view->message, sizeof(view->message),
		         "there is no task #%llu; the last one is #%lld", number,
		         (long long)view->moment->tasks - 1);
		return;
	}
	view->task = (uint32_t)number;
	view->of_task = true;
	view->focus = FOCUS_TASKS;
	snprintf(view->message, sizeof(view->message),
	         "#%llu is selected: Enter for its story, } for its next event", number);
}

static void
find_slot(struct view *view, unsigned long long number)
{
	if (number >= view->index->slots ||
	    index_used(view->index, (uint32_t)number) == view->index->used_count) {
		snprintf(view->message, sizeof(view->message), "nobody ever was in w%llu", number);
		return;
	}
	view->slot = (uint32_t)number;
	view->of_task = false;
	view->focus = FOCUS_WORKERS;
	snprintf(view->message, sizeof(view->message), "w%llu is selected: Enter for its story",
	         number);
}

static void
find_word(struct view *view, bool forward)
{
	uint64_t record = view->at;

	/* Where he stands is the last record that has happened. */
	if (!forward)
		record = record > 0 ? record - 1 : 0;
	for (;;) {
		record = forward ? index_notable_from(view->index, record)
		                 : index_notable_before(view->index, record);
		if (record == UINT64_MAX) {
			snprintf(view->message, sizeof(view->message), "no %s event has %s: %s",
			         forward ? "later" : "earlier", view->find,
			         forward ? "N searches back" : "n searches on");
			return;
		}
		if (strcasestr(index_text(view->index, record), view->find) != NULL)
			break;
		record += forward;
	}
	view->playing = false;
	view_go(view, record + 1);
	view->event = record;
	view->focus = FOCUS_EVENTS;
	snprintf(view->message, sizeof(view->message), "n the next, N the one before");
}

void
find_go(struct view *view, bool forward)
{
	unsigned long long number;

	if (view->find[0] == '\0')
		return;
	if (is_number(view->find + (view->find[0] == '#'), &number))
		find_task(view, number);
	else if (view->find[0] == 'w' && is_number(view->find + 1, &number))
		find_slot(view, number);
	else
		find_word(view, forward);
}

/* SPDX-License-Identifier: ISC
 *
 * Points that fail, merged: thousands of states of a loop are one line.
 */
#include <string.h>

#include "sim/torture/explore.h"

static bool
is_bad(const struct session *session, uint32_t candidate)
{
	return candidate != POINT_UNKNOWN && session->outcome[candidate].judged >= JUDGED_FAIL;
}

/* The class of a point: of its operation; the end has one of its own. */
static uint32_t
class_of(const struct session *session, uint32_t point)
{
	return point < session->record->ops ? session->record->op[point].class : LABEL_NONE;
}

static uint32_t
class_before(const struct session *session, uint32_t point)
{
	return point == 0 ? LABEL_NONE : class_of(session, point - 1);
}

static bool
is_same(const struct session *session, const struct window *window, uint32_t first, uint32_t last)
{
	return class_before(session, window->first) == class_before(session, first) &&
	       class_of(session, window->last) == class_of(session, last);
}

/* The candidate to be shown is one that was played at its own point, the first of them. */
static void
take_run(const struct session *session, const struct exploration *exploration,
         struct window *window, uint32_t first, uint32_t last)
{
	window->times++;
	window->points += last - first + 1;
	for (uint32_t i = first; i <= last; i++) {
		uint32_t played = exploration->played[i];
		if (!is_bad(session, played))
			continue;
		window->played++;
		if (window->shown == POINT_UNKNOWN)
			window->shown = played;
		if (session->outcome[played].judged > window->judged)
			window->judged = session->outcome[played].judged;
	}
}

/* Of which no point was played itself: that is a guess, and no finding. */
static uint32_t
drop_guesses(struct window *windows, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++)
		if (windows[i].shown != POINT_UNKNOWN)
			windows[kept++] = windows[i];
	return kept;
}

uint32_t
explore_windows(const struct session *session, const struct exploration *exploration,
                struct window *windows, uint32_t max)
{
	uint32_t count = 0, last, kept;

	for (uint32_t i = 0; i < exploration->points; i = last + 1) {
		struct window *window = NULL;
		last = i;
		if (!is_bad(session, exploration->like[i]))
			continue;
		while (last + 1 < exploration->points &&
		       is_bad(session, exploration->like[last + 1]))
			last++;
		for (uint32_t j = 0; window == NULL && j < count && j < max; j++)
			if (is_same(session, &windows[j], i, last))
				window = &windows[j];
		if (window == NULL && count++ < max) {
			window = &windows[count - 1];
			*window = (struct window){.first = i, .last = last, .shown = POINT_UNKNOWN};
		}
		if (window != NULL)
			take_run(session, exploration, window, i, last);
	}
	kept = drop_guesses(windows, count < max ? count : max);
	return kept == max ? count : kept;
}

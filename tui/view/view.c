/* SPDX-License-Identifier: ISC
 *
 * Moving through the history.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/view/view.h"

#define WATCHABLE_NS (15 * NS_PER_S) /* a whole run is played in about this time */
#define SPEED_MIN (-10)

/* At the newest place nothing is copied: a moment may be large, and most look at that one. */
static int
seek(struct view *view, uint64_t at)
{
	int error = 0;

	if (at == history_count(view->history))
		view->moment = history_newest(view->history);
	else if ((error = history_seek(view->history, &view->past, at)) == 0)
		view->moment = view->past;
	else
		return error;
	view->at = at;
	return 0;
}

int
view_init(struct view *view, struct history *history, bool watch)
{
	int error;

	memset(view, 0, sizeof(*view));
	view->history = history;
	view->watch = view->playing = watch;
	view->source = SOURCE_OVER;
	view->event = VIEW_LATEST;
	view->color = true;
	view->rows = 24;
	view->columns = 80;
	view->stage_tasks = calloc(CORE_STAGES_MAX, sizeof(view->stage_tasks[0]));
	view->index = index_new(history);
	error = view->stage_tasks == NULL || view->index == NULL ? -ENOMEM : seek(view, 0);
	if (error == 0)
		error = view_refresh(view);
	if (error != 0) {
		view_fini(view);
		return error;
	}
	while (!watch && view->speed > SPEED_MIN &&
	       history_end(history) < WATCHABLE_NS >> -view->speed)
		view->speed--;
	if (watch)
		view_go(view, history_count(history));
	return 0;
}

void
view_fini(struct view *view)
{
	moment_free(view->past);
	index_free(view->index);
	tale_free(view->tale);
	free(view->stage_tasks);
	memset(view, 0, sizeof(*view));
}

int
view_init_branch(struct view *view, const struct view *parent, struct history *history)
{
	int error = view_init(view, history, false);

	if (error != 0)
		return error;
	view->speed = parent->speed;
	view->page = parent->page;
	view->focus = parent->focus;
	view->filter = parent->filter;
	view->slot = parent->slot;
	view->task = parent->task;
	view->of_task = parent->of_task;
	view->zoom = parent->zoom;
	view->color = parent->color;
	view->may_fork = parent->may_fork;
	view->depth = parent->depth + 1;
	view_resize(view, parent->rows, parent->columns);
	view_go(view, parent->at);
	view->now_ns = parent->now_ns;
	strlcpy(view->message, "a branch: Space plays on, b goes back to the run",
	        sizeof(view->message));
	return 0;
}

int
view_tell(struct view *view)
{
	view->tale = tale_new(view->history);
	return view->tale == NULL ? -ENOMEM : tale_refresh(view->tale);
}

void
view_resize(struct view *view, int rows, int columns)
{
	view->rows = rows;
	view->columns = columns;
}

static void
count_stages(struct view *view)
{
	const struct plan *plan = history_plan(view->history);

	memset(view->stage_tasks, 0, CORE_STAGES_MAX * sizeof(view->stage_tasks[0]));
	for (uint32_t i = 0; i < plan->tasks; i++)
		if (plan->task[i].stage < CORE_STAGES_MAX)
			view->stage_tasks[plan->task[i].stage]++;
}

int
view_refresh(struct view *view)
{
	uint32_t tasks = history_plan(view->history)->tasks;
	int64_t count = history_refresh(view->history);
	int error = count < 0 ? (int)count : index_refresh(view->index);

	if (error == 0 && view->tale != NULL)
		error = tale_refresh(view->tale);
	if (history_plan(view->history)->tasks != tasks || view->at == 0)
		count_stages(view);
	/* The newest moment is another one now, and the plan may have grown. */
	return seek(view, view->at) != 0 ? -ENOMEM : error;
}

void
view_go(struct view *view, uint64_t at)
{
	if (at > history_count(view->history))
		at = history_count(view->history);
	seek(view, at);
	view->now_ns = view->at == 0 ? 0 : history_time(view->history, view->at - 1);
	view->event = VIEW_LATEST;
}

void
view_go_time(struct view *view, int64_t ns)
{
	int64_t end_ns = history_end(view->history);

	ns = ns < 0 ? 0 : ns > end_ns ? end_ns : ns;
	seek(view, history_at(view->history, ns));
	view->now_ns = ns;
}

static void
follow(struct view *view, int64_t clock_ns)
{
	int64_t now_ns;

	if (view->at != history_count(view->history))
		seek(view, history_count(view->history));
	view->now_ns = history_end(view->history);
	now_ns = moment_time(view->moment, clock_ns);
	if (view->source == SOURCE_LIVE && view->at > 0 && now_ns > view->now_ns)
		view->now_ns = now_ns;
}

static void
play(struct view *view, int64_t passed_ns)
{
	int64_t step_ns = view->speed < 0 ? passed_ns >> -view->speed : passed_ns << view->speed;

	view_go_time(view, view->now_ns + step_ns);
	if (view->now_ns >= history_end(view->history))
		view->playing = false;
}

void
view_tick(struct view *view, int64_t passed_ns, int64_t clock_ns)
{
	if (!view->playing)
		return;
	if (view->watch)
		follow(view, clock_ns);
	else
		play(view, passed_ns);
}

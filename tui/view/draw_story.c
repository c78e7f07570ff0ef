/* SPDX-License-Identifier: ISC
 *
 * The whole story of the selected task or worker: what it is now, and every attempt so far.
 */
#include <stdio.h>
#include <string.h>

#include "sim/util/clock.h"
#include "tui/view/axis.h"
#include "tui/view/draw.h"

typedef unsigned long long ull;

struct story {
	const struct view *view;
	struct grid *grid;
	const struct box *box;
	int row;
	int skip; /* so many lines are scrolled away */
};

static void
tell(struct story *story, uint32_t look, const char *text)
{
	int end = story->box->row + story->box->rows;

	while (text != NULL && story->row < end) {
		bool shown = story->skip-- <= 0;
		text = draw_words(story->grid, shown ? story->row : -1, story->box->column,
		                  story->box->columns, look, text);
		story->row += shown;
	}
}

/* How an attempt ended, as far as it has by now. */
static void
tell_span(struct story *story, const struct span *span, const char *where)
{
	const struct view *view = story->view;
	const struct scenario *scenario = history_scenario(view->history);
	bool ended = span->ended_at < view->at;
	char text[256], length[24], fault[48] = "";
	int64_t end_ns = ended ? span->end_ns : view->now_ns;
	bool hit = ended && span->fault >= 0 && (size_t)span->fault < scenario->faults;

	if (hit)
		snprintf(fault, sizeof(fault), " (fault %s)", scenario->fault[span->fault].id);
	snprintf(text, sizeof(text), "%9.3f  try %u %s %s after %s%s",
	         (double)span->begin_ns / (double)NS_PER_S, span->attempt, where,
	         span_end_name(ended ? span->how : SPAN_AT_WORK),
	         time_text(end_ns - span->begin_ns, length, sizeof(length)), fault);
	tell(story,
	     !ended                         ? ROLE_BUSY
	     : span->how == SPAN_DONE       ? ROLE_GOOD
	     : span->how == SPAN_FOUND_DONE ? ROLE_GOOD
	                                    : ROLE_WARN,
	     text);
}

/* The attempt that this record leased, or NULL if it was never begun. */
static const struct span *
span_of(const struct view *view, uint64_t record, uint32_t slot)
{
	const struct spans *spans = history_spans(view->history);
	const struct span_lane *lane;

	if (slot >= spans->lanes)
		return NULL;
	lane = &spans->lane[slot];
	for (size_t i = span_first_after(lane, history_time(view->history, record) - 1);
	     i < lane->count && lane->span[i].leased_at <= record; i++)
		if (lane->span[i].leased_at == record)
			return &lane->span[i];
	return NULL;
}

static void
tell_attempts(struct story *story)
{
	const struct view *view = story->view;
	const struct history *history = view->history;
	uint64_t number = history_next_of_task(history, 0, view->task);
	bool any = false;
	char where[24], name[8];

	for (; number != UINT64_MAX && number < view->at;
	     number = history_next_of_task(history, number + 1, view->task)) {
		const struct core_step *step = &history_record(history, number)->step;
		const struct span *span;
		if (step->kind != ACT_ASSIGN)
			continue;
		span = span_of(view, number, step->slot);
		if (span == NULL || span->begin_ns > view->now_ns)
			continue;
		snprintf(where, sizeof(where),
		         "in %s:", index_slot_name(view->index, step->slot, name));
		tell_span(story, span, where);
		any = true;
	}
	if (!any)
		tell(story, GRID_DIM, "no attempt yet");
}

static void
tell_task(struct story *story)
{
	static const char *const waits[] = {
	    [WAIT_NONE] = "",
	    [WAIT_BACKOFF] = ", waits before it is tried again",
	    [WAIT_FENCE] = ", its lease ended badly: the store is asked to raise its epoch",
	    [WAIT_PROBE] = ", one of its records is tried alone",
	    [WAIT_BURIAL] = ", it or a record of it is given up"};
	const struct view *view = story->view;
	const struct moment *moment = view->moment;
	const struct plan *plan = history_plan(view->history);
	const struct moment_task *task;
	char text[256], holder[8], stage[STAGE_NAME_SIZE];
	bool leased;

	if (view->task >= moment->tasks) {
		tell(story, GRID_DIM, "no task is selected: there is no plan yet");
		return;
	}
	task = &moment->task[view->task];
	leased = task->state == TASK_LEASED;
	snprintf(text, sizeof(text), "%s%s%s%s, epoch %u, %u attempts",
	         task_state_name(moment_task_state(moment, view->task)), leased ? " to " : "",
	         leased ? index_slot_name(view->index, task->holder, holder) : "",
	         task->wait <= WAIT_BURIAL ? waits[task->wait] : "", task->epoch, task->attempt);
	tell(story, GRID_BOLD, text);
	if (leased && task->copy == COPY_AT_WORK && task->copy_holder != task->holder) {
		snprintf(text, sizeof(text), "it takes long: %s is at a copy of it, epoch %u",
		         index_slot_name(view->index, task->copy_holder, holder), task->copy_epoch);
		tell(story, 0, text);
	}
	if (plan->task[view->task].records > 0) {
		snprintf(text, sizeof(text), "%s: records %llu to %llu%s",
		         stage_name(view, plan->task[view->task].stage, stage),
		         (ull)plan->task[view->task].first,
		         (ull)(plan->task[view->task].first + plan->task[view->task].records - 1),
		         task->dead > 0 ? ", some of them dead letters" : "");
		tell(story, 0, text);
	}
	tell_attempts(story);
}

static void
tell_slot(struct story *story)
{
	const struct view *view = story->view;
	const struct moment_slot *slot;
	const struct spans *spans = history_spans(view->history);
	const struct span_lane *lane;
	char text[256], where[32];
	size_t i;

	if (view->slot >= view->moment->slots || view->slot >= spans->lanes) {
		tell(story, GRID_DIM, "no worker yet");
		return;
	}
	slot = &view->moment->slot[view->slot];
	if (slot->pid != 0)
		snprintf(text, sizeof(text), "%s, process %d, number %u in this place",
		         slot_phase_name(slot->phase), slot->pid, slot->incarnation);
	else
		snprintf(text, sizeof(text), "%s, no process", slot_phase_name(slot->phase));
	tell(story, GRID_BOLD, text);
	snprintf(text, sizeof(text), "did %llu tasks, holds %u leases, died %u times",
	         (ull)slot->done, slot->held, slot->deaths);
	tell(story, 0, text);
	lane = &spans->lane[view->slot];
	i = span_first_after(lane, view->now_ns);
	if (i < lane->count && lane->span[i].begin_ns <= view->now_ns &&
	    lane->span[i].leased_at < view->at)
		i++;
	for (; i > 0 && story->row < story->box->row + story->box->rows; i--) {
		snprintf(where, sizeof(where), "of #%u:", lane->span[i - 1].task);
		tell_span(story, &lane->span[i - 1], where);
	}
}

void
draw_story(const struct view *view, struct grid *grid, const struct box *box)
{
	struct story story = {.view = view,
	                      .grid = grid,
	                      .box = box,
	                      .row = box->row + 1,
	                      .skip = view->page == PAGE_STORY ? view->scroll : 0};
	char name[8];

	if (view->of_task) {
		draw_title(grid, box, false, "selected: task #%u", view->task);
		tell_task(&story);
	} else {
		draw_title(grid, box, false, "selected: worker %s, latest first",
		           index_slot_name(view->index, view->slot, name));
		tell_slot(&story);
	}
}

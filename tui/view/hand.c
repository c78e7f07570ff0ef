/* SPDX-License-Identifier: ISC
 *
 * From a key on the selection to a request for the director.  It is about the run as it is now,
 * also when the picture is held.
 */
#include <stdio.h>
#include <string.h>

#include "tui/view/hand.h"

#define PAUSE_TEXT "2s"

static void
say(struct view *view, const char *text)
{
	strlcpy(view->message, text, sizeof(view->message));
}

/* Why nothing can be done here; NULL: it can. */
static const char *
why_not(const struct view *view)
{
	if (!view->watch)
		return "what is over cannot be changed: this is for watch, and for the screen of "
		       "run";
	if (!view->may_ask)
		return "--readonly: nothing is done to the run from here";
	if (view->source != SOURCE_LIVE)
		return "nobody runs this run now";
	return NULL;
}

/* The slot that is meant: the selected one, or that of the selected task's holder; UINT32_MAX:
 * nobody holds it. */
static uint32_t
meant_slot(const struct view *view, const struct moment *now)
{
	if (!view->of_task)
		return view->slot;
	for (uint32_t slot = 0; slot < now->slots; slot++)
		for (uint32_t i = 0; i < now->slot[slot].held; i++)
			if (now->lease[(size_t)slot * now->credit + i] == view->task)
				return slot;
	return UINT32_MAX;
}

/* "w2 (pid 4711), in #17" */
static void
name_victim(const struct moment *now, uint32_t slot, char *text, size_t size)
{
	uint32_t task = moment_in_hand(now, slot);
	int length = snprintf(text, size, "w%u (pid %d)", slot, now->slot[slot].pid);

	if (task != CORE_NO_TASK && length > 0 && (size_t)length < size)
		snprintf(text + length, size - (size_t)length, ", in #%u", task);
}

static void
ask_about(struct view *view, const struct moment *now, uint32_t slot, enum command_key command)
{
	char victim[64];

	name_victim(now, slot, victim, sizeof(victim));
	view->asked_slot = slot;
	view->asked_pid = now->slot[slot].pid;
	view->prompt = PROMPT_HAND;
	if (command == DO_KILL) {
		snprintf(view->question, sizeof(view->question), "kill -9 %s", victim);
		snprintf(view->wish, sizeof(view->wish), "inject kill: w%u", slot);
	} else if (command == DO_PAUSE) {
		snprintf(view->question, sizeof(view->question), "stop for %s %s", PAUSE_TEXT,
		         victim);
		snprintf(view->wish, sizeof(view->wish), "inject {pause: w%u, for: %s}", slot,
		         PAUSE_TEXT);
	} else {
		snprintf(view->question, sizeof(view->question), "damage the next frame to %s",
		         victim);
		snprintf(view->wish, sizeof(view->wish), "inject corrupt: w%u", slot);
	}
}

/* A chunk that nobody has read yet, or that will be read again. */
static bool
is_chunk_to_come(const struct view *view, const struct moment *now)
{
	enum task_state state =
	    view->task < now->tasks ? moment_task_state(now, view->task) : TASK_DONE;

	return history_scenario(view->history)->job.kind == JOB_AGGREGATE &&
	       history_plan(view->history)->task[view->task].stage == 0 && state == TASK_READY;
}

static void
ask_about_chunk(struct view *view)
{
	view->asked_slot = UINT32_MAX;
	view->prompt = PROMPT_HAND;
	snprintf(view->question, sizeof(view->question), "flip a byte of #%u when it is read next",
	         view->task);
	snprintf(view->wish, sizeof(view->wish), "inject bad_chunk: %u", view->task);
}

static void
steer_script(struct view *view, const struct moment *now, enum command_key command)
{
	const char *word = command == DO_SCRIPT_STEP ? "step" : now->script_held ? "go" : "hold";

	snprintf(view->request, sizeof(view->request), "script %s", word);
}

void
hand_key(struct view *view, enum command_key command)
{
	const struct moment *now = history_newest(view->history);
	const char *reason = why_not(view);
	uint32_t slot;

	if (reason != NULL) {
		say(view, reason);
		return;
	}
	if (command == DO_SCRIPT || command == DO_SCRIPT_STEP) {
		steer_script(view, now, command);
		return;
	}
	slot = meant_slot(view, now);
	if (slot < now->slots && now->slot[slot].pid != 0 && !now->slot[slot].joiner)
		ask_about(view, now, slot, command);
	else if (command == DO_CORRUPT && view->of_task && is_chunk_to_come(view, now))
		ask_about_chunk(view);
	else if (view->of_task)
		say(view, "nobody holds this task now: select a worker, or a task that is leased");
	else
		say(view, "no worker of the run's own is there now");
}

void
hand_answer(struct view *view, uint32_t key)
{
	const struct moment *now = history_newest(view->history);

	view->prompt = PROMPT_NONE;
	if (key != 'y' && key != 'Y')
		say(view, "nothing was done");
	else if (view->asked_slot < now->slots &&
	         now->slot[view->asked_slot].pid != view->asked_pid)
		say(view, "another worker is there by now: nothing was done");
	else
		strlcpy(view->request, view->wish, sizeof(view->request));
}

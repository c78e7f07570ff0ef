/* SPDX-License-Identifier: ISC
 *
 * Patterns of operations around a window, most telling first.
 */
#include <fcntl.h>
#include <string.h>

#include "sim/torture/advice.h"

static const struct op *
op_before(const struct session *session, uint32_t point)
{
	return point == 0 ? NULL : &session->record->op[point - 1];
}

static enum call_effect
effect_of(const struct op *op)
{
	return calls[op->call].effect;
}

static const char *
name_of(const struct session *session, const struct op *op)
{
	return session->record->names->label[op->name].text;
}

static bool
cuts(const struct op *op)
{
	const struct call *call = &calls[op->call];

	if (strcmp(call->name, "creat") == 0)
		return true;
	return call->guard.kind == GUARD_MAKES &&
	       (op->argument[call->guard.argument] & O_TRUNC) != 0;
}

static bool
is_lock(const char *name)
{
	return strstr(name, "lock") != NULL || strstr(name, ".pid") != NULL;
}

/* Whose removal is a commit. */
static bool
is_journal(const char *name)
{
	return strstr(name, "-journal") != NULL;
}

static bool
removes(const struct op *op)
{
	return strncmp(calls[op->call].name, "unlink", 6) == 0;
}

/* Has one of the operations from the first point's on this effect? */
static const struct op *
find_effect(const struct session *session, const struct window *window, enum call_effect effect)
{
	uint32_t ops = session->record->ops;

	for (uint32_t i = window->first; i <= window->last && i < ops; i++)
		if (effect_of(&session->record->op[i]) == effect)
			return &session->record->op[i];
	return NULL;
}

/* Does running it again end badly by itself, before anything is checked? */
static bool
refuses(const struct session *session, const struct window *window)
{
	return session->outcome[window->shown].recovery.status != 0;
}

static const char *
advice_for_end(const struct session *session, const struct window *window)
{
	return refuses(session, window)
	           ? "running it again refuses what is there: let it see that the job is done"
	           : "running it again does it again: give each record a key and skip what is "
	             "there, or record that the job is done";
}

const char *
advice_for(const struct session *session, const struct window *window)
{
	const struct op *before = op_before(session, window->first);
	bool to_end = window->last == session->record->ops;

	if (window->judged == JUDGED_STUCK)
		return "the recovery waits for something that a dead process cannot do: look for "
		       "locks and half-made files when it begins";
	if (before == NULL || window->first == session->record->ops)
		return to_end ? advice_for_end(session, window) : NULL;
	if (is_lock(name_of(session, before)))
		return "a stale lock: hold it with flock() or fcntl(), which the kernel lets go "
		       "when "
		       "its holder dies, instead of by a file's existence";
	if (refuses(session, window) && !cuts(before))
		return "running it again refuses what the killed one has left: remove or overwrite "
		       "that at the beginning";
	if (cuts(before))
		return "a file is cut before its new content is there: write a temporary file in "
		       "the "
		       "same folder and rename it";
	if (is_journal(name_of(session, before)))
		return to_end ? advice_for_end(session, window) : NULL;
	if (removes(before))
		return "something is removed before what replaces it is in its place: turn the "
		       "order "
		       "round";
	if (to_end && effect_of(before) == EFFECT_DATA)
		return advice_for_end(session, window);
	if (effect_of(before) == EFFECT_DATA && (find_effect(session, window, EFFECT_RENAME) ||
	                                         find_effect(session, window, EFFECT_DATA)))
		return "a gap between an effect and the note that it is done: write both in one "
		       "transaction, or give each record a key and skip what is there";
	if (effect_of(before) == EFFECT_RENAME)
		return "what was renamed is believed before what belongs to it is there: make the "
		       "rename the last step";
	return to_end ? advice_for_end(session, window) : NULL;
}

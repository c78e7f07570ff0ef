/* SPDX-License-Identifier: ISC
 *
 * checkpoint: one mark for each task, the next record to do and where it begins.  It moves in the
 * transaction of the effects, under the fence, and only from where the attempt has found it:
 * effects and cursor are both there or neither is, whenever the worker dies.
 *
 * With the cursor elsewhere (recovery.checkpoint_store) it may lag: then rows go by key, and what
 * is done again is there already.
 */
#include <errno.h>

#include "sim/strategy/strategy.h"

#define CURSOR 0 /* the mark's item: a = next record, b = its offset */

static int
checkpoint_recover(struct attempt *attempt)
{
	struct sink_mark cursor;
	int found = sink_mark_find(attempt->sink, attempt->task->task, CURSOR, &cursor);

	attempt->stored = found == 1;
	if (found == 1) {
		attempt->next = cursor.a;
		attempt->next_offset = cursor.b;
	}
	return found < 0 ? found : 0;
}

static int
checkpoint_claim(struct attempt *attempt, struct batch *batch)
{
	/* What a lagging cursor leads to again must be the same batch: its row, if it has one, is
	 * found by it. */
	batch->whole = sink_marks_apart(attempt->sink);
	return strategy_claim_next(attempt, batch);
}

/* 0, or -ESTALE when the cursor is not where it was. */
static int
move(struct attempt *attempt, const struct batch *batch)
{
	const struct sink_mark next = {.a = batch->next, .b = batch->next_offset};
	uint32_t task = attempt->task->task;
	int moved;

	if (!attempt->stored) {
		moved = sink_mark_add(attempt->sink, task, CURSOR, &next);
		return moved == -EEXIST ? -ESTALE : moved;
	}
	moved = sink_mark_move(attempt->sink, task, CURSOR, attempt->next, &next);
	if (moved == 0)
		return -ESTALE;
	return moved < 0 ? moved : 0;
}

static int
checkpoint_commit(struct attempt *attempt, struct batch *batch)
{
	int error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	error = sink_marks_apart(attempt->sink) ? strategy_insert(attempt, batch)
	                                        : strategy_append(attempt, batch);
	if (error == 0)
		error = move(attempt, batch);
	error = strategy_end(attempt, error);
	if (error != 0)
		return error;
	attempt->stored = true;
	strategy_advance(attempt, batch);
	return 0;
}

static int
checkpoint_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	uint64_t first = task->task->first, end = first + task->task->records, next = first;
	struct sink_mark cursor;
	int found = sink_mark_find(task->sink, task->task->task, CURSOR, &cursor);

	if (found < 0)
		return found;
	if (found == 1)
		next = cursor.a;
	each(context, first, next, PROGRESS_DONE);
	each(context, next, end, PROGRESS_OPEN);
	return 0;
}

const struct strategy strategy_checkpoint = {
    .recover = checkpoint_recover,
    .claim = checkpoint_claim,
    .commit = checkpoint_commit,
    .progress = checkpoint_progress,
};

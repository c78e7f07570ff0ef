/* SPDX-License-Identifier: ISC
 *
 * checkpoint: one mark for each task, the next record to do and where it begins.  It moves in the
 * transaction of the effects, under the fence, and only from where the attempt has found it:
 * effects and cursor are both there or neither is, whenever the worker dies.
 *
 * With the cursor elsewhere (recovery.checkpoint_store) it may lag: then rows go by key, and what
 * is done again is there already.
 */
#include "sim/strategy/cursor.h"

static int
checkpoint_claim(struct attempt *attempt, struct batch *batch)
{
	/* What a lagging cursor leads to again must be the same batch: its row, if it has one, is
	 * found by it. */
	batch->whole = sink_marks_apart(attempt->sink);
	return strategy_claim_next(attempt, batch);
}

static int
checkpoint_commit(struct attempt *attempt, struct batch *batch)
{
	int error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	error = sink_marks_apart(attempt->sink) ? strategy_insert(attempt, batch)
	                                        : strategy_append(attempt, batch);
	return cursor_end(attempt, batch, error);
}

static int
checkpoint_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	uint64_t next;
	int error = cursor_find(task, &next);

	if (error == 0)
		strategy_tell(task, next, each, context);
	return error;
}

const struct strategy strategy_checkpoint = {
    .recover = cursor_recover,
    .claim = checkpoint_claim,
    .commit = checkpoint_commit,
    .progress = checkpoint_progress,
};

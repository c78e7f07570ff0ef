/* SPDX-License-Identifier: ISC
 *
 * naive-checkpoint, and what is wrong with it:
 * - the checkpoint is saved behind the effects, in a transaction of its own: a batch whose
 *   checkpoint was not saved is done again;
 * - it holds the last record done, and work goes on at it: off by one, with every resume;
 * - no fence, and it is saved whatever there was: one who comes too late sets it back.
 */
#include "sim/strategy/strategy.h"

#define CHECKPOINT 0 /* the mark's item: a = last record done, b = where it begins */

static int
naive_recover(struct attempt *attempt)
{
	struct sink_mark mark;
	int found = sink_mark_find(attempt->sink, attempt->task->task, CHECKPOINT, &mark);

	if (found == 1) {
		attempt->next = mark.a;
		attempt->next_offset = mark.b;
	}
	return found < 0 ? found : 0;
}

static int
save(struct attempt *attempt, const struct batch *batch)
{
	const struct sink_mark mark = {.a = batch->next - 1, .b = batch->last_offset};
	int error = sink_begin(attempt->sink, false);

	if (error != 0)
		return error;
	error = sink_mark_put(attempt->sink, attempt->task->task, CHECKPOINT, &mark);
	return strategy_end(attempt, error);
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	int error = strategy_write_alone(attempt, batch, strategy_append);

	if (error == 0)
		error = save(attempt, batch);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

static int
naive_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	struct sink_mark mark;
	int found = sink_mark_find(task->sink, task->task->task, CHECKPOINT, &mark);

	if (found < 0)
		return found;
	strategy_tell(task, found == 1 ? mark.a : task->task->first, each, context);
	return 0;
}

const struct strategy strategy_naive_checkpoint = {
    .recover = naive_recover,
    .claim = strategy_claim_next,
    .commit = naive_commit,
    .progress = naive_progress,
};

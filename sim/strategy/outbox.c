/* SPDX-License-Identifier: ISC
 *
 * outbox: an item with a state for each record, listed with its hash in the transaction that seals
 * the plan.  Workers claim some of them at a time, wherever they are, work outside of any
 * transaction, and then write effects and `settled` in one, under the fence, which fails unless
 * they still hold all of them.  A record that cannot be used fails alone; only failed ones are
 * tried again.
 *
 * An item is held under its claimer's lease, and that ends when the coordinator says so: it knows
 * at once when a worker has died, where a clock would only guess.  Whoever goes on reaps what is
 * held under leases that are over; nobody is charged for that.
 *
 * A task is done when nothing of it is pending, held or failed.  What others hold is waited for,
 * but not for long: it may be held by a task that waits for a worker itself.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/strategy/items.h"

#define WAITS_MAX 50 /* a moment (a millisecond) each */

struct outbox {
	uint64_t hash; /* sum over what is claimed */
	size_t claimed;
	struct sink_item item[ITEMS_MAX];
};

static uint64_t
end_of(const struct attempt *attempt)
{
	return attempt->task->first + attempt->task->records;
}

static int
put_item(void *context, const struct sink_item *item)
{
	return sink_item_add(context, item);
}

static int
outbox_prepare(const struct strategy_task *task)
{
	return items_list(task->task, task->bytes, task->separator, put_item, task->sink);
}

/* Puts back what is held under leases that are over. */
static int
reap(struct attempt *attempt)
{
	int stale = sink_items_stale(attempt->sink), error;

	if (stale <= 0)
		return stale;
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	error = sink_items_reap(attempt->sink);
	return strategy_end(attempt, error < 0 ? error : 0);
}

/* This attempt is the next try of what failed in the one before. */
static int
retry(struct attempt *attempt)
{
	uint64_t first = attempt->task->first, end = end_of(attempt);
	int error = sink_items_retriable(attempt->sink, first, end);

	if (error <= 0)
		return error;
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	error = sink_items_retry(attempt->sink, first, end);
	return strategy_end(attempt, error);
}

static int
outbox_recover(struct attempt *attempt)
{
	int error;

	attempt->own = calloc(1, sizeof(struct outbox));
	if (attempt->own == NULL)
		return -ENOMEM;
	error = reap(attempt);
	return error == 0 ? retry(attempt) : error;
}

/* How many were claimed, or -errno. */
static int
claim_some(struct attempt *attempt, struct outbox *outbox)
{
	int claimed, error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	claimed = sink_items_claim(attempt->sink, outbox->item, items_batch(attempt));
	error = strategy_end(attempt, claimed > 0 ? 0 : (claimed < 0 ? claimed : -ENOENT));
	return error == -ENOENT ? 0 : (error != 0 ? error : claimed);
}

static int
take(const struct attempt *attempt, struct outbox *outbox, size_t claimed, struct batch *batch)
{
	items_to_spans(attempt, outbox->item, claimed, batch);
	outbox->claimed = claimed;
	outbox->hash = 0;
	for (size_t i = 0; i < claimed; i++)
		outbox->hash += outbox->item[i].hash;
	return 1;
}

static int
outbox_claim(struct attempt *attempt, struct batch *batch)
{
	uint64_t first = attempt->task->first, end = end_of(attempt);

	for (int waits = 0; waits < WAITS_MAX; waits++) {
		int open = sink_items_open(attempt->sink, first, end);
		int claimed, error;

		if (open <= 0)
			return open;
		claimed = claim_some(attempt, attempt->own);
		if (claimed != 0)
			return claimed < 0 ? claimed
			                   : take(attempt, attempt->own, (size_t)claimed, batch);
		if (!attempt->work->wait(attempt->work))
			return -EINTR;
		error = reap(attempt);
		if (error != 0)
			return error;
	}
	return -EINTR;
}

/* Failed ones first, then whole spans: what is left of them is all that is still held. */
static int
settle(struct attempt *attempt, const struct batch *batch, size_t claimed)
{
	size_t settled = 0;

	for (size_t i = 0; i < batch->faileds; i++) {
		int failed = sink_item_fail(attempt->sink, &batch->failed[i]);

		if (failed < 0)
			return failed;
		settled += (size_t)failed;
	}
	for (size_t i = 0; i < batch->spans; i++) {
		int some =
		    sink_items_settle(attempt->sink, batch->span[i].first, batch->span[i].end);

		if (some < 0)
			return some;
		settled += (size_t)some;
	}
	/* The lease is in force, so they were given up with the task that they are of: what else
	 * was claimed goes back, and so does the task. */
	return settled == claimed ? 0 : -EINTR;
}

static int
outbox_commit(struct attempt *attempt, struct batch *batch)
{
	const struct outbox *outbox = attempt->own;
	int error;

	/* Not the records that were listed. */
	if (batch->digest != outbox->hash)
		return -EBADMSG;
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	error = strategy_append(attempt, batch);
	if (error == 0)
		error = settle(attempt, batch, outbox->claimed);
	return strategy_end(attempt, error);
}

static int
outbox_finished(struct attempt *attempt)
{
	int failed =
	    sink_items_failed(attempt->sink, attempt->task->first, end_of(attempt), &attempt->bad);

	return failed == 1 ? -EBADMSG : failed;
}

const struct strategy strategy_outbox = {
    .one_by_one = true,
    .prepare = outbox_prepare,
    .recover = outbox_recover,
    .claim = outbox_claim,
    .commit = outbox_commit,
    .finished = outbox_finished,
    .progress = items_progress,
};

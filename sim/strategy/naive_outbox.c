/* SPDX-License-Identifier: ISC
 *
 * naive-outbox, and what is wrong with it:
 * - the items are listed without a seal, some at a time: who dies on the way leaves a list that
 *   looks whole, and what is not in it is never done;
 * - whatever is pending is looked at first and marked as taken afterwards, by a statement of its
 *   own: the lock that the look may have had is gone by then, and two workers take one record;
 * - when nothing is pending the work is taken for done, though others hold what they may never
 *   finish: when they die, nobody puts it back;
 * - the effect and the mark that it happened are two transactions, without a fence.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/strategy/items.h"

struct naive {
	struct attempt *attempt;
	size_t listed; /* in the transaction that is open */
	struct sink_item item[ITEMS_MAX];
};

static int
put_item(void *context, const struct sink_item *item)
{
	struct naive *naive = context;
	struct attempt *attempt = naive->attempt;
	int error = naive->listed == 0 ? sink_begin(attempt->sink, false) : 0;

	if (error == 0)
		error = sink_item_add(attempt->sink, item);
	if (error == 0 && ++naive->listed < items_batch(attempt))
		return 0;
	naive->listed = 0;
	return strategy_end(attempt, error);
}

static int
list(struct attempt *attempt, struct naive *naive)
{
	int error = items_list(attempt->task, attempt->bytes, attempt->separator, put_item, naive);

	return naive->listed > 0 ? strategy_end(attempt, error) : error;
}

/* Changes the state of some, in a transaction of its own. */
static int
put_state(struct attempt *attempt, const struct batch_span *span, size_t spans, enum item_state was,
          enum item_state state)
{
	int error = sink_begin(attempt->sink, false);

	if (error != 0)
		return error;
	for (size_t i = 0; error == 0 && i < spans; i++)
		error = sink_items_put(attempt->sink, span[i].first, span[i].end, was, state);
	return strategy_end(attempt, error);
}

static int
naive_recover(struct attempt *attempt)
{
	const struct batch_span all = {.first = attempt->task->first,
	                               .end = attempt->task->first + attempt->task->records};
	struct naive *naive = calloc(1, sizeof(*naive));
	struct sink_item_counts counts;
	int error;

	if (naive == NULL)
		return -ENOMEM;
	attempt->own = naive;
	naive->attempt = attempt;
	error = sink_items_count(attempt->sink, all.first, all.end, &counts);
	if (error != 0)
		return error;
	/* What the one before had taken of its own task is there again. */
	if (counts.items[ITEM_HELD] > 0)
		return put_state(attempt, &all, 1, ITEM_HELD, ITEM_PENDING);
	return counts.items[ITEM_PENDING] + counts.items[ITEM_SETTLED] > 0 ? 0
	                                                                   : list(attempt, naive);
}

static int
naive_claim(struct attempt *attempt, struct batch *batch)
{
	struct naive *naive = attempt->own;
	int looked = sink_items_peek(attempt->sink, naive->item, items_batch(attempt)), error;

	if (looked <= 0)
		return looked;
	items_to_spans(attempt, naive->item, (size_t)looked, batch);
	error = put_state(attempt, batch->span, batch->spans, ITEM_PENDING, ITEM_HELD);
	return error != 0 ? error : 1;
}

static int
naive_commit(struct attempt *attempt, struct batch *batch)
{
	int error = strategy_write_alone(attempt, batch, strategy_append);

	if (error == 0)
		error = put_state(attempt, batch->span, batch->spans, ITEM_HELD, ITEM_SETTLED);
	return error;
}

const struct strategy strategy_naive_outbox = {
    .recover = naive_recover,
    .claim = naive_claim,
    .commit = naive_commit,
    .progress = items_progress,
};

/* SPDX-License-Identifier: ISC
 *
 * Items in run.db.
 */
#include "sim/sink/sink_store_own.h"
#include "sim/store/store_items.h"

/* The lease under which the sink works. */
static struct store_holder
holder_of(struct sink *sink)
{
	return (struct store_holder){.task = sink->task,
	                             .epoch = sink->epoch,
	                             .generation = sink_store_own(sink)->generation};
}

static struct store *
store_of(struct sink *sink)
{
	return sink_store_own(sink)->store;
}

static int
add(struct sink *sink, const struct sink_item *item)
{
	return store_item_add(store_of(sink), item);
}

static int
count(struct sink *sink, uint64_t first, uint64_t end, struct sink_item_counts *counts)
{
	return store_items_count(store_of(sink), first, end, counts);
}

static int
open_items(struct sink *sink, uint64_t first, uint64_t end)
{
	return store_items_open(store_of(sink), first, end);
}

static int
each_item(struct sink *sink, uint64_t first, uint64_t end,
          void (*each)(void *context, uint64_t record, enum item_state state), void *context)
{
	return store_items_each(store_of(sink), first, end, each, context);
}

static int
claim(struct sink *sink, struct sink_item *item, size_t max)
{
	struct store_holder holder = holder_of(sink);

	return store_items_claim(store_of(sink), &holder, item, max);
}

static int
settle(struct sink *sink, uint64_t first, uint64_t end)
{
	struct store_holder holder = holder_of(sink);

	return store_items_settle(store_of(sink), &holder, first, end);
}

static int
fail_one(struct sink *sink, const struct dead_record *dead)
{
	struct store_holder holder = holder_of(sink);

	return store_item_fail(store_of(sink), &holder, dead);
}

static int
failed(struct sink *sink, uint64_t first, uint64_t end, struct dead_record *dead)
{
	return store_items_failed(store_of(sink), first, end, dead);
}

static int
retriable(struct sink *sink, uint64_t first, uint64_t end)
{
	return store_items_retriable(store_of(sink), sink->task, first, end);
}

static int
retry(struct sink *sink, uint64_t first, uint64_t end)
{
	return store_items_retry(store_of(sink), sink->task, first, end);
}

static int
stale(struct sink *sink)
{
	struct store_holder holder = holder_of(sink);

	return store_items_stale(store_of(sink), &holder);
}

static int
reap(struct sink *sink)
{
	struct store_holder holder = holder_of(sink);

	return store_items_reap(store_of(sink), &holder);
}

static int
peek(struct sink *sink, struct sink_item *item, size_t max)
{
	return store_items_peek(store_of(sink), item, max);
}

static int
put(struct sink *sink, uint64_t first, uint64_t end, enum item_state was, enum item_state state)
{
	return store_items_put(store_of(sink), first, end, was, state);
}

const struct sink_item_ops sink_store_items = {
    .add = add,
    .count = count,
    .open = open_items,
    .each = each_item,
    .claim = claim,
    .settle = settle,
    .fail = fail_one,
    .failed = failed,
    .retriable = retriable,
    .retry = retry,
    .stale = stale,
    .reap = reap,
    .peek = peek,
    .put = put,
};

/* SPDX-License-Identifier: ISC
 *
 * The functions of items, handed on to the implementation.
 */
#include <stdlib.h>

#include "sim/sink/sink_items.h"
#include "sim/sink/sink_ops.h"

int
sink_item_add(struct sink *sink, const struct sink_item *item)
{
	return sink->ops->items->add(sink, item);
}

int
sink_items_count(struct sink *sink, uint64_t first, uint64_t end, struct sink_item_counts *counts)
{
	return sink->ops->items->count(sink, first, end, counts);
}

int
sink_items_open(struct sink *sink, uint64_t first, uint64_t end)
{
	return sink->ops->items->open(sink, first, end);
}

int
sink_items_each(struct sink *sink, uint64_t first, uint64_t end,
                void (*each)(void *context, uint64_t record, enum item_state state), void *context)
{
	return sink->ops->items->each(sink, first, end, each, context);
}

static int
by_record(const void *left, const void *right)
{
	const struct sink_item *a = left, *b = right;

	return (a->record > b->record) - (a->record < b->record);
}

int
sink_items_claim(struct sink *sink, struct sink_item *item, size_t max)
{
	int claimed = sink->ops->items->claim(sink, item, max);

	/* What a statement returns of what it has changed comes in no order. */
	if (claimed > 0)
		qsort(item, (size_t)claimed, sizeof(*item), by_record);
	return claimed;
}

int
sink_items_settle(struct sink *sink, uint64_t first, uint64_t end)
{
	return sink->ops->items->settle(sink, first, end);
}

int
sink_item_fail(struct sink *sink, const struct dead_record *dead)
{
	return sink->ops->items->fail(sink, dead);
}

int
sink_items_failed(struct sink *sink, uint64_t first, uint64_t end, struct dead_record *dead)
{
	return sink->ops->items->failed(sink, first, end, dead);
}

int
sink_items_retriable(struct sink *sink, uint64_t first, uint64_t end)
{
	return sink->ops->items->retriable(sink, first, end);
}

int
sink_items_retry(struct sink *sink, uint64_t first, uint64_t end)
{
	return sink->ops->items->retry(sink, first, end);
}

int
sink_items_stale(struct sink *sink)
{
	return sink->ops->items->stale(sink);
}

int
sink_items_reap(struct sink *sink)
{
	return sink->ops->items->reap(sink);
}

int
sink_items_peek(struct sink *sink, struct sink_item *item, size_t max)
{
	return sink->ops->items->peek(sink, item, max);
}

int
sink_items_put(struct sink *sink, uint64_t first, uint64_t end, enum item_state was,
               enum item_state state)
{
	return sink->ops->items->put(sink, first, end, was, state);
}

/* SPDX-License-Identifier: ISC
 *
 * What the strategies that keep an item for each record share.
 */
#ifndef SIM_STRATEGY_ITEMS_H
#define SIM_STRATEGY_ITEMS_H

#include "sim/sink/sink_items.h"
#include "sim/strategy/strategy.h"

/* So many are claimed at once, at most: each may have to be a span. */
#define ITEMS_MAX BATCH_SPANS_MAX

/* Calls put() with an item for each record of a task, in order, until it returns something else
 * than 0.  -EBADMSG: there are fewer records. */
int items_list(const struct task_plan *task, const char *bytes, char separator,
               int (*put)(void *context, const struct sink_item *item), void *context);
/* How many to claim at once. */
size_t items_batch(const struct attempt *attempt);
/* Makes spans of the items, in order. */
void items_to_spans(const struct attempt *attempt, const struct sink_item *item, size_t items,
                    struct batch *batch);
/* For strategy->progress. */
int items_progress(const struct strategy_task *task, strategy_range *each, void *context);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The table of items in run.db: the SQLite side of sink/sink_items.h, whose comments say what the
 * functions of the same name do.
 */
#ifndef SIM_STORE_STORE_ITEMS_H
#define SIM_STORE_STORE_ITEMS_H

#include "sim/sink/sink_items.h"
#include "sim/store/store.h"

/* The token that an item is held under. */
struct store_holder {
	uint32_t task, epoch, generation;
};

int store_item_add(struct store *store, const struct sink_item *item);
int store_items_count(struct store *store, uint64_t first, uint64_t end,
                      struct sink_item_counts *counts);
int store_items_open(struct store *store, uint64_t first, uint64_t end);
int store_items_each(struct store *store, uint64_t first, uint64_t end,
                     void (*each)(void *context, uint64_t record, enum item_state state),
                     void *context);
int store_items_claim(struct store *store, const struct store_holder *holder,
                      struct sink_item *item, size_t max);
int store_items_settle(struct store *store, const struct store_holder *holder, uint64_t first,
                       uint64_t end);
int store_item_fail(struct store *store, const struct store_holder *holder,
                    const struct dead_record *dead);
int store_items_failed(struct store *store, uint64_t first, uint64_t end, struct dead_record *dead);
int store_items_retriable(struct store *store, uint32_t task, uint64_t first, uint64_t end);
int store_items_retry(struct store *store, uint32_t task, uint64_t first, uint64_t end);
int store_items_stale(struct store *store, const struct store_holder *holder);
int store_items_reap(struct store *store, const struct store_holder *holder);
int store_items_peek(struct store *store, struct sink_item *item, size_t max);
int store_items_put(struct store *store, uint64_t first, uint64_t end, enum item_state was,
                    enum item_state state);

#endif

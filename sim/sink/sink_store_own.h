/* SPDX-License-Identifier: ISC
 *
 * What the parts of the sink in run.db share.
 */
#ifndef SIM_SINK_SINK_STORE_OWN_H
#define SIM_SINK_SINK_STORE_OWN_H

#include "sim/sink/sink_ops.h"
#include "sim/store/store.h"

struct sink_store {
	struct sink sink;
	struct store *store;
	uint32_t generation;
	int (*begin)(void *context);
	void *context;
};

extern const struct sink_item_ops sink_store_items;
extern const struct sink_window_ops sink_store_windows;
extern const struct sink_cell_ops sink_store_cells;

static inline struct sink_store *
sink_store_own(struct sink *sink)
{
	return (struct sink_store *)(void *)sink;
}

#endif

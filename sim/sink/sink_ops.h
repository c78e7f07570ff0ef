/* SPDX-License-Identifier: ISC
 *
 * What an implementation of a sink provides: functions of sink.h, by the same names.
 */
#ifndef SIM_SINK_SINK_OPS_H
#define SIM_SINK_SINK_OPS_H

#include "sim/sink/sink.h"
#include "sim/sink/sink_cells.h"
#include "sim/sink/sink_items.h"
#include "sim/sink/sink_windows.h"

/* Functions of sink_items.h. */
struct sink_item_ops {
	int (*add)(struct sink *sink, const struct sink_item *item);
	int (*count)(struct sink *sink, uint64_t first, uint64_t end,
	             struct sink_item_counts *counts);
	int (*open)(struct sink *sink, uint64_t first, uint64_t end);
	int (*each)(struct sink *sink, uint64_t first, uint64_t end,
	            void (*each)(void *context, uint64_t record, enum item_state state),
	            void *context);
	int (*claim)(struct sink *sink, struct sink_item *item, size_t max);
	int (*settle)(struct sink *sink, uint64_t first, uint64_t end);
	int (*fail)(struct sink *sink, const struct dead_record *dead);
	int (*failed)(struct sink *sink, uint64_t first, uint64_t end, struct dead_record *dead);
	int (*retriable)(struct sink *sink, uint64_t first, uint64_t end);
	int (*retry)(struct sink *sink, uint64_t first, uint64_t end);
	int (*stale)(struct sink *sink);
	int (*reap)(struct sink *sink);
	int (*peek)(struct sink *sink, struct sink_item *item, size_t max);
	int (*put)(struct sink *sink, uint64_t first, uint64_t end, enum item_state was,
	           enum item_state state);
};

/* Functions of sink_windows.h. */
struct sink_window_ops {
	int (*add)(struct sink *sink, const struct sink_row *row, uint64_t window_ns);
	int (*next)(struct sink *sink, uint64_t turn, struct sink_arrival *arrival);
	int (*each_arrival)(struct sink *sink, uint32_t task,
	                    int (*each)(void *context, const struct sink_event *event),
	                    void *context);
	int (*late)(struct sink *sink, uint64_t record, enum event_state state);
	int (*end)(struct sink *sink, uint32_t task);
	int (*first)(struct sink *sink, enum event_state state, uint64_t until_ns,
	             uint64_t *window_ns);
	int (*last)(struct sink *sink, uint64_t *window_ns);
	int (*close)(struct sink *sink, uint64_t window_ns, bool effects);
	int (*restate)(struct sink *sink, uint64_t window_ns, bool effects);
	int (*each_state)(struct sink *sink, uint64_t first, uint64_t end,
	                  void (*each)(void *context, uint64_t first, uint64_t end,
	                               enum event_state state),
	                  void *context);
};

/* Functions of sink_cells.h. */
struct sink_cell_ops {
	int (*find)(struct sink *sink, int64_t space, const char *key, size_t key_length,
	            struct sink_cell *cell);
	int (*due)(struct sink *sink, int64_t space, int64_t before, struct sink_cell *cell);
	int (*put)(struct sink *sink, int64_t space, const struct sink_cell *cell);
	int (*add)(struct sink *sink, int64_t space, const char *key, size_t key_length, uint64_t a,
	           uint64_t b);
	int (*each)(struct sink *sink, int64_t space,
	            int (*each)(void *context, const struct sink_cell *cell), void *context);
	int (*drop)(struct sink *sink, int64_t space);
	int (*other)(struct sink *sink, int64_t space, int64_t other, uint64_t *cells);
};

/* NULL: nothing to do. */
struct sink_ops {
	int (*prepare)(struct sink *sink);
	int (*prepared)(struct sink *sink);
	int (*lease)(struct sink *sink);
	void (*beat)(struct sink *sink);
	void (*release)(struct sink *sink);
	int (*begin)(struct sink *sink, bool fenced);
	int (*commit)(struct sink *sink);
	void (*rollback)(struct sink *sink);
	int (*append)(struct sink *sink, struct sink_row *row, size_t rows);
	int (*insert)(struct sink *sink, struct sink_row *row, size_t rows);
	int (*replace)(struct sink *sink, struct sink_row *row, size_t rows);
	int (*append_chunk)(struct sink *sink, const struct sink_chunk *chunk);
	int (*insert_chunk)(struct sink *sink, const struct sink_chunk *chunk, bool *fresh);
	int (*effect)(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record);
	int (*dead)(struct sink *sink, const struct dead_record *dead);
	int (*mark_find)(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark);
	int (*mark_each)(struct sink *sink, uint32_t task, int64_t from,
	                 int (*each)(void *context, int64_t item, const struct sink_mark *mark),
	                 void *context);
	int (*mark_add)(struct sink *sink, uint32_t task, int64_t item,
	                const struct sink_mark *mark);
	int (*mark_move)(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
	                 const struct sink_mark *mark);
	int (*mark_put)(struct sink *sink, uint32_t task, int64_t item,
	                const struct sink_mark *mark);
	int (*finish)(struct sink *sink);
	int (*give_up)(struct sink *sink);
	int (*counts)(struct sink *sink, struct sink_counts *counts);
	int (*rows)(struct sink *sink, int (*each)(void *context, const struct sink_row *row),
	            void *context);
	int (*chunks)(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
	              void *context);
	int (*effects)(struct sink *sink, int (*each)(void *context, uint64_t record),
	               void *context);
	void (*describe)(struct sink *sink, char *words, size_t size);
	const char *(*error)(const struct sink *sink);
	void (*close)(struct sink *sink);
	const struct sink_item_ops *items;
	const struct sink_window_ops *windows;
	const struct sink_cell_ops *cells;
};

/* The beginning of every implementation's own. */
struct sink {
	const struct sink_ops *ops;
	uint32_t task, epoch; /* sink_lease */
	char logical_date[16];
	bool marks_apart; /* marks are in no transaction with the rows */
};

#endif

/* SPDX-License-Identifier: ISC
 *
 * What an implementation of a sink provides: functions of sink.h, by the same names.
 */
#ifndef SIM_SINK_SINK_OPS_H
#define SIM_SINK_SINK_OPS_H

#include "sim/sink/sink.h"

struct sink_ops {
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
	const char *(*error)(const struct sink *sink);
	void (*close)(struct sink *sink);
};

/* The beginning of every implementation's own. */
struct sink {
	const struct sink_ops *ops;
	uint32_t task, epoch; /* sink_lease */
	char logical_date[16];
};

#endif

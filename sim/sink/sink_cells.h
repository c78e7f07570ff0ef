/* SPDX-License-Identifier: ISC
 *
 * Cells: what a stream job keeps by key, in spaces that know nothing of each other.  In the
 * transaction of the cursor, so that state and place are one.
 *
 * Functions return 0 or -errno unless they say otherwise.  Whatever writes stands between
 * sink_begin and sink_commit.
 */
#ifndef SIM_SINK_SINK_CELLS_H
#define SIM_SINK_SINK_CELLS_H

#include "sim/sink/sink.h"

#define SINK_NOT_DUE INT64_MAX

struct sink_cell {
	const char *key;
	size_t key_length;
	uint64_t a, b;
	int64_t due;      /* SINK_NOT_DUE: never */
	const void *blob; /* NULL: none */
	size_t length;
};

/* 1 found, 0 not.  Key and blob of one that was found are valid until the next call. */
int sink_cell_find(struct sink *sink, int64_t space, const char *key, size_t key_length,
                   struct sink_cell *cell);
/* The first that is due before then: 1, or 0. */
int sink_cell_due(struct sink *sink, int64_t space, int64_t before, struct sink_cell *cell);
/* Writes it whatever was there. */
int sink_cell_put(struct sink *sink, int64_t space, const struct sink_cell *cell);
/* Adds to a and b of a cell, which begins with zeros. */
int sink_cell_add(struct sink *sink, int64_t space, const char *key, size_t key_length, uint64_t a,
                  uint64_t b);
/* All of a space by their keys; each() returns 0 to go on, else it ends with that. */
int sink_cells_each(struct sink *sink, int64_t space,
                    int (*each)(void *context, const struct sink_cell *cell), void *context);
int sink_cells_drop(struct sink *sink, int64_t space);
/* How many cells there are in spaces above the first, but for the other one. */
int sink_cells_other(struct sink *sink, int64_t space, int64_t other, uint64_t *cells);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Cells in run.db.
 */
#include "sim/sink/sink_store_own.h"
#include "sim/store/store_cells.h"

static struct store *
store_of(struct sink *sink)
{
	return sink_store_own(sink)->store;
}

static int
find(struct sink *sink, int64_t space, const char *key, size_t key_length, struct sink_cell *cell)
{
	return store_cell_find(store_of(sink), space, key, key_length, cell);
}

static int
due(struct sink *sink, int64_t space, int64_t before, struct sink_cell *cell)
{
	return store_cell_due(store_of(sink), space, before, cell);
}

static int
put(struct sink *sink, int64_t space, const struct sink_cell *cell)
{
	return store_cell_put(store_of(sink), space, cell);
}

static int
add(struct sink *sink, int64_t space, const char *key, size_t key_length, uint64_t a, uint64_t b)
{
	return store_cell_add(store_of(sink), space, key, key_length, a, b);
}

static int
each_cell(struct sink *sink, int64_t space,
          int (*each)(void *context, const struct sink_cell *cell), void *context)
{
	return store_cells_each(store_of(sink), space, each, context);
}

static int
drop(struct sink *sink, int64_t space)
{
	return store_cells_drop(store_of(sink), space);
}

static int
other(struct sink *sink, int64_t space, int64_t another, uint64_t *cells)
{
	return store_cells_other(store_of(sink), space, another, cells);
}

const struct sink_cell_ops sink_store_cells = {
    .find = find,
    .due = due,
    .put = put,
    .add = add,
    .each = each_cell,
    .drop = drop,
    .other = other,
};

/* SPDX-License-Identifier: ISC
 *
 * The functions of cells, handed on to the implementation.
 */
#include "sim/sink/sink_cells.h"
#include "sim/sink/sink_ops.h"

int
sink_cell_find(struct sink *sink, int64_t space, const char *key, size_t key_length,
               struct sink_cell *cell)
{
	return sink->ops->cells->find(sink, space, key, key_length, cell);
}

int
sink_cell_due(struct sink *sink, int64_t space, int64_t before, struct sink_cell *cell)
{
	return sink->ops->cells->due(sink, space, before, cell);
}

int
sink_cell_put(struct sink *sink, int64_t space, const struct sink_cell *cell)
{
	return sink->ops->cells->put(sink, space, cell);
}

int
sink_cell_add(struct sink *sink, int64_t space, const char *key, size_t key_length, uint64_t a,
              uint64_t b)
{
	return sink->ops->cells->add(sink, space, key, key_length, a, b);
}

int
sink_cells_each(struct sink *sink, int64_t space,
                int (*each)(void *context, const struct sink_cell *cell), void *context)
{
	return sink->ops->cells->each(sink, space, each, context);
}

int
sink_cells_drop(struct sink *sink, int64_t space)
{
	return sink->ops->cells->drop(sink, space);
}

int
sink_cells_other(struct sink *sink, int64_t space, int64_t other, uint64_t *cells)
{
	return sink->ops->cells->other(sink, space, other, cells);
}

/* SPDX-License-Identifier: ISC
 *
 * The table of cells in run.db: the SQLite side of sink/sink_cells.h, whose comments say what the
 * functions of the same name do.
 */
#ifndef SIM_STORE_STORE_CELLS_H
#define SIM_STORE_STORE_CELLS_H

#include "sim/sink/sink_cells.h"
#include "sim/store/store.h"

int store_cell_find(struct store *store, int64_t space, const char *key, size_t key_length,
                    struct sink_cell *cell);
int store_cell_due(struct store *store, int64_t space, int64_t before, struct sink_cell *cell);
int store_cell_put(struct store *store, int64_t space, const struct sink_cell *cell);
int store_cell_add(struct store *store, int64_t space, const char *key, size_t key_length,
                   uint64_t a, uint64_t b);
int store_cells_each(struct store *store, int64_t space,
                     int (*each)(void *context, const struct sink_cell *cell), void *context);
int store_cells_drop(struct store *store, int64_t space);
int store_cells_other(struct store *store, int64_t space, int64_t other, uint64_t *cells);

#endif

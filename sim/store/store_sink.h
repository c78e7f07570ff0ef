/* SPDX-License-Identifier: ISC
 *
 * The tables of run.db that jobs of kind etl write: the SQLite side of sink/sink.h, whose comments
 * say what the functions of the same name do.
 */
#ifndef SIM_STORE_STORE_SINK_H
#define SIM_STORE_STORE_SINK_H

#include "sim/sink/sink.h"
#include "sim/store/store.h"

int store_sink_append(struct store *store, const struct sink_row *row);
/* 1: added; 0: its key was there, with the same payload or with another one (a conflict). */
int store_sink_insert(struct store *store, const struct sink_row *row);
int store_sink_replace(struct store *store, const struct sink_row *row);
int store_sink_append_chunk(struct store *store, const struct sink_chunk *chunk);
/* As store_sink_insert. */
int store_sink_insert_chunk(struct store *store, const struct sink_chunk *chunk);
int store_effect_log(struct store *store, const unsigned char key[SINK_KEY_BYTES], uint64_t record);
int store_dead_keep(struct store *store, uint32_t task, const struct dead_record *dead);

int store_mark_find(struct store *store, uint32_t task, int64_t item, struct sink_mark *mark);
int store_mark_each(struct store *store, uint32_t task, int64_t from,
                    int (*each)(void *context, int64_t item, const struct sink_mark *mark),
                    void *context);
int store_mark_add(struct store *store, uint32_t task, int64_t item, const struct sink_mark *mark);
int store_mark_move(struct store *store, uint32_t task, int64_t item, uint64_t was,
                    const struct sink_mark *mark);
int store_mark_put(struct store *store, uint32_t task, int64_t item, const struct sink_mark *mark);

/* What there is of all that, for the verdict. */
int store_sink_counts_read(struct store *store, struct sink_counts *counts);
/* All rows, in no order; each() returns 0 to go on. */
int store_sink_rows_read(struct store *store,
                         int (*each)(void *context, const struct sink_row *row), void *context);
/* All rows of whole batches, by their first record. */
int store_sink_chunks_read(struct store *store,
                           int (*each)(void *context, const struct sink_chunk *chunk),
                           void *context);
int store_effects_logged(struct store *store, int (*each)(void *context, uint64_t record),
                         void *context);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The sink in PostgreSQL, in a schema of the run's own, with a fence of its own: who is given a
 * lease claims the task there first, and from then on nobody with an older token can commit, alive
 * or in what the server has still to do for a client that is dead.  What is in the sink comes
 * first; run.db's `done` follows.
 */
#ifndef SIM_SINK_SINK_POSTGRES_H
#define SIM_SINK_SINK_POSTGRES_H

#include "sim/sink/postgres.h"
#include "sim/sink/postgres_array.h"
#include "sim/sink/sink_open.h"
#include "sim/sink/sink_ops.h"

#define SINK_SCHEMA_SIZE 40
#define SINK_ITEM_VALUES 5

struct sink_postgres {
	struct sink sink;
	struct sink_wish wish;
	char schema[SINK_SCHEMA_SIZE];
	struct postgres *postgres;                  /* NULL or lost: connected when it is needed */
	struct postgres_array record, key, payload; /* of rows that are about to be sent */
	struct postgres_array item[SINK_ITEM_VALUES]; /* of a plan, sent some thousand at a time */
	struct postgres_array effect_record, effect_key; /* sent with the commit */
	uint64_t claim_next;                             /* where to look for pending items first */
};

static inline struct sink_postgres *
sink_postgres_own(struct sink *sink)
{
	return (struct sink_postgres *)(void *)sink;
}

/* A sink that is not connected yet.  0 or -errno. */
int sink_postgres_open(struct sink **sink, const struct sink_wish *wish);

/* Connects anew if there is no connection. */
int sink_postgres_connect(struct sink_postgres *this);

/* The same for who may be but a reader, with no lease to connect for: only if there never was a
 * connection.  One that was lost took a transaction with it, which must be noticed. */
int sink_postgres_connect_reader(struct sink_postgres *this);

/* The parts, by file; see struct sink_ops. */
/* sink_postgres_rows.c */
int sink_postgres_append(struct sink *sink, struct sink_row *row, size_t rows);
int sink_postgres_insert(struct sink *sink, struct sink_row *row, size_t rows);
int sink_postgres_replace(struct sink *sink, struct sink_row *row, size_t rows);
int sink_postgres_append_chunk(struct sink *sink, const struct sink_chunk *chunk);
int sink_postgres_insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh);
int sink_postgres_effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES],
                         uint64_t record);
/* Sends the effects that were gathered. */
int sink_postgres_flush_effects(struct sink_postgres *this);
/* sink_postgres_marks.c */
int sink_postgres_mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark);
int sink_postgres_mark_each(struct sink *sink, uint32_t task, int64_t from,
                            int (*each)(void *context, int64_t item, const struct sink_mark *mark),
                            void *context);
int sink_postgres_mark_add(struct sink *sink, uint32_t task, int64_t item,
                           const struct sink_mark *mark);
int sink_postgres_mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
                            const struct sink_mark *mark);
int sink_postgres_mark_put(struct sink *sink, uint32_t task, int64_t item,
                           const struct sink_mark *mark);
/* sink_postgres_items.c */
extern const struct sink_item_ops sink_postgres_items;
/* Sends the items that were gathered. */
int sink_postgres_flush_items(struct sink_postgres *this);
int sink_postgres_bury_items(struct sink_postgres *this, uint64_t first, uint64_t end);
/* sink_postgres_schema.c: makes the tables, in a transaction that is left open. */
int sink_postgres_prepare(struct sink *sink);
/* sink_postgres_read.c */
int sink_postgres_counts(struct sink *sink, struct sink_counts *counts);
int sink_postgres_rows(struct sink *sink, int (*each)(void *context, const struct sink_row *row),
                       void *context);
int sink_postgres_chunks(struct sink *sink,
                         int (*each)(void *context, const struct sink_chunk *chunk), void *context);
int sink_postgres_effects(struct sink *sink, int (*each)(void *context, uint64_t record),
                          void *context);

#endif

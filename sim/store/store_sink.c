/* SPDX-License-Identifier: ISC
 *
 * Rows, chunks, effects and marks of etl jobs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/store/store_internal.h"
#include "sim/store/store_sink.h"
#include "sim/util/plant.h"

static int
plain(int changed)
{
	return changed < 0 ? changed : 0;
}

static int
unprepared(struct store *store)
{
	return store_failed(store, sqlite3_errcode(store->db));
}

/* The statements of rows all have record, key and payload, in this order. */
static sqlite3_stmt *
bind_row(struct store *store, enum statement id, const struct sink_row *row)
{
	sqlite3_stmt *statement = STORE_BIND(store, id, (int64_t)row->record);

	if (statement == NULL)
		return NULL;
	sqlite3_bind_blob(statement, 2, row->key, SINK_KEY_BYTES, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 3, row->payload, row->length, SQLITE_STATIC);
	return statement;
}

static int
run_row(struct store *store, enum statement id, const struct sink_row *row)
{
	sqlite3_stmt *statement = bind_row(store, id, row);

	return statement == NULL ? unprepared(store) : store_step_reset(store, statement);
}

int
store_sink_append(struct store *store, const struct sink_row *row)
{
	return plain(run_row(store, SQL_SINK_APPEND, row));
}

int
store_sink_replace(struct store *store, const struct sink_row *row)
{
	return plain(run_row(store, SQL_SINK_REPLACE, row));
}

/* 1: what the statement compares is the same; 0: it differs, or is not there. */
static int
is_same(struct store *store, sqlite3_stmt *statement)
{
	int found = statement == NULL ? unprepared(store) : store_step_row(store, statement);

	if (found <= 0)
		return found;
	found = sqlite3_column_int(statement, 0) == 1;
	sqlite3_reset(statement);
	return found;
}

int
store_sink_insert(struct store *store, const struct sink_row *row)
{
	int added = run_row(store, SQL_SINK_INSERT, row), same;

	if (added != 0)
		return added;
	same = is_same(store, bind_row(store, SQL_SINK_SAME, row));
	if (same != 0)
		return same < 0 ? same : 0;
	return plain(run_row(store, SQL_CONFLICT_PUT, row));
}

static sqlite3_stmt *
bind_chunk(struct store *store, enum statement id, const struct sink_chunk *chunk)
{
	sqlite3_stmt *statement = STORE_BIND(store, id, (int64_t)chunk->first, (int64_t)chunk->end,
	                                     (int64_t)chunk->records, (int64_t)chunk->digest);

	if (statement != NULL)
		sqlite3_bind_blob(statement, 5, chunk->key, SINK_KEY_BYTES, SQLITE_STATIC);
	return statement;
}

int
store_sink_append_chunk(struct store *store, const struct sink_chunk *chunk)
{
	sqlite3_stmt *statement = bind_chunk(store, SQL_SINK_CHUNK, chunk);

	return statement == NULL ? unprepared(store) : plain(store_step_reset(store, statement));
}

int
store_sink_insert_chunk(struct store *store, const struct sink_chunk *chunk)
{
	sqlite3_stmt *statement = bind_chunk(store, SQL_SINK_CHUNK_FIND, chunk);
	int found = statement == NULL ? unprepared(store) : store_step_row(store, statement);
	struct sink_row refused = {.record = chunk->first, .payload = "", .length = 0};
	bool same;

	if (found < 0)
		return found;
	if (found == 0) {
		found = store_sink_append_chunk(store, chunk);
		return found < 0 ? found : 1;
	}
	same = sqlite3_column_int(statement, 0) == 1;
	sqlite3_reset(statement);
	memcpy(refused.key, chunk->key, SINK_KEY_BYTES);
	return same ? 0 : plain(run_row(store, SQL_CONFLICT_PUT, &refused));
}

int
store_effect_log(struct store *store, const unsigned char key[SINK_KEY_BYTES], uint64_t record)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_EFFECT_LOG, (int64_t)record);

	if (statement == NULL)
		return unprepared(store);
	sqlite3_bind_blob(statement, 2, key, SINK_KEY_BYTES, SQLITE_STATIC);
	return plain(store_step_reset(store, statement));
}

int
store_dead_keep(struct store *store, uint32_t task, const struct dead_record *dead)
{
	int changed = store_dead_write(store, SQL_DEAD_PUT, task, dead, 1);

	return changed < 0 ? changed : 0;
}

static sqlite3_stmt *
bind_mark(struct store *store, enum statement id, uint32_t task, int64_t item,
          const struct sink_mark *mark)
{
	sqlite3_stmt *statement =
	    STORE_BIND(store, id, task, item, (int64_t)mark->a, (int64_t)mark->b);

	if (statement == NULL)
		return NULL;
	if (mark->blob != NULL)
		sqlite3_bind_blob64(statement, 5, mark->blob, mark->length, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, 5);
	return statement;
}

/* Steps; what the mark's blob points to need not last any longer then. */
static int
run_mark(struct store *store, sqlite3_stmt *statement)
{
	int changed;

	if (statement == NULL)
		return unprepared(store);
	changed = store_step_reset(store, statement);
	sqlite3_bind_null(statement, 5);
	return changed;
}

static void
read_mark(sqlite3_stmt *row, int column, struct sink_mark *mark)
{
	mark->a = (uint64_t)sqlite3_column_int64(row, column);
	mark->b = (uint64_t)sqlite3_column_int64(row, column + 1);
	mark->blob = sqlite3_column_blob(row, column + 2);
	mark->length = (size_t)sqlite3_column_bytes(row, column + 2);
}

/* A statement that is not reset would keep the connection in the past. */
static int
keep_blob(struct store *store, struct sink_mark *mark)
{
	if (mark->length > store->blob_room) {
		void *larger = realloc(store->blob, mark->length);

		if (larger == NULL)
			return -ENOMEM;
		store->blob = larger;
		store->blob_room = mark->length;
	}
	if (mark->length > 0)
		memcpy(store->blob, mark->blob, mark->length);
	mark->blob = mark->blob == NULL ? NULL : store->blob;
	return 0;
}

int
store_mark_find(struct store *store, uint32_t task, int64_t item, struct sink_mark *mark)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_MARK_FIND, task, item);
	int found = row == NULL ? unprepared(store) : store_step_row(store, row), error;

	if (found <= 0)
		return found;
	read_mark(row, 0, mark);
	error = keep_blob(store, mark);
	sqlite3_reset(row);
	return error != 0 ? error : 1;
}

int
store_mark_each(struct store *store, uint32_t task, int64_t from,
                int (*each)(void *context, int64_t item, const struct sink_mark *mark),
                void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_MARK_EACH, task, from);
	int found = 0, stopped = 0;

	if (row == NULL)
		return unprepared(store);
	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct sink_mark mark;

		read_mark(row, 1, &mark);
		stopped = each(context, sqlite3_column_int64(row, 0), &mark);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_mark_add(struct store *store, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	int added;

	if (planted("cursor-overwritten"))
		return store_mark_put(store, task, item, mark);
	added = run_mark(store, bind_mark(store, SQL_MARK_ADD, task, item, mark));
	if (added == 0)
		return -EEXIST;
	return plain(added);
}

int
store_mark_move(struct store *store, uint32_t task, int64_t item, uint64_t was,
                const struct sink_mark *mark)
{
	sqlite3_stmt *statement;

	if (planted("cursor-overwritten"))
		return run_mark(store, bind_mark(store, SQL_MARK_PUT, task, item, mark));
	statement = bind_mark(store, SQL_MARK_MOVE, task, item, mark);
	if (statement != NULL)
		sqlite3_bind_int64(statement, 6, (int64_t)was);
	return run_mark(store, statement);
}

int
store_mark_put(struct store *store, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	return plain(run_mark(store, bind_mark(store, SQL_MARK_PUT, task, item, mark)));
}

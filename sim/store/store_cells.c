/* SPDX-License-Identifier: ISC
 *
 * Cells.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/store/store_cells.h"
#include "sim/store/store_internal.h"

static int
unprepared(struct store *store)
{
	return store_failed(store, sqlite3_errcode(store->db));
}

/* Columns of every statement that reads cells: key, a, b, due, blob. */
static void
read_cell(sqlite3_stmt *row, struct sink_cell *cell)
{
	cell->key = sqlite3_column_blob(row, 0);
	cell->key_length = (size_t)sqlite3_column_bytes(row, 0);
	cell->a = (uint64_t)sqlite3_column_int64(row, 1);
	cell->b = (uint64_t)sqlite3_column_int64(row, 2);
	cell->due = sqlite3_column_type(row, 3) == SQLITE_NULL ? SINK_NOT_DUE
	                                                       : sqlite3_column_int64(row, 3);
	cell->blob = sqlite3_column_blob(row, 4);
	cell->length = (size_t)sqlite3_column_bytes(row, 4);
}

/* A statement that is not reset would keep the connection in the past: key and blob are copied. */
static int
keep(struct store *store, struct sink_cell *cell)
{
	size_t needed = cell->key_length + cell->length;
	char *room = store->blob;

	if (needed > store->blob_room) {
		room = realloc(store->blob, needed);
		if (room == NULL)
			return -ENOMEM;
		store->blob = room;
		store->blob_room = needed;
	}
	if (cell->length > 0)
		memcpy(room, cell->blob, cell->length);
	memcpy(room + cell->length, cell->key, cell->key_length);
	cell->blob = cell->blob == NULL ? NULL : room;
	cell->key = room + cell->length;
	return 0;
}

/* The one row of the statement, if there is one. */
static int
find_one(struct store *store, sqlite3_stmt *row, struct sink_cell *cell)
{
	int found = row == NULL ? unprepared(store) : store_step_row(store, row), error;

	if (found <= 0)
		return found;
	read_cell(row, cell);
	error = keep(store, cell);
	sqlite3_reset(row);
	return error != 0 ? error : 1;
}

int
store_cell_find(struct store *store, int64_t space, const char *key, size_t key_length,
                struct sink_cell *cell)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_CELL_FIND, space);

	if (row != NULL)
		sqlite3_bind_blob64(row, 2, key, key_length, SQLITE_STATIC);
	return find_one(store, row, cell);
}

int
store_cell_due(struct store *store, int64_t space, int64_t before, struct sink_cell *cell)
{
	return find_one(store, STORE_BIND(store, SQL_CELL_DUE, space, before), cell);
}

int
store_cell_put(struct store *store, int64_t space, const struct sink_cell *cell)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_CELL_PUT, space, (int64_t)cell->a,
	                                     (int64_t)cell->b, (int64_t)cell->due);
	int changed;

	if (statement == NULL)
		return unprepared(store);
	if (cell->due == SINK_NOT_DUE)
		sqlite3_bind_null(statement, 4);
	sqlite3_bind_blob64(statement, 5, cell->key, cell->key_length, SQLITE_STATIC);
	if (cell->blob != NULL)
		sqlite3_bind_blob64(statement, 6, cell->blob, cell->length, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, 6);
	changed = store_step_reset(store, statement);
	return changed < 0 ? changed : 0;
}

int
store_cell_add(struct store *store, int64_t space, const char *key, size_t key_length, uint64_t a,
               uint64_t b)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_CELL_ADD, space, (int64_t)a, (int64_t)b);
	int changed;

	if (statement == NULL)
		return unprepared(store);
	sqlite3_bind_blob64(statement, 4, key, key_length, SQLITE_STATIC);
	changed = store_step_reset(store, statement);
	return changed < 0 ? changed : 0;
}

int
store_cells_each(struct store *store, int64_t space,
                 int (*each)(void *context, const struct sink_cell *cell), void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_CELL_EACH, space);
	int found = 0, stopped = 0;

	if (row == NULL)
		return unprepared(store);
	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct sink_cell cell;

		read_cell(row, &cell);
		stopped = each(context, &cell);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_cells_drop(struct store *store, int64_t space)
{
	int changed = STORE_RUN(store, SQL_CELL_DROP, space);

	return changed < 0 ? changed : 0;
}

int
store_cells_other(struct store *store, int64_t space, int64_t other, uint64_t *cells)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_CELL_OTHER, space, other);
	int found = row == NULL ? unprepared(store) : store_step_row(store, row);

	if (found != 1)
		return found;
	*cells = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * Reading back what an etl job has made, for the verdict.
 */
#include <errno.h>
#include <string.h>

#include "sim/store/store_internal.h"
#include "sim/store/store_sink.h"

/* Up to `count` numbers of a statement's first row; 1 or 0 if there is one, or not, or -errno. */
static int
read_numbers(struct store *store, enum statement id, uint64_t **value, int count)
{
	sqlite3_stmt *row = store_statement(store, id, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found;
	for (int i = 0; i < count; i++)
		*value[i] = (uint64_t)sqlite3_column_int64(row, i);
	sqlite3_reset(row);
	return 1;
}

int
store_sink_counts_read(struct store *store, struct sink_counts *counts)
{
	uint64_t *sums[] = {&counts->records,     &counts->effects,    &counts->conflicts,
	                    &counts->marks_moved, &counts->marks_back, &counts->chunks};
	uint64_t *conflict[] = {&counts->first_conflict};
	uint64_t *back[] = {&counts->back_task, &counts->back_from, &counts->back_to};
	int found;

	memset(counts, 0, sizeof(*counts));
	found = read_numbers(store, SQL_SINK_COUNT, sums, 6);
	if (found >= 0)
		found = read_numbers(store, SQL_CONFLICT_FIRST, conflict, 1);
	if (found >= 0)
		found = read_numbers(store, SQL_MARK_BACK_FIRST, back, 3);
	return found < 0 ? found : 0;
}

int
store_sink_rows_read(struct store *store, int (*each)(void *context, const struct sink_row *row),
                     void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_SINK_ROWS, 0, NULL);
	int found = 0, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct sink_row read = {
		    .record = (uint64_t)sqlite3_column_int64(row, 1),
		    .payload = sqlite3_column_blob(row, 2),
		    .length = (size_t)sqlite3_column_bytes(row, 2),
		};
		if (sqlite3_column_bytes(row, 0) == SINK_KEY_BYTES)
			memcpy(read.key, sqlite3_column_blob(row, 0), SINK_KEY_BYTES);
		stopped = each(context, &read);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_sink_chunks_read(struct store *store,
                       int (*each)(void *context, const struct sink_chunk *chunk), void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_SINK_CHUNKS, 0, NULL);
	int found = 0, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		const struct sink_chunk chunk = {
		    .first = (uint64_t)sqlite3_column_int64(row, 0),
		    .end = (uint64_t)sqlite3_column_int64(row, 1),
		    .records = (uint64_t)sqlite3_column_int64(row, 2),
		    .digest = (uint64_t)sqlite3_column_int64(row, 3),
		};
		stopped = each(context, &chunk);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_effects_logged(struct store *store, int (*each)(void *context, uint64_t record),
                     void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_EFFECT_LOGGED, 0, NULL);
	int found = 0, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1)
		stopped = each(context, (uint64_t)sqlite3_column_int64(row, 0));
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

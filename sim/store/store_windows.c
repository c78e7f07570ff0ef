/* SPDX-License-Identifier: ISC
 *
 * Events and windows: what arrives, what its window's end makes of it.
 */
#include <errno.h>

#include "sim/store/store_internal.h"
#include "sim/store/store_windows.h"

static int
plain(int changed)
{
	return changed < 0 ? changed : 0;
}

int
store_event_add(struct store *store, uint32_t task, const struct sink_row *row, uint64_t window_ns)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_EVENT_ADD, (int64_t)row->record, task,
	                                     row->time_ns, (int64_t)window_ns);

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_bind_text64(statement, 5, row->source, row->source_length, SQLITE_STATIC,
	                    SQLITE_UTF8);
	sqlite3_bind_blob(statement, 6, row->key, SINK_KEY_BYTES, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 7, row->payload, row->length, SQLITE_STATIC);
	return plain(store_step_reset(store, statement));
}

/* The one number of a statement's row: 1, 0 if it has none, or -errno. */
static int
read_number(struct store *store, sqlite3_stmt *row, uint64_t *value)
{
	int found = store_step_row(store, row);

	if (found <= 0)
		return found;
	found = sqlite3_column_type(row, 0) != SQLITE_NULL;
	*value = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return found;
}

/* The task behind those of the plan, which closes what is open: once for all, as there may be very
 * many before it. */
static int
find_planned_end(struct store *store)
{
	int found;

	if (store->planned_end != 0)
		return 0;
	found = read_number(store, store_statement(store, SQL_ARRIVAL_LAST, 0, NULL),
	                    &store->planned_end);
	if (found == 0)
		store->planned_end = UINT64_MAX;
	return found < 0 ? found : 0;
}

int
store_arrival_next(struct store *store, uint64_t turn, struct sink_arrival *arrival)
{
	uint64_t task = 0;
	sqlite3_stmt *row;
	int found = find_planned_end(store);

	if (found == 0)
		found = read_number(store, STORE_BIND(store, SQL_ARRIVAL_BELATED, (int64_t)turn),
		                    &task);
	*arrival = (struct sink_arrival){.task = (uint32_t)task, .belated = true};
	if (found != 0)
		return found;
	row = STORE_BIND(store, SQL_ARRIVAL_TURN, (int64_t)turn);
	found = store_step_row(store, row);
	if (found <= 0)
		return found;
	/* Tasks that were made behind the last one are dead letters which are tried again. */
	task = (uint64_t)sqlite3_column_int64(row, 0);
	*arrival =
	    (struct sink_arrival){.task = (uint32_t)task, .belated = task > store->planned_end};
	found = sqlite3_column_int(row, 1) != 0;
	sqlite3_reset(row);
	return found;
}

int
store_arrival_each(struct store *store, uint32_t task,
                   int (*each)(void *context, const struct sink_event *event), void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_ARRIVAL_EACH, task);
	int found = 0, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		const struct sink_event event = {
		    .record = (uint64_t)sqlite3_column_int64(row, 0),
		    .time_ns = sqlite3_column_int64(row, 1),
		    .window_ns = (uint64_t)sqlite3_column_int64(row, 2),
		    .source = (const char *)sqlite3_column_text(row, 3),
		    .source_length = (size_t)sqlite3_column_bytes(row, 3),
		};
		stopped = each(context, &event);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_event_late(struct store *store, uint64_t record, enum event_state state)
{
	return plain(STORE_RUN(store, SQL_EVENT_LATE, (int64_t)record, state));
}

int
store_arrival_end(struct store *store, uint32_t task)
{
	return plain(STORE_RUN(store, SQL_ARRIVAL_END, task));
}

int
store_window_first(struct store *store, enum event_state state, uint64_t until_ns,
                   uint64_t *window_ns)
{
	return read_number(store, STORE_BIND(store, SQL_WINDOW_FIRST, state, (int64_t)until_ns),
	                   window_ns);
}

int
store_window_last(struct store *store, uint64_t *window_ns)
{
	return read_number(store, store_statement(store, SQL_WINDOW_LAST, 0, NULL), window_ns);
}

/* The window's events of that state come out: rows and effects. */
static int
let_out(struct store *store, uint64_t window_ns, enum event_state state, bool effects)
{
	int changed = STORE_RUN(store, SQL_WINDOW_ROWS, (int64_t)window_ns, state);

	if (changed >= 0 && effects)
		changed = STORE_RUN(store, SQL_WINDOW_EFFECTS, (int64_t)window_ns, state);
	if (changed >= 0)
		changed = STORE_RUN(store, SQL_WINDOW_OUT, (int64_t)window_ns, state);
	return plain(changed);
}

static int
raise_version(struct store *store, uint64_t window_ns)
{
	return plain(STORE_RUN(store, SQL_WINDOW_VERSION, (int64_t)window_ns));
}

int
store_window_close(struct store *store, uint64_t window_ns, bool effects)
{
	int error = let_out(store, window_ns, EVENT_WAITING, effects);

	return error == 0 ? raise_version(store, window_ns) : error;
}

int
store_window_restate(struct store *store, uint64_t window_ns, bool effects)
{
	int changed = STORE_RUN(store, SQL_WINDOW_DELETE, (int64_t)window_ns), error;

	if (changed >= 0)
		changed = STORE_RUN(store, SQL_WINDOW_ROWS, (int64_t)window_ns, EVENT_OUT);
	if (changed < 0)
		return changed;
	error = let_out(store, window_ns, EVENT_LATE, effects);
	return error == 0 ? raise_version(store, window_ns) : error;
}

int
store_events_each(struct store *store, uint64_t first, uint64_t end,
                  void (*each)(void *context, uint64_t first, uint64_t end, enum event_state state),
                  void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_EVENT_STATES, (int64_t)first, (int64_t)end);
	int found;

	while ((found = store_step_row(store, row)) == 1) {
		uint64_t record = (uint64_t)sqlite3_column_int64(row, 0);

		each(context, record, record + 1, (enum event_state)sqlite3_column_int(row, 1));
	}
	return found;
}

int
store_window_counts_read(struct store *store, struct store_window_counts *counts)
{
	sqlite3_stmt *row = store_statement(store, SQL_WINDOW_COUNT, 0, NULL);
	int found = store_step_row(store, row);

	*counts = (struct store_window_counts){0};
	if (found <= 0)
		return found;
	*counts = (struct store_window_counts){
	    .windows = (uint64_t)sqlite3_column_int64(row, 0),
	    .restatements = (uint64_t)sqlite3_column_int64(row, 1),
	    .restated = (uint64_t)sqlite3_column_int64(row, 2),
	    .dropped = (uint64_t)sqlite3_column_int64(row, 3),
	    .unsettled = (uint64_t)sqlite3_column_int64(row, 4),
	};
	sqlite3_reset(row);
	return 0;
}

int
store_dropped_read(struct store *store, int (*each)(void *context, uint64_t record), void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_EVENT_DROPPED, 0, NULL);
	int found = 0, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1)
		stopped = each(context, (uint64_t)sqlite3_column_int64(row, 0));
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

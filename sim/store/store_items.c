/* SPDX-License-Identifier: ISC
 *
 * Items: claiming, settling, reaping.
 */
#include <errno.h>

#include "sim/store/store_internal.h"
#include "sim/store/store_items.h"
#include "sim/util/plant.h"

static int
plain(int changed)
{
	return changed < 0 ? changed : 0;
}

int
store_item_add(struct store *store, const struct sink_item *item)
{
	return plain(STORE_RUN(store, SQL_ITEM_ADD, (int64_t)item->record, item->task,
	                       (int64_t)item->offset, (int64_t)item->length, (int64_t)item->hash));
}

int
store_items_count(struct store *store, uint64_t first, uint64_t end,
                  struct sink_item_counts *counts)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_ITEM_COUNT, (int64_t)first, (int64_t)end);
	int found;

	*counts = (struct sink_item_counts){0};
	while ((found = store_step_row(store, row)) == 1) {
		int state = sqlite3_column_int(row, 0);

		if (state >= 0 && state < ITEM_STATES)
			counts->items[state] = (uint64_t)sqlite3_column_int64(row, 1);
	}
	return found;
}

/* The statement's first column, as a truth. */
static int
is_true(struct store *store, sqlite3_stmt *row)
{
	int found = store_step_row(store, row), value;

	if (found <= 0)
		return found;
	value = sqlite3_column_int(row, 0) != 0;
	sqlite3_reset(row);
	return value;
}

int
store_items_open(struct store *store, uint64_t first, uint64_t end)
{
#ifdef PLANTED_BUGS
	if (planted("held-is-done"))
		return is_true(store,
		               STORE_BIND(store, SQL_ITEM_PENDING, (int64_t)first, (int64_t)end));
#endif
	return is_true(store, STORE_BIND(store, SQL_ITEM_OPEN, (int64_t)first, (int64_t)end));
}

int
store_items_each(struct store *store, uint64_t first, uint64_t end,
                 void (*each)(void *context, uint64_t record, enum item_state state), void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_ITEM_EACH, (int64_t)first, (int64_t)end);
	int found;

	while ((found = store_step_row(store, row)) == 1)
		each(context, (uint64_t)sqlite3_column_int64(row, 0),
		     (enum item_state)sqlite3_column_int(row, 1));
	return found;
}

/* Rows of record, task, offset, length and hash; how many. */
static int
read_items(struct store *store, sqlite3_stmt *row, struct sink_item *item, size_t max)
{
	size_t count = 0;
	int found;

	while ((found = store_step_row(store, row)) == 1) {
		if (count == max) {
			sqlite3_reset(row);
			return -E2BIG;
		}
		item[count++] = (struct sink_item){
		    .record = (uint64_t)sqlite3_column_int64(row, 0),
		    .task = (uint32_t)sqlite3_column_int64(row, 1),
		    .offset = (uint64_t)sqlite3_column_int64(row, 2),
		    .length = (uint64_t)sqlite3_column_int64(row, 3),
		    .hash = (uint64_t)sqlite3_column_int64(row, 4),
		};
	}
	return found < 0 ? found : (int)count;
}

int
store_items_claim(struct store *store, const struct store_holder *holder, struct sink_item *item,
                  size_t max)
{
	return read_items(store,
	                  STORE_BIND(store, SQL_ITEM_CLAIM, holder->task, holder->epoch,
	                             holder->generation, (int64_t)max),
	                  item, max);
}

int
store_items_settle(struct store *store, const struct store_holder *holder, uint64_t first,
                   uint64_t end)
{
	return STORE_RUN(store, SQL_ITEM_SETTLE, holder->task, holder->epoch, holder->generation,
	                 (int64_t)first, (int64_t)end);
}

int
store_item_fail(struct store *store, const struct store_holder *holder,
                const struct dead_record *dead)
{
	return STORE_RUN(store, SQL_ITEM_FAIL, holder->task, holder->epoch, holder->generation,
	                 (int64_t)dead->record, dead->reason, dead->column);
}

int
store_items_failed(struct store *store, uint64_t first, uint64_t end, struct dead_record *dead)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_ITEM_FAILED, (int64_t)first, (int64_t)end);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found;
	*dead = (struct dead_record){
	    .record = (uint64_t)sqlite3_column_int64(row, 0),
	    .offset = (uint64_t)sqlite3_column_int64(row, 1),
	    .reason = (uint32_t)sqlite3_column_int64(row, 2),
	    .column = (uint32_t)sqlite3_column_int64(row, 3),
	};
	sqlite3_reset(row);
	return 1;
}

int
store_items_bury(struct store *store, const struct task_plan *task, uint32_t reason)
{
	int64_t first = (int64_t)task->first, end = first + (int64_t)task->records;
	int changed =
	    task->records > 0 ? is_true(store, STORE_BIND(store, SQL_ITEM_THERE, first)) : 0;

	if (changed <= 0)
		return changed;
	changed = STORE_RUN(store, SQL_ITEM_BURY_LETTERS, task->task, reason, first, end);
	if (changed >= 0)
		changed = STORE_RUN(store, SQL_ITEM_BURY, first, end);
	return changed < 0 ? changed : 1;
}

int
store_items_retriable(struct store *store, uint32_t task, uint64_t first, uint64_t end)
{
	return is_true(store,
	               STORE_BIND(store, SQL_ITEM_RETRIABLE, task, (int64_t)first, (int64_t)end));
}

int
store_items_retry(struct store *store, uint32_t task, uint64_t first, uint64_t end)
{
	return plain(STORE_RUN(store, SQL_ITEM_RETRY, task, (int64_t)first, (int64_t)end));
}

int
store_items_stale(struct store *store, const struct store_holder *holder)
{
	return is_true(store, STORE_BIND(store, SQL_ITEM_STALE, holder->task, holder->generation));
}

int
store_items_reap(struct store *store, const struct store_holder *holder)
{
	return STORE_RUN(store, SQL_ITEM_REAP, holder->task, holder->generation);
}

int
store_items_peek(struct store *store, struct sink_item *item, size_t max)
{
	return read_items(store, STORE_BIND(store, SQL_ITEM_PEEK, (int64_t)max), item, max);
}

int
store_items_put(struct store *store, uint64_t first, uint64_t end, enum item_state was,
                enum item_state state)
{
	return plain(STORE_RUN(store, SQL_ITEM_PUT, (int64_t)first, (int64_t)end, was, state));
}

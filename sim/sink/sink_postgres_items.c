/* SPDX-License-Identifier: ISC
 *
 * Items in PostgreSQL.  Claiming skips what others are about to claim (SKIP LOCKED), so nobody
 * waits for anybody; that the list of what is left is not the same for all meanwhile is no harm in
 * a queue.  A lease is over when somebody has claimed its task anew in the fence.
 */
#include <errno.h>

#include "sim/sink/sink_postgres.h"
#include "sim/store/store_items.h"

#define ADDED_TOGETHER 8192

/* The lease that the sink works under. */
static void
add_holder(struct postgres_values *values, struct sink *sink)
{
	postgres_number(values, sink->task);
	postgres_number(values, sink->epoch);
	postgres_number(values, sink_postgres_own(sink)->wish.generation);
}

static void
add_range(struct postgres_values *values, uint64_t first, uint64_t end)
{
	postgres_number(values, first);
	postgres_number(values, end);
}

/* How many rows it has changed, or -errno. */
static int
change(struct sink *sink, enum postgres_statement id, const struct postgres_values *values)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	int error = postgres_run(postgres, id, values);

	return error != 0 ? error : (int)postgres_changed(postgres);
}

static int
is_true(struct sink *sink, enum postgres_statement id, const struct postgres_values *values)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	int error = postgres_run(postgres, id, values);

	return error != 0 ? error : postgres_read_bool(postgres, 0, 0);
}

int
sink_postgres_flush_items(struct sink_postgres *this)
{
	struct postgres_values values = {0};
	int error;

	if (this->item[0].count == 0)
		return 0;
	for (size_t i = 0; i < SINK_ITEM_VALUES; i++)
		postgres_bytes(&values, this->item[i].bytes, this->item[i].length);
	error = postgres_send(this->postgres, PG_ITEM_ADD, &values);
	for (size_t i = 0; i < SINK_ITEM_VALUES; i++)
		postgres_array_clear(&this->item[i], POSTGRES_INT8);
	/* Not all of a plan at once in this process's memory. */
	return error != 0 ? error : postgres_settle(this->postgres);
}

static int
add(struct sink *sink, const struct sink_item *item)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	const uint64_t value[SINK_ITEM_VALUES] = {item->record, item->task, item->offset,
	                                          item->length, item->hash};
	int error = 0;

	for (size_t i = 0; error == 0 && i < SINK_ITEM_VALUES; i++)
		error = postgres_array_add_number(&this->item[i], value[i]);
	if (error == 0 && this->item[0].count == ADDED_TOGETHER)
		error = sink_postgres_flush_items(this);
	return error;
}

static int
count(struct sink *sink, uint64_t first, uint64_t end, struct sink_item_counts *counts)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	struct postgres_values values = {0};
	int error;

	add_range(&values, first, end);
	error = postgres_run(postgres, PG_ITEM_COUNT, &values);

	*counts = (struct sink_item_counts){0};
	for (size_t i = 0; error == 0 && i < postgres_rows(postgres); i++) {
		uint64_t state = postgres_read_number(postgres, i, 0);

		if (state < ITEM_STATES)
			counts->items[state] = postgres_read_number(postgres, i, 1);
	}
	return error;
}

static int
open_items(struct sink *sink, uint64_t first, uint64_t end)
{
	struct postgres_values values = {0};

	add_range(&values, first, end);
	return is_true(sink, PG_ITEM_OPEN, &values);
}

static int
each_item(struct sink *sink, uint64_t first, uint64_t end,
          void (*each)(void *context, uint64_t record, enum item_state state), void *context)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values = {0};
	int error = sink_postgres_connect_reader(this);

	add_range(&values, first, end);
	if (error == 0)
		error = postgres_run(this->postgres, PG_ITEM_EACH, &values);
	for (size_t i = 0; error == 0 && i < postgres_rows(this->postgres); i++) {
		uint64_t state = postgres_read_number(this->postgres, i, 1);

		/* Given up with its task: a state of its own. */
		each(context, postgres_read_number(this->postgres, i, 0),
		     state < ITEM_STATES ? (enum item_state)state : ITEM_SETTLED);
	}
	return error;
}

/* How many it answers with, in item[]. */
static int
read_items(struct sink *sink, enum postgres_statement id, const struct postgres_values *values,
           struct sink_item *item, size_t max)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	int error = postgres_run(postgres, id, values);
	size_t rows = error == 0 ? postgres_rows(postgres) : 0;

	if (rows > max)
		return -E2BIG;
	for (size_t i = 0; i < rows; i++)
		item[i] = (struct sink_item){
		    .record = postgres_read_number(postgres, i, 0),
		    .task = (uint32_t)postgres_read_number(postgres, i, 1),
		    .offset = postgres_read_number(postgres, i, 2),
		    .length = postgres_read_number(postgres, i, 3),
		    .hash = postgres_read_number(postgres, i, 4),
		};
	return error != 0 ? error : (int)rows;
}

static int
claim_from(struct sink *sink, uint64_t from, struct sink_item *item, size_t max)
{
	struct postgres_values values = {0};

	add_holder(&values, sink);
	postgres_number(&values, max);
	postgres_number(&values, from);
	return read_items(sink, PG_ITEM_CLAIM, &values, item, max);
}

/* Where the last claim of this lease ended is where the next one begins: before that place the
 * index still has each item that was pending once.  What was put back there comes last. */
static int
claim(struct sink *sink, struct sink_item *item, size_t max)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int claimed = claim_from(sink, this->claim_next, item, max);

	if (claimed == 0 && this->claim_next > 0)
		claimed = claim_from(sink, 0, item, max);
	if (claimed >= 0)
		this->claim_next = claimed == 0 ? 0 : item[claimed - 1].record + 1;
	return claimed;
}

static int
settle(struct sink *sink, uint64_t first, uint64_t end)
{
	struct postgres_values values = {0};

	add_holder(&values, sink);
	add_range(&values, first, end);
	return change(sink, PG_ITEM_SETTLE, &values);
}

static int
fail_one(struct sink *sink, const struct dead_record *dead)
{
	struct postgres_values values = {0};

	add_holder(&values, sink);
	postgres_number(&values, dead->record);
	postgres_number(&values, dead->reason);
	postgres_number(&values, dead->column);
	return change(sink, PG_ITEM_FAIL, &values);
}

static int
failed(struct sink *sink, uint64_t first, uint64_t end, struct dead_record *dead)
{
	struct postgres *postgres = sink_postgres_own(sink)->postgres;
	struct postgres_values values = {0};
	int error;

	add_range(&values, first, end);
	error = postgres_run(postgres, PG_ITEM_FAILED, &values);
	if (error != 0 || postgres_rows(postgres) == 0)
		return error;
	*dead = (struct dead_record){
	    .record = postgres_read_number(postgres, 0, 0),
	    .offset = postgres_read_number(postgres, 0, 1),
	    .reason = (enum record_reason)postgres_read_number(postgres, 0, 2),
	    .column = (uint32_t)postgres_read_number(postgres, 0, 3),
	};
	return 1;
}

static int
retriable(struct sink *sink, uint64_t first, uint64_t end)
{
	struct postgres_values values = {0};

	postgres_number(&values, sink->task);
	add_range(&values, first, end);
	return is_true(sink, PG_ITEM_RETRIABLE, &values);
}

static int
retry(struct sink *sink, uint64_t first, uint64_t end)
{
	struct postgres_values values = {0};
	int changed;

	postgres_number(&values, sink->task);
	add_range(&values, first, end);
	changed = change(sink, PG_ITEM_RETRY, &values);
	return changed < 0 ? changed : 0;
}

static int
stale(struct sink *sink)
{
	struct postgres_values values = {0};

	postgres_number(&values, sink->task);
	return is_true(sink, PG_ITEM_STALE, &values);
}

static int
reap(struct sink *sink)
{
	struct postgres_values values = {0};

	postgres_number(&values, sink->task);
	return change(sink, PG_ITEM_REAP, &values);
}

static int
peek(struct sink *sink, struct sink_item *item, size_t max)
{
	struct postgres_values values = {0};

	postgres_number(&values, max);
	return read_items(sink, PG_ITEM_PEEK, &values, item, max);
}

static int
put(struct sink *sink, uint64_t first, uint64_t end, enum item_state was, enum item_state state)
{
	struct postgres_values values = {0};
	int changed;

	add_range(&values, first, end);
	postgres_number(&values, was);
	postgres_number(&values, state);
	changed = change(sink, PG_ITEM_PUT, &values);
	return changed < 0 ? changed : 0;
}

/* The task's items as run.db has them, all pending. */
static int
copy_items(struct sink_postgres *this, uint64_t first, uint64_t end)
{
	static const enum item_state others[] = {ITEM_HELD, ITEM_SETTLED, ITEM_FAILED};
	struct store *store = this->wish.store;
	struct sink_item_counts counts;
	uint64_t there = 0;
	int error = store_items_count(store, first, end, &counts);

	for (size_t i = 0; i < ITEM_STATES; i++)
		there += counts.items[i];
	/* They are there when it was given up before, and tried again. */
	for (size_t i = 0; error == 0 && there > 0 && i < sizeof(others) / sizeof(others[0]); i++)
		error = store_items_put(store, first, end, others[i], ITEM_PENDING);
	for (size_t i = 0; error == 0 && there == 0 && i < postgres_rows(this->postgres); i++) {
		const struct sink_item item = {
		    .record = postgres_read_number(this->postgres, i, 0),
		    .task = this->sink.task,
		    .offset = postgres_read_number(this->postgres, i, 1),
		    .length = postgres_read_number(this->postgres, i, 2),
		};
		error = store_item_add(store, &item);
	}
	return error;
}

/* run.db learns which items of the task are settled, and makes dead letters of the others.  Here
 * they get a state of their own, in which nobody claims them, and out of which a redrive takes
 * them: a burial that did not get further finds them again. */
int
sink_postgres_bury_items(struct sink_postgres *this, uint64_t first, uint64_t end)
{
	struct postgres_values values = {0};
	int error;

	add_range(&values, first, end);
	error = postgres_run(this->postgres, PG_ITEM_BURY, &values);
	if (error == 0)
		error = postgres_run(this->postgres, PG_ITEM_ALL, &values);
	if (error == 0)
		error = copy_items(this, first, end);
	for (size_t i = 0; error == 0 && i < postgres_rows(this->postgres); i++) {
		uint64_t record = postgres_read_number(this->postgres, i, 0);

		if (postgres_read_number(this->postgres, i, 3) == ITEM_SETTLED)
			error = store_items_put(this->wish.store, record, record + 1, ITEM_PENDING,
			                        ITEM_SETTLED);
	}
	return error;
}

const struct sink_item_ops sink_postgres_items = {
    .add = add,
    .count = count,
    .open = open_items,
    .each = each_item,
    .claim = claim,
    .settle = settle,
    .fail = fail_one,
    .failed = failed,
    .retriable = retriable,
    .retry = retry,
    .stale = stale,
    .reap = reap,
    .peek = peek,
    .put = put,
};

/* SPDX-License-Identifier: ISC
 *
 * The sink in PostgreSQL: its fence, its transactions, and what run.db has to learn of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/point.h"
#include "sim/sink/sink_postgres.h"
#include "sim/store/store_sink.h"
#include "sim/util/fail.h"

int
sink_postgres_connect(struct sink_postgres *this)
{
	const struct postgres_wish wish = {
	    .dsn = this->wish.scenario->job.dsn == NULL ? "" : this->wish.scenario->job.dsn,
	    .schema = this->schema,
	    .patience_ns = this->wish.scenario->core.lease_ttl_ns,
	    .beat = this->wish.beat,
	    .context = this->wish.context,
	};

	if (!postgres_is_lost(this->postgres))
		return 0;
	postgres_close(this->postgres);
	return postgres_open(&this->postgres, &wish);
}

int
sink_postgres_connect_reader(struct sink_postgres *this)
{
	return this->postgres == NULL ? sink_postgres_connect(this) : 0;
}

static void
take_token(struct postgres_values *values, const struct sink_postgres *this)
{
	*values = (struct postgres_values){0};
	postgres_number(values, this->sink.task);
	postgres_number(values, this->sink.epoch);
	postgres_number(values, this->wish.generation);
}

/* From here on the server refuses whoever had the task before; what such a one had sent and the
 * server had not finished is finished or refused before this returns. */
static int
lease(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values;
	int error = sink_postgres_connect(this);

	this->claim_next = 0;
	take_token(&values, this);
	if (error == 0)
		error = postgres_run(this->postgres, PG_CLAIM, &values);
	if (error == 0 && postgres_rows(this->postgres) == 0)
		error = -ESTALE;
	return error;
}

static void
rollback(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);

	postgres_array_clear(&this->effect_record, POSTGRES_INT8);
	postgres_array_clear(&this->effect_key, POSTGRES_UUID);
	/* Without a connection there is no transaction; and an error here ends the connection. */
	if (!postgres_is_lost(this->postgres))
		(void)postgres_run(this->postgres, PG_ROLLBACK, NULL);
}

static int
begin(struct sink *sink, bool fenced)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values;
	int error = postgres_send(this->postgres, PG_BEGIN, NULL);

	if (error != 0 || !fenced)
		return error;
	take_token(&values, this);
	error = postgres_run(this->postgres, PG_FENCED, &values);
	if (error != 0 || postgres_rows(this->postgres) == 1)
		return error;
	rollback(sink);
	return -ESTALE;
}

static int
commit(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = sink_postgres_flush_effects(this);

	if (error == 0)
		error = postgres_commit(this->postgres);
	/* Whether it happened, nobody may guess: the next attempt claims the task under its own
	 * token, so that it cannot happen any more, and then asks what there is. */
	if (error == -ECONNRESET)
		complain("task %u: PostgreSQL was lost in COMMIT (%s); whether it happened is for "
		         "the next attempt to ask",
		         sink->task, postgres_error(this->postgres));
	return error;
}

static int
dead(struct sink *sink, const struct dead_record *record)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values = {0};
	size_t kept = record->length < DEAD_BYTES_MAX ? record->length : DEAD_BYTES_MAX;

	postgres_number(&values, sink->task);
	postgres_number(&values, record->record);
	postgres_number(&values, record->offset);
	postgres_number(&values, record->length);
	postgres_number(&values, record->reason);
	postgres_number(&values, record->column);
	postgres_bytes(&values, record->bytes, kept);
	return postgres_send(this->postgres, PG_DEAD, &values);
}

static int
find_dead(struct sink_postgres *this)
{
	struct postgres_values values = {0};

	postgres_number(&values, this->sink.task);
	return postgres_run(this->postgres, PG_DEAD_OF, &values);
}

static int
keep_dead(struct sink_postgres *this)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < postgres_rows(this->postgres); i++) {
		struct dead_record dead = {
		    .record = postgres_read_number(this->postgres, i, 0),
		    .offset = postgres_read_number(this->postgres, i, 1),
		    .length = postgres_read_number(this->postgres, i, 2),
		    .reason = (enum record_reason)postgres_read_number(this->postgres, i, 3),
		    .column = (uint32_t)postgres_read_number(this->postgres, i, 4),
		};
		size_t kept;

		dead.bytes = postgres_read_bytes(this->postgres, i, 5, &kept);
		error = store_dead_keep(this->wish.store, this->sink.task, &dead);
	}
	return error;
}

/* Dead letters are in the transaction of their batch, there; before the task is done they must be
 * where everybody looks for them, here. */
static int
finish(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = find_dead(this);

	if (error != 0 || postgres_rows(this->postgres) == 0)
		return error;
	error = this->wish.begin(this->wish.context);
	if (error != 0)
		return error;
	error = keep_dead(this);
	if (error != 0) {
		store_rollback(this->wish.store);
		return error;
	}
	point_reach(POINT_WORKER_IN_BATCH);
	error = store_commit(this->wish.store);
	if (error == 0)
		point_reach(POINT_WORKER_AFTER_BATCH);
	return error;
}

static int
bring_furthest(struct sink_postgres *this)
{
	struct postgres_values values = {0};
	struct sink_mark furthest = {0};
	struct task_plan plan;
	int error = store_task_plan(this->wish.store, this->sink.task, &plan);

	if (error != 0)
		return error;
	postgres_number(&values, this->sink.task);
	postgres_number(&values, plan.first);
	postgres_number(&values, plan.first + plan.records);
	error = postgres_run(this->postgres, PG_FURTHEST, &values);
	if (error != 0 || postgres_rows(this->postgres) == 0)
		return error;
	furthest.a = postgres_read_number(this->postgres, 0, 0);
	return furthest.a == 0 ? 0
	                       : store_mark_put(this->wish.store, this->sink.task, 0, &furthest);
}

static int
bring_items(struct sink_postgres *this)
{
	struct task_plan plan;
	int error = store_task_plan(this->wish.store, this->sink.task, &plan);

	return error != 0 ? error
	                  : sink_postgres_bury_items(this, plan.first, plan.first + plan.records);
}

/* Closes the task for whoever may still work on it, and brings over what it has got behind it. */
static int
give_up(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	bool items = (strategy_flags(this->wish.scenario->strategy) & STRATEGY_SCATTERED) != 0;
	int error = lease(sink);

	if (error == 0)
		error = find_dead(this);
	if (error == 0)
		error = keep_dead(this);
	if (error == 0)
		error = items ? bring_items(this) : bring_furthest(this);
	return error;
}

static int
prepared(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = sink_postgres_flush_items(this);

	return error != 0 ? error : postgres_commit(this->postgres);
}

static void
describe(struct sink *sink, char *words, size_t size)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = sink_postgres_connect(this);

	snprintf(words, size, "schema %s of PostgreSQL%s%s%s", this->schema,
	         error == 0 ? "" : ", which cannot be reached (",
	         error == 0 ? "" : postgres_error(this->postgres), error == 0 ? "" : ")");
}

static const char *
error_words(const struct sink *sink)
{
	return postgres_error(((const struct sink_postgres *)(const void *)sink)->postgres);
}

static void
close_sink(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);

	postgres_close(this->postgres);
	postgres_array_fini(&this->record);
	postgres_array_fini(&this->key);
	postgres_array_fini(&this->payload);
	postgres_array_fini(&this->effect_record);
	postgres_array_fini(&this->effect_key);
	for (size_t i = 0; i < SINK_ITEM_VALUES; i++)
		postgres_array_fini(&this->item[i]);
	free(this);
}

static const struct sink_ops operations = {
    .prepare = sink_postgres_prepare,
    .prepared = prepared,
    .lease = lease,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .append = sink_postgres_append,
    .insert = sink_postgres_insert,
    .replace = sink_postgres_replace,
    .append_chunk = sink_postgres_append_chunk,
    .insert_chunk = sink_postgres_insert_chunk,
    .effect = sink_postgres_effect,
    .dead = dead,
    .finish = finish,
    .give_up = give_up,
    .mark_find = sink_postgres_mark_find,
    .mark_each = sink_postgres_mark_each,
    .mark_add = sink_postgres_mark_add,
    .mark_move = sink_postgres_mark_move,
    .mark_put = sink_postgres_mark_put,
    .counts = sink_postgres_counts,
    .rows = sink_postgres_rows,
    .chunks = sink_postgres_chunks,
    .effects = sink_postgres_effects,
    .describe = describe,
    .items = &sink_postgres_items,
    .error = error_words,
    .close = close_sink,
};

int
sink_postgres_open(struct sink **sink, const struct sink_wish *wish)
{
	struct store_run info;
	struct sink_postgres *this;
	int error = store_run_read(wish->store, &info);

	if (error != 0)
		return error;
	this = calloc(1, sizeof(*this));
	if (this == NULL)
		return -ENOMEM;
	*this = (struct sink_postgres){.sink.ops = &operations, .wish = *wish};
	memcpy(this->sink.logical_date, info.logical_date, sizeof(this->sink.logical_date));
	snprintf(this->schema, sizeof(this->schema), "graveshift_%.20s", wish->run);
	postgres_array_clear(&this->effect_record, POSTGRES_INT8);
	postgres_array_clear(&this->effect_key, POSTGRES_UUID);
	for (size_t i = 0; i < SINK_ITEM_VALUES; i++)
		postgres_array_clear(&this->item[i], POSTGRES_INT8);
	*sink = &this->sink;
	return 0;
}

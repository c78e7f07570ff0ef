/* SPDX-License-Identifier: ISC
 *
 * Reading back what is in PostgreSQL, for the verdict: some thousand rows at a time.
 */
#include <errno.h>
#include <string.h>

#include "sim/sink/sink_postgres.h"
#include "sim/util/clock.h"

#define READER_PATIENCE_NS (30 * NS_PER_S)
#define READER_PAUSE_NS (200 * NS_PER_MS)

/* The run is over and only wants to be looked at: a server that is away is waited for. */
static int
connect_reader(struct sink_postgres *this)
{
	int64_t until_ns = clock_now_ns() + READER_PATIENCE_NS;
	int error;

	while ((error = sink_postgres_connect(this)) == -ECONNRESET && clock_now_ns() < until_ns)
		clock_wait_until(clock_now_ns() + READER_PAUSE_NS);
	return error;
}

/* Up to `count` numbers of the answer's first row. */
static void
read_numbers(const struct postgres *postgres, uint64_t **value, int count)
{
	for (int i = 0; i < count && postgres_rows(postgres) > 0; i++)
		*value[i] = postgres_read_number(postgres, 0, i);
}

int
sink_postgres_counts(struct sink *sink, struct sink_counts *counts)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	const struct {
		enum postgres_statement id;
		uint64_t *value[6];
		int count;
	} asked[] = {
	    {PG_COUNT,
	     {&counts->records, &counts->effects, &counts->conflicts, &counts->marks_moved,
	      &counts->marks_back, &counts->chunks},
	     6},
	    {PG_CONFLICT_FIRST, {&counts->first_conflict}, 1},
	    {PG_BACK_FIRST, {&counts->back_task, &counts->back_from, &counts->back_to}, 3},
	};
	int error = connect_reader(this);

	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; error == 0 && i < sizeof(asked) / sizeof(asked[0]); i++) {
		error = postgres_run(this->postgres, asked[i].id, NULL);
		if (error == 0)
			read_numbers(this->postgres, (uint64_t **)asked[i].value, asked[i].count);
	}
	return error;
}

/* Calls each() for every row of what the statement declares; it returns 0 to go on. */
static int
read_all(struct sink_postgres *this, enum postgres_statement declares,
         int (*each)(struct postgres *postgres, size_t row, void *context), void *context)
{
	int error = connect_reader(this), stopped = 0;
	size_t rows = 1;

	if (error == 0)
		error = postgres_run(this->postgres, PG_BEGIN, NULL);
	if (error == 0)
		error = postgres_run(this->postgres, declares, NULL);
	while (error == 0 && stopped == 0 && rows > 0) {
		error = postgres_run(this->postgres, PG_FETCH, NULL);
		rows = error == 0 ? postgres_rows(this->postgres) : 0;
		for (size_t i = 0; stopped == 0 && i < rows; i++)
			stopped = each(this->postgres, i, context);
	}
	if (error == 0)
		error = postgres_run(this->postgres, PG_ROLLBACK, NULL);
	return stopped != 0 ? stopped : error;
}

struct row_reader {
	int (*each)(void *context, const struct sink_row *row);
	void *context;
};

static int
read_row(struct postgres *postgres, size_t row, void *context)
{
	const struct row_reader *reader = context;
	struct sink_row read = {.record = postgres_read_number(postgres, row, 0)};
	size_t length;
	const void *key = postgres_read_bytes(postgres, row, 1, &length);

	if (length == SINK_KEY_BYTES)
		memcpy(read.key, key, SINK_KEY_BYTES);
	read.payload = postgres_read_bytes(postgres, row, 2, &read.length);
	return reader->each(reader->context, &read);
}

int
sink_postgres_rows(struct sink *sink, int (*each)(void *context, const struct sink_row *row),
                   void *context)
{
	struct row_reader reader = {.each = each, .context = context};

	return read_all(sink_postgres_own(sink), PG_ROWS, read_row, &reader);
}

struct chunk_reader {
	int (*each)(void *context, const struct sink_chunk *chunk);
	void *context;
};

static int
read_chunk(struct postgres *postgres, size_t row, void *context)
{
	const struct chunk_reader *reader = context;
	const struct sink_chunk chunk = {
	    .first = postgres_read_number(postgres, row, 0),
	    .end = postgres_read_number(postgres, row, 1),
	    .records = postgres_read_number(postgres, row, 2),
	    .digest = postgres_read_number(postgres, row, 3),
	};

	return reader->each(reader->context, &chunk);
}

int
sink_postgres_chunks(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
                     void *context)
{
	struct chunk_reader reader = {.each = each, .context = context};

	return read_all(sink_postgres_own(sink), PG_CHUNKS, read_chunk, &reader);
}

struct effect_reader {
	int (*each)(void *context, uint64_t record);
	void *context;
};

static int
read_effect(struct postgres *postgres, size_t row, void *context)
{
	const struct effect_reader *reader = context;

	return reader->each(reader->context, postgres_read_number(postgres, row, 0));
}

int
sink_postgres_effects(struct sink *sink, int (*each)(void *context, uint64_t record), void *context)
{
	struct effect_reader reader = {.each = each, .context = context};

	return read_all(sink_postgres_own(sink), PG_EFFECTS, read_effect, &reader);
}

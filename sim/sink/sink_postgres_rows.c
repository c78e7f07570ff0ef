/* SPDX-License-Identifier: ISC
 *
 * Rows, chunks and effects on their way to PostgreSQL: thousands in one statement, whose answer is
 * waited for only where it says which rows are new.
 */
#include <errno.h>

#include "sim/sink/sink_postgres.h"

/* Of a statement.  Bytes do not tell what a row costs, nor do rows what it weighs. */
#define SLICE_ROWS 8192
#define SLICE_BYTES (4U << 20)

/* The next rows as arrays; how many, or -ENOMEM. */
static int
slice(struct sink_postgres *this, const struct sink_row *row, size_t rows)
{
	size_t count;
	int error = 0;

	postgres_array_clear(&this->record, POSTGRES_INT8);
	postgres_array_clear(&this->key, POSTGRES_UUID);
	postgres_array_clear(&this->payload, POSTGRES_BYTEA);
	for (count = 0;
	     error == 0 && count < rows && count < SLICE_ROWS && this->payload.length < SLICE_BYTES;
	     count++) {
		error = postgres_array_add_number(&this->record, row[count].record);
		if (error == 0)
			error = postgres_array_add(&this->key, row[count].key, SINK_KEY_BYTES);
		if (error == 0)
			error = postgres_array_add(&this->payload, row[count].payload,
			                           row[count].length);
	}
	return error != 0 ? error : (int)count;
}

static void
take_slice(struct postgres_values *values, const struct sink_postgres *this)
{
	*values = (struct postgres_values){0};
	postgres_bytes(values, this->record.bytes, this->record.length);
	postgres_bytes(values, this->key.bytes, this->key.length);
	postgres_bytes(values, this->payload.bytes, this->payload.length);
}

/* Sends all rows with a statement whose answers tell nothing. */
static int
send_rows(struct sink_postgres *this, enum postgres_statement id, struct sink_row *row, size_t rows)
{
	struct postgres_values values;

	for (size_t i = 0; i < rows; i++)
		row[i].fresh = true;
	while (rows > 0) {
		int count = slice(this, row, rows), error;

		if (count < 0)
			return count;
		take_slice(&values, this);
		error = postgres_send(this->postgres, id, &values);
		if (error != 0)
			return error;
		row += count;
		rows -= (size_t)count;
	}
	return 0;
}

int
sink_postgres_append(struct sink *sink, struct sink_row *row, size_t rows)
{
	return send_rows(sink_postgres_own(sink), PG_APPEND, row, rows);
}

int
sink_postgres_replace(struct sink *sink, struct sink_row *row, size_t rows)
{
	return send_rows(sink_postgres_own(sink), PG_REPLACE, row, rows);
}

static int
put_conflict(struct sink_postgres *this, const unsigned char key[SINK_KEY_BYTES], uint64_t record,
             const char *payload, size_t length)
{
	struct postgres_values values = {0};

	postgres_number(&values, record);
	postgres_bytes(&values, key, SINK_KEY_BYTES);
	postgres_bytes(&values, payload, length);
	return postgres_send(this->postgres, PG_CONFLICT, &values);
}

/* Some keys were there before: which, and with what?  bad[i]: with another payload. */
static int
examine(struct sink_postgres *this, struct sink_row *row, size_t rows, bool *bad)
{
	struct postgres_values values;
	int error;

	take_slice(&values, this);
	error = postgres_run(this->postgres, PG_EXAMINE, &values);
	if (error != 0)
		return error;
	for (size_t i = 0; i < postgres_rows(this->postgres); i++) {
		uint64_t place = postgres_read_number(this->postgres, i, 0) - 1;

		if (place >= rows)
			return -EBADMSG;
		row[place].fresh = postgres_read_bool(this->postgres, i, 2);
		bad[place] = !postgres_read_bool(this->postgres, i, 1);
	}
	return 0;
}

static int
examine_slice(struct sink_postgres *this, struct sink_row *row, size_t rows)
{
	bool bad[SLICE_ROWS] = {false};
	int error = examine(this, row, rows, bad);

	for (size_t i = 0; error == 0 && i < rows; i++)
		if (bad[i])
			error = put_conflict(this, row[i].key, row[i].record, row[i].payload,
			                     row[i].length);
	return error;
}

int
sink_postgres_insert(struct sink *sink, struct sink_row *row, size_t rows)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values;

	while (rows > 0) {
		int count = slice(this, row, rows), error;

		if (count < 0)
			return count;
		take_slice(&values, this);
		error = postgres_run(this->postgres, PG_INSERT, &values);
		for (int i = 0; i < count; i++)
			row[i].fresh = true;
		if (error == 0 && postgres_changed(this->postgres) < (uint64_t)count)
			error = examine_slice(this, row, (size_t)count);
		if (error != 0)
			return error;
		row += count;
		rows -= (size_t)count;
	}
	return 0;
}

static void
take_chunk(struct postgres_values *values, const struct sink_chunk *chunk)
{
	*values = (struct postgres_values){0};
	postgres_number(values, chunk->first);
	postgres_number(values, chunk->end);
	postgres_number(values, chunk->records);
	postgres_number(values, chunk->digest);
	postgres_bytes(values, chunk->key, SINK_KEY_BYTES);
}

int
sink_postgres_append_chunk(struct sink *sink, const struct sink_chunk *chunk)
{
	struct postgres_values values;

	take_chunk(&values, chunk);
	return postgres_send(sink_postgres_own(sink)->postgres, PG_CHUNK, &values);
}

int
sink_postgres_insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	struct postgres_values values;
	int error;

	take_chunk(&values, chunk);
	error = postgres_run(this->postgres, PG_CHUNK_FIND, &values);
	if (error != 0)
		return error;
	*fresh = postgres_rows(this->postgres) == 0;
	if (*fresh)
		return sink_postgres_append_chunk(sink, chunk);
	return postgres_read_bool(this->postgres, 0, 0)
	           ? 0
	           : put_conflict(this, chunk->key, chunk->first, "", 0);
}

int
sink_postgres_flush_effects(struct sink_postgres *this)
{
	struct postgres_values values = {0};
	int error;

	if (this->effect_record.count == 0)
		return 0;
	postgres_bytes(&values, this->effect_record.bytes, this->effect_record.length);
	postgres_bytes(&values, this->effect_key.bytes, this->effect_key.length);
	error = postgres_send(this->postgres, PG_EFFECT, &values);
	postgres_array_clear(&this->effect_record, POSTGRES_INT8);
	postgres_array_clear(&this->effect_key, POSTGRES_UUID);
	return error;
}

int
sink_postgres_effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = postgres_array_add_number(&this->effect_record, record);

	if (error == 0)
		error = postgres_array_add(&this->effect_key, key, SINK_KEY_BYTES);
	if (error == 0 && this->effect_record.count == SLICE_ROWS)
		error = sink_postgres_flush_effects(this);
	return error;
}

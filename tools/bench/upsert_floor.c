/* SPDX-License-Identifier: ISC
 *
 * What one process by hand makes of the job that `etl` does with strategy idempotent: it reads
 * sales, makes their keys, and upserts them into a table of the same form, 10,000 rows a
 * transaction, WAL, synchronous OFF; no plan, no leases, no fence, no workers.
 *
 *     upsert_floor SALES.csv FOLDER
 *
 * prints records/s.
 */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/job/csv_reader.h"
#include "sim/job/etl_key.h"
#include "sim/job/input.h"
#include "sim/util/clock.h"

#define ROWS 10000 /* in one transaction */

static void
run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *
open_table(const char *path, sqlite3 **db)
{
	static const char upsert[] = "INSERT INTO sink(record, key, payload) VALUES(?1, ?2, ?3)"
				     " ON CONFLICT(key) DO NOTHING";
	sqlite3_stmt *statement;

	if (sqlite3_open(path, db) != SQLITE_OK)
		errx(1, "cannot open %s", path);
	run_sql(*db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
	             " PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -65536;"
	             "CREATE TABLE sink(key BLOB PRIMARY KEY, record INTEGER, payload BLOB)"
	             " WITHOUT ROWID");
	if (sqlite3_prepare_v2(*db, upsert, -1, &statement, NULL) != SQLITE_OK)
		errx(1, "%s", sqlite3_errmsg(*db));
	return statement;
}

static void
put(sqlite3 *db, sqlite3_stmt *statement, struct csv_reader *reader, uint64_t record)
{
	struct csv_field id;
	size_t offset, length;
	const char *payload;
	unsigned char key[ETL_KEY_BYTES];

	if (csv_reader_fields(reader, &id).reason != REASON_NONE)
		errx(1, "record %llu is bad", (unsigned long long)record);
	payload = csv_reader_record(reader, &offset, &length);
	const struct etl_field field = {.text = id.text, .length = id.length};
	const struct etl_key_parts parts = {.date = "2026-11-21",
	                                    .source = "sales.csv",
	                                    .field = &field,
	                                    .fields = 1,
	                                    .kind = "row"};

	etl_key(&parts, key);
	if (record % ROWS == 0)
		run_sql(db, record == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE");
	sqlite3_bind_int64(statement, 1, (sqlite3_int64)record);
	sqlite3_bind_blob(statement, 2, key, sizeof(key), SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 3, payload, length, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		errx(1, "%s", sqlite3_errmsg(db));
	sqlite3_reset(statement);
}

static uint64_t
take_over(const struct input *input, sqlite3 *db, sqlite3_stmt *statement)
{
	const char *line = memchr(input->bytes, '\n', input->length);
	const struct csv_format format = {.separator = ',', .columns = 6};
	const uint32_t column = 0;
	struct csv_reader *reader = csv_reader_new(&format, &column, 1);
	uint64_t records = 0;

	if (line == NULL || reader == NULL)
		errx(1, "no sales");
	csv_reader_start(reader, line + 1, input->length - (size_t)(line + 1 - input->bytes));
	for (; csv_reader_next(reader); records++)
		put(db, statement, reader, records);
	run_sql(db, "COMMIT");
	csv_reader_free(reader);
	return records;
}

int
main(int argc, char **argv)
{
	char folder[256], path[300], error[512];
	struct input input;
	sqlite3_stmt *statement;
	uint64_t records;
	sqlite3 *db;
	int64_t began_ns;

	if (argc != 3)
		errx(2, "usage: upsert_floor SALES.csv FOLDER");
	snprintf(folder, sizeof(folder), "%s/upsert_floor.XXXXXX", argv[2]);
	if (mkdtemp(folder) == NULL)
		err(1, "%s", folder);
	snprintf(path, sizeof(path), "%s/run.db", folder);
	if (input_open(&input, argv[1], 0, error, sizeof(error)) != 0)
		errx(1, "%s", error);
	began_ns = clock_now_ns();
	statement = open_table(path, &db);
	records = take_over(&input, db, statement);
	printf("%.0f records/s\n",
	       (double)records * NS_PER_S / (double)(clock_now_ns() - began_ns));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	input_close(&input);
	unlink(path);
	rmdir(folder);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * The floor under an etl job on PostgreSQL: one process that upserts each line of a CSV file by a
 * key made of its first field, 10,000 rows a transaction, one prepared statement each, without
 * COPY.
 *
 *     postgres_floor DSN FILE
 *
 * makes the table floor anew and prints records/s.
 */
#include <err.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/sink/postgres_array.h"
#include "sim/util/clock.h"

#define BATCH 10000

struct floor {
	PGconn *connection;
	struct postgres_array record, key, payload;
	uint64_t records;
};

static void
finish(struct floor *floor, PGresult *result, const char *what)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK)
		errx(1, "%s: %s", what, PQerrorMessage(floor->connection));
	PQclear(result);
}

static void
clear(struct floor *floor)
{
	postgres_array_clear(&floor->record, POSTGRES_INT8);
	postgres_array_clear(&floor->key, POSTGRES_UUID);
	postgres_array_clear(&floor->payload, POSTGRES_BYTEA);
}

static void
connect_up(struct floor *floor, const char *dsn)
{
	floor->connection = PQconnectdb(dsn);
	if (PQstatus(floor->connection) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(floor->connection));
	finish(floor,
	       PQexec(floor->connection,
	              "DROP TABLE IF EXISTS floor; CREATE TABLE floor(key uuid PRIMARY KEY,"
	              " record int8 NOT NULL, payload bytea NOT NULL)"),
	       "table");
	finish(
	    floor,
	    PQprepare(floor->connection, "upsert",
	              "INSERT INTO floor(record, key, payload) SELECT * FROM"
	              " unnest($1::int8[], $2::uuid[], $3::bytea[]) ON CONFLICT(key) DO UPDATE SET"
	              " record = excluded.record, payload = excluded.payload",
	              0, NULL),
	    "prepare");
	clear(floor);
}

/* One statement by itself is a transaction by itself. */
static void
upsert(struct floor *floor)
{
	static const int binary[] = {1, 1, 1};
	const char *value[] = {floor->record.bytes, floor->key.bytes, floor->payload.bytes};
	const int length[] = {(int)floor->record.length, (int)floor->key.length,
	                      (int)floor->payload.length};

	if (floor->record.count == 0)
		return;
	finish(floor, PQexecPrepared(floor->connection, "upsert", 3, value, length, binary, 1),
	       "upsert");
	clear(floor);
}

static void
take(struct floor *floor, const char *line, size_t length)
{
	const char *comma = memchr(line, ',', length);
	XXH128_canonical_t key;

	XXH128_canonicalFromHash(
	    &key, XXH3_128bits(line, comma == NULL ? length : (size_t)(comma - line)));
	if (postgres_array_add_number(&floor->record, floor->records++) != 0 ||
	    postgres_array_add(&floor->key, key.digest, sizeof(key.digest)) != 0 ||
	    postgres_array_add(&floor->payload, line, length) != 0)
		errx(1, "no memory left");
	if (floor->record.count == BATCH)
		upsert(floor);
}

int
main(int argc, char **argv)
{
	struct floor floor = {0};
	struct stat status;
	const char *at, *end, *newline;
	int64_t started_ns;
	int fd;

	if (argc != 3)
		errx(2, "usage: postgres_floor DSN FILE");
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		err(1, "%s", argv[2]);
	at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		err(1, "%s", argv[2]);
	end = at + status.st_size;
	connect_up(&floor, argv[1]);
	started_ns = clock_now_ns();
	at = memchr(at, '\n', (size_t)(end - at)); /* the header */
	for (at = at == NULL ? end : at + 1; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (newline == NULL)
			newline = end;
		take(&floor, at, (size_t)(newline - at));
	}
	upsert(&floor);
	printf("upserts: %.0f records/s\n",
	       (double)floor.records * NS_PER_S / (double)(clock_now_ns() - started_ns));
	PQfinish(floor.connection);
	close(fd);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * The tables of a run in PostgreSQL.  They stay when the run is over: they are its result.
 */
#include <stdio.h>

#include "sim/sink/sink_postgres.h"

/* No key where rows come as they come: a doubled row must be seen. */
static const char *const tables[] = {
    "CREATE TABLE fence(task int8 PRIMARY KEY, epoch int8 NOT NULL, generation int8 NOT NULL)",
    "CREATE TABLE sink(key uuid PRIMARY KEY, record int8 NOT NULL, payload bytea NOT NULL)",
    "CREATE TABLE sink_log(key uuid NOT NULL, record int8 NOT NULL, payload bytea NOT NULL)",
    "CREATE TABLE sink_chunk(id int8 GENERATED ALWAYS AS IDENTITY, key uuid NOT NULL, first int8,"
    " behind int8, records int8, digest int8)",
    "CREATE INDEX ON sink_chunk(key)",
    "CREATE TABLE effect_log(key uuid NOT NULL, record int8 NOT NULL)",
    "CREATE TABLE conflict(key uuid, record int8, payload bytea, PRIMARY KEY(key, record))",
    "CREATE TABLE dead(task int8, record int8, place int8, length int8, reason int8, field int8,"
    " bytes bytea, PRIMARY KEY(task, record))",
    "CREATE TABLE mark(task int8, item int8, a int8, b int8, blob bytea, moves int8 DEFAULT 0,"
    " PRIMARY KEY(task, item))",
    "CREATE TABLE item(record int8 PRIMARY KEY, task int8, place int8, length int8, hash int8,"
    " state int8 DEFAULT 0, tries int8 DEFAULT 0, holder int8, epoch int8, generation int8,"
    " reason int8, field int8)",
    "CREATE INDEX ON item(record) WHERE state = 0",
    "CREATE INDEX ON item(record) WHERE state = 1",
    "CREATE INDEX ON item(record) WHERE state = 3",
    "CREATE TABLE mark_back(id int8 GENERATED ALWAYS AS IDENTITY, task int8, item int8, was int8,"
    " became int8)",
    /* Sees every writer, whatever its strategy. */
    "CREATE FUNCTION mark_goes_back() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN INSERT INTO mark_back(task, item, was, became) VALUES(OLD.task, OLD.item, OLD.a,"
    " NEW.a); RETURN NULL; END'",
    "CREATE TRIGGER mark_goes_back AFTER UPDATE OF a ON mark FOR EACH ROW WHEN (NEW.a < OLD.a)"
    " EXECUTE FUNCTION mark_goes_back()",
};

/* What an earlier supervisor has left goes first: nothing was done in it, as its plan was never
 * sealed. */
static int
make_schema(struct sink_postgres *this)
{
	char sql[320];

	/* One that was killed may still be at it, on the server's side: hence the lock. */
	snprintf(sql, sizeof(sql),
	         "DO 'BEGIN PERFORM pg_advisory_xact_lock(hashtextextended(''%s'', 0));"
	         " DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s; END'",
	         this->schema, this->schema, this->schema);
	return postgres_run_text(this->postgres, sql);
}

int
sink_postgres_prepare(struct sink *sink)
{
	struct sink_postgres *this = sink_postgres_own(sink);
	int error = sink_postgres_connect(this);

	if (error == 0)
		error = postgres_run(this->postgres, PG_BEGIN, NULL);
	if (error == 0)
		error = make_schema(this);
	for (size_t i = 0; error == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		error = postgres_run_text(this->postgres, tables[i]);
	return error;
}

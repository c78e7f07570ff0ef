/* SPDX-License-Identifier: ISC
 *
 * A connection to PostgreSQL, in pipeline mode: statements whose answers nobody needs yet are sent
 * without waiting for them.  It belongs to the process that opened it and is never carried across a
 * fork.  Nothing here waits without a beat, nor for ever.
 *
 * Functions return 0 or -errno; postgres_error() then has the server's words.  An error closes the
 * connection, and with it the transaction.  -ECONNRESET: the server, or the way to it, is gone, or
 * did not answer in time: what it has made of an unanswered COMMIT is not known.  -EINTR: beat()
 * said to leave.
 */
#ifndef SIM_SINK_POSTGRES_H
#define SIM_SINK_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POSTGRES_VALUES_MAX 8

enum postgres_statement {
#define STATEMENT(id, sql) PG_##id,
#include "sim/sink/postgres_statements.def"
#undef STATEMENT
	PG_STATEMENTS
};

struct postgres;

struct postgres_wish {
	const char *dsn;     /* "": the usual PG* variables */
	const char *schema;  /* where the tables are */
	int64_t patience_ns; /* a transaction that stands still for so long is ended by the server;
	                        0: never */
	bool (*beat)(void *context); /* called while waiting; false: leave.  NULL: just wait */
	void *context;
};

/* Values of a statement, in order; what they point to must last until the statement is sent. */
struct postgres_values {
	const char *value[POSTGRES_VALUES_MAX];
	int length[POSTGRES_VALUES_MAX];
	uint64_t number[POSTGRES_VALUES_MAX];
	int count;
};
void postgres_number(struct postgres_values *values, uint64_t number);
/* NULL: the value NULL. */
void postgres_bytes(struct postgres_values *values, const void *bytes, size_t length);

/* Connects; the wish's strings must outlive it.  A server that is starting up or not there is
 * -ECONNRESET at once: when to try again is the caller's business. */
int postgres_open(struct postgres **postgres, const struct postgres_wish *wish);
void postgres_close(struct postgres *postgres);
bool postgres_is_lost(const struct postgres *postgres);

/* Runs statements that are not prepared, such as those that make tables, and waits for them. */
int postgres_run_text(struct postgres *postgres, const char *sql);
/* Sends; the answer is waited for with that of the next postgres_run or postgres_settle. */
int postgres_send(struct postgres *postgres, enum postgres_statement id,
                  const struct postgres_values *values);
/* Waits until everything that was sent is answered. */
int postgres_settle(struct postgres *postgres);
/* Sends and waits.  0 or -errno; the answer is this statement's until the next call. */
int postgres_run(struct postgres *postgres, enum postgres_statement id,
                 const struct postgres_values *values);

/* COMMIT, and what was sent before it. */
int postgres_commit(struct postgres *postgres);

/* --- the answer */
size_t postgres_rows(const struct postgres *postgres);
/* How many rows a statement has changed. */
uint64_t postgres_changed(const struct postgres *postgres);
uint64_t postgres_read_number(const struct postgres *postgres, size_t row, int column);
bool postgres_read_bool(const struct postgres *postgres, size_t row, int column);
/* NULL: the value is NULL; until the next call. */
const void *postgres_read_bytes(const struct postgres *postgres, size_t row, int column,
                                size_t *length);

const char *postgres_error(const struct postgres *postgres);

#endif

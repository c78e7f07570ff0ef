/* SPDX-License-Identifier: ISC
 *
 * What the parts of the store share: the connection with its prepared statements.  Only sim/store
 * includes sqlite3.h.
 */
#ifndef SIM_STORE_STORE_INTERNAL_H
#define SIM_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "sim/store/store.h"

enum statement {
#define STATEMENT(id, sql) SQL_##id,
#include "sim/store/statements.def"
#undef STATEMENT
	STATEMENTS
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[STATEMENTS];
	int busy_ms; /* how long a write waits for another process */
	int64_t busy_until_ns, busy_asked_ns;
	void *blob; /* of the mark that was found last */
	size_t blob_room;
	uint64_t planned_end; /* of the tasks of a stream; 0 = not looked up yet */
	char error[256];
};

/* The statement, prepared on first use, with integers bound to ?1, ?2, ...; NULL on error. */
sqlite3_stmt *store_statement(struct store *store, enum statement id, size_t count,
                              const int64_t *values);

#define STORE_BIND(store, id, ...)                                                         \
	store_statement((store), (id), sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), \
	                (int64_t[]){__VA_ARGS__})

/* Steps once and resets.  Returns the number of rows changed (0 or more) or -errno. */
int store_step_reset(struct store *store, sqlite3_stmt *statement);

/* Steps; 1: a row is there (reset it after reading), 0: no row (reset already), -errno. */
int store_step_row(struct store *store, sqlite3_stmt *statement);

/* Runs a statement that returns no rows: bind, step, reset.  Rows changed or -errno. */
#define STORE_RUN(store, id, ...) store_step_reset((store), STORE_BIND((store), (id), __VA_ARGS__))

/* Puts a dead letter with one of the statements that take one: state 0 suspected, 1 confirmed.
 * Rows changed or -errno. */
int store_dead_write(struct store *store, enum statement id, uint32_t task,
                     const struct dead_record *dead, int state);

/* Gives up those of a task's items that are not settled, with a dead letter each: 1, or 0 if the
 * task has none at all, being of a job that keeps no items. */
int store_items_bury(struct store *store, const struct task_plan *task, uint32_t reason);

/* Keeps SQLite's words and turns its code into -errno. */
int store_failed(struct store *store, int code);

#endif

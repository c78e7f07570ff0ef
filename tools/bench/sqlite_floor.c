/* SPDX-License-Identifier: ISC
 *
 * The floor under durable tasks: two processes commit fenced one-row updates to one SQLite file in
 * WAL mode, and do nothing else.
 *
 *     sqlite_floor [TASKS]
 *
 * prints tasks/s for synchronous OFF and NORMAL, and 1, 16 and 64 tasks a transaction.
 */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/util/clock.h"

#define CHILDREN 2
#define BUSY_MAX 10000000

struct floor {
	char folder[64], path[80];
	long long tasks;
	const char *synchronous;
	unsigned batch;
};

/* The other process holds the lock for microseconds: SQLite's own handler would sleep a thousand
 * times as long. */
static int
yield_when_busy(void *context, int tries)
{
	sched_yield();
	return tries < BUSY_MAX;
}

static void
run_sql(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		errx(1, "%s: %s", sql, message ? message : sqlite3_errmsg(db));
}

static sqlite3 *
open_db(const struct floor *floor)
{
	char sql[64];
	sqlite3 *db;

	if (sqlite3_open(floor->path, &db) != SQLITE_OK)
		errx(1, "%s: %s", floor->path, sqlite3_errmsg(db));
	sqlite3_busy_handler(db, yield_when_busy, NULL);
	run_sql(db, "PRAGMA journal_mode = WAL");
	snprintf(sql, sizeof(sql), "PRAGMA synchronous = %s", floor->synchronous);
	run_sql(db, sql);
	return db;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
	    SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
	return statement;
}

static void
step(sqlite3 *db, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		errx(1, "%s: %s", sqlite3_sql(statement), sqlite3_errmsg(db));
	sqlite3_reset(statement);
}

static void
create_db(const struct floor *floor)
{
	sqlite3 *db = open_db(floor);
	sqlite3_stmt *insert;

	run_sql(db, "CREATE TABLE task (id INTEGER PRIMARY KEY, state INTEGER, epoch INTEGER, "
	            "generation INTEGER)");
	run_sql(db, "BEGIN");
	insert = prepare(db, "INSERT INTO task VALUES (?, 0, 1, 1)");
	for (long long i = 0; i < floor->tasks; i++) {
		sqlite3_bind_int64(insert, 1, i);
		step(db, insert);
	}
	sqlite3_finalize(insert);
	run_sql(db, "COMMIT");
	sqlite3_close(db);
}

static void
remove_db(const struct floor *floor)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[96];

	for (unsigned i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", floor->path, suffixes[i]);
		unlink(path);
	}
}

/* Does every CHILDREN'th task from `first` on.  `ready` is written to when the database is open;
 * `go` ends when all may start. */
static _Noreturn void
child_main(const struct floor *floor, unsigned first, pid_t parent, int ready, int go)
{
	sqlite3_stmt *begin, *update, *commit;
	sqlite3 *db;
	char byte = 0;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	db = open_db(floor);
	begin = prepare(db, "BEGIN IMMEDIATE");
	update = prepare(db, "UPDATE task SET state = 1 WHERE id = ? AND epoch = 1 AND generation "
	                     "= 1 AND state = 0");
	commit = prepare(db, "COMMIT");
	if (write(ready, &byte, 1) != 1 || close(ready) < 0 || read(go, &byte, 1) != 0)
		errx(1, "the parent is gone");
	for (long long task = first; task < floor->tasks;) {
		if (floor->batch > 1) /* one statement is a transaction by itself */
			step(db, begin);
		for (unsigned i = 0; i < floor->batch && task < floor->tasks;
		     i++, task += CHILDREN) {
			sqlite3_bind_int64(update, 1, task);
			step(db, update);
			if (sqlite3_changes(db) != 1)
				errx(1, "task %lld was not there to be done", task);
		}
		if (floor->batch > 1)
			step(db, commit);
	}
	_exit(0);
}

/* Runs the children over the database; seconds from their common start to the last one's end, or
 * -1. */
static double
run_children(const struct floor *floor)
{
	int ready[2], go[2], status, failed = 0;
	pid_t parent = getpid(), pid[CHILDREN];
	char byte;
	int64_t start_ns;

	if (pipe(ready) < 0 || pipe(go) < 0)
		return -1;
	for (unsigned i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			close(ready[0]);
			close(go[1]);
			signal(SIGINT, SIG_DFL);
			child_main(floor, i, parent, ready[1], go[0]);
		}
	}
	close(ready[1]);
	close(go[0]);
	for (unsigned i = 0; i < CHILDREN; i++)
		if (read(ready[0], &byte, 1) != 1)
			failed = 1;
	start_ns = clock_now_ns();
	close(go[1]);
	for (unsigned i = 0; i < CHILDREN; i++)
		if (pid[i] < 0 || waitpid(pid[i], &status, 0) < 0 || status != 0)
			failed = 1;
	close(ready[0]);
	return failed ? -1 : (double)(clock_now_ns() - start_ns) / NS_PER_S;
}

int
main(int argc, char **argv)
{
	static const char *const synchronous[] = {"OFF", "NORMAL"};
	static const unsigned batch[] = {1, 16, 64};
	const char *error = NULL;
	struct floor floor = {.folder = "/tmp/sqlite_floor.XXXXXX"};
	double seconds = 0;

	floor.tasks = argc > 1 ? strtonum(argv[1], CHILDREN, 100000000, &error) : 200000;
	if (error || argc > 2)
		errx(2, "usage: sqlite_floor [TASKS]");
	signal(SIGINT, SIG_IGN); /* the children take it; the parent stays to clean up */
	setlinebuf(stdout);
	if (!mkdtemp(floor.folder))
		err(1, "%s", floor.folder);
	snprintf(floor.path, sizeof(floor.path), "%s/db", floor.folder);
	for (unsigned i = 0; i < 6 && seconds >= 0; i++) {
		floor.synchronous = synchronous[i / 3];
		floor.batch = batch[i % 3];
		create_db(&floor);
		seconds = run_children(&floor);
		remove_db(&floor);
		if (seconds >= 0)
			printf("sqlite synchronous %-6s %2u per transaction: %8.0f tasks/s\n",
			       floor.synchronous, floor.batch, (double)floor.tasks / seconds);
	}
	rmdir(floor.folder);
	if (seconds < 0)
		errx(1, "a process of the measurement failed or was stopped");
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * Opening and closing the store, transactions, and running prepared statements.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/fault/point.h"
#include "sim/store/store_internal.h"
#include "sim/store/store_vfs.h"
#include "sim/util/clock.h"
#include "sim/util/plant.h"

/* So much is appended to the log before a committer copies it back into the database. */
#define CHECKPOINT_PAGES 16384

#define BUSY_YIELDS 10
#define BUSY_STEP_NS (100 * 1000)
#define BUSY_LONG 100 /* steps: it is a large transaction that is waited for */
#define BUSY_LONG_STEP_NS NS_PER_MS
#define BUSY_NEW_NS (20 * NS_PER_MS)

static const char *const sql[] = {
#define STATEMENT(id, text) text,
#include "sim/store/statements.def"
#undef STATEMENT
};

static const char schema[] =
    "CREATE TABLE run(one INTEGER PRIMARY KEY CHECK(one = 1), format INTEGER, id TEXT, name TEXT,"
    " config_hash INTEGER, logical_date TEXT, generation INTEGER, state INTEGER, tasks INTEGER,"
    " records INTEGER, bytes INTEGER, fingerprint INTEGER, device INTEGER, inode INTEGER,"
    " size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, input TEXT, outcome INTEGER);"
    "CREATE TABLE task(id INTEGER PRIMARY KEY, state INTEGER, epoch INTEGER, charged INTEGER,"
    " stage INTEGER, skips INTEGER DEFAULT 0, generation INTEGER DEFAULT 0, slot INTEGER DEFAULT "
    "-1,"
    " first INTEGER, records INTEGER, offset INTEGER, length INTEGER, checksum INTEGER, range "
    "INTEGER,"
    " data INTEGER DEFAULT 0, crash INTEGER DEFAULT 0, hang INTEGER DEFAULT 0,"
    " infra INTEGER DEFAULT 0, reason INTEGER DEFAULT 0, twin INTEGER DEFAULT 0);"
    "CREATE TABLE effect(task INTEGER PRIMARY KEY, records INTEGER, blob BLOB);"
    "CREATE TABLE dead_letter(id INTEGER PRIMARY KEY, task INTEGER, record INTEGER, records "
    "INTEGER,"
    " offset INTEGER, length INTEGER, bytes BLOB, reason INTEGER, field INTEGER,"
    " evidence INTEGER DEFAULT 0, state INTEGER, UNIQUE(task, record));"
    /* What jobs of kind etl make: rows by key, rows as they came, rows of whole batches, effects
     * that cannot be taken back, rows that were refused, and what a strategy remembers. */
    "CREATE TABLE sink(key BLOB PRIMARY KEY, record INTEGER, payload BLOB) WITHOUT ROWID;"
    "CREATE TABLE sink_log(id INTEGER PRIMARY KEY, key BLOB, record INTEGER, payload BLOB);"
    "CREATE TABLE sink_chunk(id INTEGER PRIMARY KEY, key BLOB, first INTEGER, end INTEGER,"
    " records INTEGER, digest INTEGER);"
    "CREATE TABLE effect_log(id INTEGER PRIMARY KEY, key BLOB, record INTEGER);"
    "CREATE TABLE conflict(key BLOB, record INTEGER, payload BLOB, PRIMARY KEY(key, record))"
    " WITHOUT ROWID;"
    "CREATE TABLE mark(task INTEGER, item INTEGER, a INTEGER, b INTEGER, blob BLOB,"
    " moves INTEGER DEFAULT 0, PRIMARY KEY(task, item));"
    "CREATE TABLE mark_back(id INTEGER PRIMARY KEY, task INTEGER, item INTEGER, was INTEGER,"
    " became INTEGER);"
    "CREATE TRIGGER mark_goes_back AFTER UPDATE OF a ON mark WHEN NEW.a < OLD.a BEGIN"
    " INSERT INTO mark_back(task, item, was, became) VALUES(OLD.task, OLD.item, OLD.a, NEW.a);"
    " END;"
    /* A batch of items (sink/sink_items.h); who holds one, and the indexes by which those that
     * wait and those that are held are found among all that are settled. */
    "CREATE TABLE item(record INTEGER PRIMARY KEY, task INTEGER, offset INTEGER, length INTEGER,"
    " hash INTEGER, state INTEGER DEFAULT 0, tries INTEGER DEFAULT 0, holder INTEGER,"
    " epoch INTEGER, generation INTEGER, reason INTEGER, field INTEGER);"
    "CREATE INDEX item_pending ON item(record) WHERE state = 0;"
    "CREATE INDEX item_held ON item(record) WHERE state = 1;"
    /* Events (sink/sink_windows.h), the rows of their windows, and which were made how
     * often. */
    "CREATE TABLE event(record INTEGER PRIMARY KEY, task INTEGER, state INTEGER DEFAULT 0,"
    " late INTEGER DEFAULT 0, time INTEGER, window INTEGER, source TEXT, key BLOB, payload BLOB);"
    "CREATE INDEX event_stored ON event(task, record) WHERE state = 0;"
    "CREATE INDEX event_window ON event(state, window) WHERE state > 0;"
    "CREATE TABLE sink_window(window INTEGER, record INTEGER, key BLOB, payload BLOB,"
    " PRIMARY KEY(window, record)) WITHOUT ROWID;"
    "CREATE TABLE window(start INTEGER PRIMARY KEY, version INTEGER);"
    /* Cells (sink/sink_cells.h), and the index by which those that are due are found. */
    "CREATE TABLE cell(space INTEGER, key BLOB, a INTEGER, b INTEGER, due INTEGER, blob BLOB,"
    " PRIMARY KEY(space, key)) WITHOUT ROWID;"
    "CREATE INDEX cell_due ON cell(space, due) WHERE due IS NOT NULL;";

/* What the system said, which SQLite's codes do not always tell apart: a full disk looks like many
 * things, and so does a process that has too many files open. */
static int
system_error(struct store *store, int otherwise)
{
	int error = sqlite3_system_errno(store->db);

	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
		return -error;
	default:
		return otherwise;
	}
}

int
store_failed(struct store *store, int code)
{
	snprintf(store->error, sizeof(store->error), "%s", sqlite3_errmsg(store->db));
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
		return system_error(store, -ENOENT);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EBADMSG;
	default:
		return system_error(store, -EIO);
	}
}

sqlite3_stmt *
store_statement(struct store *store, enum statement id, size_t count, const int64_t *values)
{
	sqlite3_stmt **statement = &store->prepared[id];

	if (*statement == NULL &&
	    sqlite3_prepare_v3(store->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT, statement,
	                       NULL) != SQLITE_OK)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (sqlite3_bind_int64(*statement, (int)i + 1, values[i]) != SQLITE_OK)
			return NULL;
	return *statement;
}

int
store_step_row(struct store *store, sqlite3_stmt *statement)
{
	int code;

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE) {
		int failed = store_failed(store, code);
		sqlite3_reset(statement);
		return failed;
	}
	sqlite3_reset(statement);
	return 0;
}

int
store_step_reset(struct store *store, sqlite3_stmt *statement)
{
	int row = store_step_row(store, statement);

	if (row < 0)
		return row;
	if (row == 1)
		sqlite3_reset(statement);
	return sqlite3_changes(store->db);
}

static int
store_execute(struct store *store, const char *text)
{
	int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : store_failed(store, code);
}

static int
store_connect(struct store **out, const char *path, int flags, int busy_ms)
{
	const char *vfs = store_vfs();
	struct store *store = vfs == NULL ? NULL : calloc(1, sizeof(*store));
	int code;

	if (store == NULL)
		return -ENOMEM;
	code = sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (code != SQLITE_OK) {
		int failed = store->db == NULL ? -ENOMEM : store_failed(store, code);
		sqlite3_close(store->db);
		free(store);
		return failed;
	}
	store_busy_set(store, busy_ms);
	*out = store;
	return 0;
}

static int
store_durability_set(struct store *store, enum durability durability)
{
	return store_execute(store, durability == DURABILITY_POWER ? "PRAGMA synchronous = FULL"
	                                                           : "PRAGMA synchronous = OFF");
}

/* Called behind each commit.  SQLite's own way lets others write meanwhile; two who always have
 * something to write would never again find the log copied back to its end, which is when it begins
 * anew, and it would grow as long as they work.  Here the one who has just given the write lock
 * back takes it again, for the copying alone; if another was faster, it is done beside that one,
 * and the next commit sees to the rest.  Nobody is waited for. */
static int
copy_log_back(void *context, sqlite3 *db, const char *name, int pages)
{
	struct store *store = context;
	int busy_ms = store->busy_ms;

	if (pages < CHECKPOINT_PAGES)
		return SQLITE_OK;
	store->busy_ms = 0;
	/* The commit stands whatever comes of this. */
	sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_FULL, NULL, NULL);
	store->busy_ms = busy_ms;
	return SQLITE_OK;
}

static int
store_tune(struct store *store, enum durability durability)
{
	int error = store_execute(store, "PRAGMA journal_mode = WAL");

	sqlite3_wal_hook(store->db, copy_log_back, store);
	if (planted("commit-without-sync"))
		durability = DURABILITY_PROCESS;
	return error == 0 ? store_durability_set(store, durability) : error;
}

static int
store_fill(struct store *store, const struct store_run *run)
{
	static const char insert[] =
	    "INSERT INTO run(one, format, id, name, config_hash, logical_date, generation, state, "
	    "tasks,"
	    " records, bytes, fingerprint, input, outcome, device, inode, size, mtime_ns, ctime_ns)"
	    " VALUES(1, ?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, ?6, 0, 0, 0, 0, 0, 0)";
	sqlite3_stmt *statement;
	int error = store_execute(store, schema);

	if (error != 0)
		return error;
	if (sqlite3_prepare_v2(store->db, insert, -1, &statement, NULL) != SQLITE_OK)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_bind_int64(statement, 1, STORE_FORMAT);
	sqlite3_bind_text(statement, 2, run->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, run->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, (int64_t)run->config_hash);
	sqlite3_bind_text(statement, 5, run->logical_date, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, run->input, -1, SQLITE_STATIC);
	error = store_step_reset(store, statement);
	sqlite3_finalize(statement);
	return error < 0 ? error : 0;
}

static int
store_make(const char *path, enum durability durability, const struct store_run *run)
{
	struct store *store;
	int error = store_connect(&store, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);

	if (error != 0)
		return error;
	/* No write-ahead log yet: all there is must be in the one file that gets its name next. */
	error = store_durability_set(store, durability);
	if (error == 0)
		error = store_begin(store);
	if (error == 0)
		error = store_fill(store, run);
	if (error == 0)
		error = store_commit(store);
	/* Last, while nobody else can have it open: the mode stays with the file. */
	if (error == 0)
		error = store_execute(store, "PRAGMA journal_mode = WAL");
	store_close(store);
	return error;
}

static const char *
leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
open_folder_of(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	strlcpy(folder, path, sizeof(folder));
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What is left of one that was killed before it had its name. */
static void
remove_unnamed(int folder, const char *unnamed)
{
	static const char *const parts[] = {"", "-journal", "-wal", "-shm"};
	char part[PATH_MAX];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(part, sizeof(part), "%.*s%s", PATH_MAX - 16, unnamed, parts[i]);
		disk_remove(folder,
		            part); /* what could not be removed is in the way, and then said */
	}
}

int
store_create(const char *path, enum durability durability, const struct store_run *run)
{
	char unnamed[PATH_MAX];
	int folder, error;

	if (snprintf(unnamed, sizeof(unnamed), "%s.new", path) >= (int)sizeof(unnamed))
		return -ENAMETOOLONG;
	folder = open_folder_of(path);
	if (folder < 0)
		return folder;
	/* Under its name it is whole: whoever is killed on the way leaves no database that cannot
	 * be read. */
	remove_unnamed(folder, leaf_of(unnamed));
	error = store_make(unnamed, durability, run);
	if (error == 0) {
		point_reach(POINT_DIRECTOR_BEFORE_STORE);
		error = disk_rename(folder, leaf_of(unnamed), leaf_of(path));
	}
	/* A file must not lose its name in a power cut when what is in it was promised to stay. */
	if (error == 0 && durability == DURABILITY_POWER)
		error = disk_sync(folder);
	if (error == 0)
		point_reach(POINT_DIRECTOR_AFTER_STORE);
	close(folder);
	return error;
}

int
store_open(struct store **out, const char *path, enum durability durability, int busy_ms)
{
	int error = store_connect(out, path, SQLITE_OPEN_READWRITE, busy_ms);

	if (error != 0)
		return error;
	error = store_tune(*out, durability);
	if (error != 0) {
		store_close(*out);
		*out = NULL;
	}
	return error;
}

int
store_open_reader(struct store **out, const char *path)
{
	int error;

	/* A reader of a WAL database needs the shared index, so it must be allowed to make one. */
	error = store_connect(out, path, SQLITE_OPEN_READWRITE, 2000);
	if (error == -EACCES || error == -ENOENT)
		error = store_connect(out, path, SQLITE_OPEN_READONLY, 2000);
	return error;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->prepared[i]);
	sqlite3_close(store->db);
	free(store->blob);
	free(store);
}

void
store_checkpoint_on_close(struct store *store, bool wanted)
{
	/* Cannot fail for this option, says its documentation. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, NULL);
}

/* SQLite's own handler sleeps for up to 100 ms at a time; our transactions take microseconds. */
static int
wait_a_little(void *context, int tries)
{
	struct store *store = context;
	int64_t now_ns = clock_now_ns();

	/* SQLite does not always count a new wait from zero: one that follows no other closely is
	 * new. */
	if (tries == 0 || now_ns > store->busy_asked_ns + BUSY_NEW_NS)
		store->busy_until_ns = now_ns + store->busy_ms * NS_PER_MS;
	store->busy_asked_ns = now_ns;
	if (now_ns >= store->busy_until_ns)
		return 0;
	if (tries < BUSY_YIELDS)
		sched_yield();
	else
		clock_wait_until(now_ns + (tries < BUSY_LONG ? BUSY_STEP_NS : BUSY_LONG_STEP_NS));
	return 1;
}

void
store_busy_set(struct store *store, int busy_ms)
{
	store->busy_ms = busy_ms;
	sqlite3_busy_handler(store->db, busy_ms > 0 ? wait_a_little : NULL, store);
}

int
store_cache_set(struct store *store, int kibibytes)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA cache_size = -%d", kibibytes);
	return store_execute(store, text);
}

const char *
store_error(const struct store *store)
{
	return store->error;
}

int
store_begin(struct store *store)
{
	int changed = store_step_reset(store, store_statement(store, SQL_BEGIN, 0, NULL));

	return changed < 0 ? changed : 0;
}

int
store_commit(struct store *store)
{
	int changed = store_step_reset(store, store_statement(store, SQL_COMMIT, 0, NULL));

	if (changed < 0) {
		store_rollback(store);
		return changed;
	}
	return 0;
}

void
store_rollback(struct store *store)
{
	/* SQLite has rolled back by itself after some errors; a second try then fails, which is as
	 * good. */
	if (!sqlite3_get_autocommit(store->db))
		store_step_reset(store, store_statement(store, SQL_ROLLBACK, 0, NULL));
}

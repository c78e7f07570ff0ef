/* SPDX-License-Identifier: ISC
 *
 * Opening a failed run again.  A dead record of a finished task becomes a task of its own; like
 * every other task it gets the checksum of its bytes, which are read here, from the input.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#include <xxhash.h>

#include "sim/fault/point.h"
#include "sim/store/store_internal.h"

#define PIECE_BYTES (64u << 10)

static int
checksum_of(int fd, off_t offset, size_t length, XXH3_state_t *state)
{
	char piece[PIECE_BYTES];

	XXH3_64bits_reset(state);
	while (length > 0) {
		ssize_t got =
		    pread(fd, piece, length < sizeof(piece) ? length : sizeof(piece), offset);
		if (got <= 0)
			return got < 0 ? -errno : -ENODATA;
		XXH3_64bits_update(state, piece, (size_t)got);
		offset += got;
		length -= (size_t)got;
	}
	return 0;
}

/* SQL: input_checksum(offset, length). */
static void
input_checksum(sqlite3_context *context, int count, sqlite3_value **value)
{
	const int *fd = sqlite3_user_data(context);
	XXH3_state_t state;

	if (checksum_of(*fd, sqlite3_value_int64(value[0]), (size_t)sqlite3_value_int64(value[1]),
	                &state) != 0)
		sqlite3_result_error(context, "the input cannot be read where a dead letter was",
		                     -1);
	else
		sqlite3_result_int64(context, (int64_t)XXH3_64bits_digest(&state));
}

static int
count_open(struct store *store, uint64_t *tasks)
{
	sqlite3_stmt *row = store_statement(store, SQL_TASK_COUNT_OPEN, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	*tasks = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return 0;
}

static int
reopen(struct store *store, bool all, uint64_t *tasks)
{
	static const enum statement steps[] = {
	    SQL_DEAD_FORGET,        SQL_TASK_FORGET, /* only if all is done again */
	    SQL_ITEM_REOPEN,        SQL_DEAD_REOPEN,         SQL_DEAD_TO_TASK,
	    SQL_TASK_WITHOUT_DEAD,  SQL_DEAD_MOVED,          SQL_TASK_REOPEN,
	    SQL_TASK_REOPEN_OUTPUT, SQL_EFFECT_FORGET_LATER, SQL_RUN_REOPEN};

	for (size_t i = all ? 0 : 2; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int changed = store_step_reset(store, store_statement(store, steps[i], 0, NULL));
		if (changed < 0)
			return changed;
	}
	return count_open(store, tasks);
}

static int
reopen_in_transaction(struct store *store, bool all, uint64_t *tasks)
{
	int error = store_begin(store);

	if (error != 0)
		return error;
	error = reopen(store, all, tasks);
	if (error != 0) {
		store_rollback(store);
		return error;
	}
	point_reach(POINT_DIRECTOR_BEFORE_REDRIVE);
	return store_commit(store);
}

int
store_redrive(struct store *store, const char *input, bool all, uint64_t *tasks)
{
	int fd = -1, code, error;

	if (input[0] != '\0') {
		fd = open(input, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	}
	code = sqlite3_create_function(store->db, "input_checksum", 2, SQLITE_UTF8, &fd,
	                               input_checksum, NULL, NULL);
	error = code == SQLITE_OK ? reopen_in_transaction(store, all, tasks)
	                          : store_failed(store, code);
	if (fd >= 0)
		close(fd);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * Leaving the store as a single file.  SQLite does so when the last connection is closed, but says
 * nothing when somebody else's is not closed yet.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/store/store.h"
#include "sim/util/clock.h"

#define STEP_NS NS_PER_MS

static bool
has_log(const char *path)
{
	char log[PATH_MAX];

	return snprintf(log, sizeof(log), "%s-wal", path) < (int)sizeof(log) &&
	       access(log, F_OK) == 0;
}

static int
open_and_close(const char *path, enum durability durability)
{
	struct store_run run;
	struct store *store;
	int error = store_open(&store, path, durability, 0);

	if (error != 0)
		return error;
	error = store_run_read(store, &run); /* opening alone opens nothing */
	store_close(store);
	return error;
}

int
store_settle(const char *path, enum durability durability, int wait_ms)
{
	int64_t deadline_ns = clock_now_ns() + wait_ms * NS_PER_MS;

	while (has_log(path)) {
		int64_t now_ns = clock_now_ns();
		int error = open_and_close(path, durability);
		if (error != 0 && error != -EBUSY)
			return error;
		if (!has_log(path))
			return 0;
		if (now_ns >= deadline_ns)
			return -EBUSY;
		clock_wait_until(now_ns + STEP_NS);
	}
	return 0;
}

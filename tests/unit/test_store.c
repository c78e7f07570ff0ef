/* SPDX-License-Identifier: ISC
 *
 * How a store is left: as one file, as soon as nobody else has it open.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/store/store.h"

static char folder[64], path[80], log_path[96];

static int
set_up(void **state)
{
	static const struct store_run run = {.id = "test", .name = "test"};

	strlcpy(folder, "/tmp/graveshift-test-store-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run.db", folder);
	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	assert_int_equal(store_create(path, DURABILITY_PROCESS, &run), 0);
	return 0;
}

static int
tear_down(void **state)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0); /* there is nothing else */
	return 0;
}

static struct store *
opened(void)
{
	struct store *store;
	uint32_t generation;

	assert_int_equal(store_open(&store, path, DURABILITY_PROCESS, 0), 0);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	return store;
}

/* Has the store open until the pipe is closed, or it is killed. */
static pid_t
start_holder(int hold[2])
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(hold), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *store = opened();
		close(hold[1]);
		_exit(store == NULL || write(ready[1], "", 1) != 1 || read(hold[0], &byte, 1) != 0);
	}
	close(hold[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
the_last_one_settles_it(void **state)
{
	store_close(opened());
	assert_int_not_equal(access(log_path, F_OK), 0);
	assert_int_equal(store_settle(path, DURABILITY_PROCESS, 0), 0);
}

static void
what_the_killed_had_open_is_settled(void **state)
{
	int hold[2], status;
	pid_t pid = start_holder(hold);

	store_close(opened());
	assert_int_equal(access(log_path, F_OK), 0);
	assert_int_equal(store_settle(path, DURABILITY_PROCESS, 3), -EBUSY);
	assert_int_equal(access(log_path, F_OK), 0);
	close(hold[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(log_path, F_OK), 0); /* it did not close it */
	assert_int_equal(store_settle(path, DURABILITY_PROCESS, 0), 0);
	assert_int_not_equal(access(log_path, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_last_one_settles_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_the_killed_had_open_is_settled, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

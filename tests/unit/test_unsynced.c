/* SPDX-License-Identifier: ISC
 *
 * What a loss of power leaves of bytes, sizes and names, by the model of sim/disk/unsynced.h.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/disk/disk.h"
#include "sim/disk/unsynced.h"
#include "sim/rundir/rundir.h"
#include "sim/store/store.h"

static char run[64];
static int folder; /* of the run; its names are what is tested */

static int
set_up(void **state)
{
	char out[80];

	strlcpy(run, "/tmp/unsynced-XXXXXX", sizeof(run));
	assert_non_null(mkdtemp(run));
	snprintf(out, sizeof(out), "%s/%s", run, RUN_OUT);
	assert_int_equal(mkdir(out, 0700), 0);
	folder = open(run, O_RDONLY | O_DIRECTORY);
	assert_true(folder >= 0);
	assert_int_equal(unsynced_begin(run), 0);
	unsynced_bind(run);
	assert_non_null(unsynced_run());
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = {"a", "b", "c", RUN_DB, RUN_DB "-wal", RUN_DB "-shm"};

	assert_int_equal(unsynced_end(run), 0);
	assert_null(unsynced_run());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(folder, names[i], 0);
	assert_int_equal(unlinkat(folder, RUN_OUT, AT_REMOVEDIR), 0);
	close(folder);
	assert_int_equal(rmdir(run), 0); /* nothing of the journal is left */
	return 0;
}

static void
put(int fd, const char *text)
{
	assert_int_equal(disk_write(fd, text, strlen(text)), strlen(text));
}

static int
make(const char *name, const char *text)
{
	int fd = disk_create(folder, name);

	assert_true(fd >= 0);
	put(fd, text);
	return fd;
}

static void
make_durable(const char *name, const char *text)
{
	int fd = make(name, text);

	assert_int_equal(disk_sync(fd), 0);
	close(fd);
	assert_int_equal(disk_sync(folder), 0);
}

/* What the file holds; NULL: there is none of that name. */
static const char *
content(const char *name)
{
	static char text[64];
	int fd = openat(folder, name, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return NULL;
	length = read(fd, text, sizeof(text) - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	close(fd);
	return text;
}

static struct unsynced_loss
lose(void)
{
	struct unsynced_loss first, again;

	assert_int_equal(unsynced_undo(run, &first), 0);
	/* Somebody was killed in the middle of it, and it is done again. */
	assert_int_equal(unsynced_undo(run, &again), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(unsynced_forget(run), 0);
	return first;
}

static void
test_what_was_synced_stays(void **state)
{
	struct unsynced_loss loss;

	make_durable("a", "one");
	loss = lose();
	assert_string_equal(content("a"), "one");
	assert_int_equal(loss.bytes, 0);
	assert_int_equal(loss.names, 0);
}

static void
test_what_was_not_synced_is_gone(void **state)
{
	struct unsynced_loss loss;
	int fd;

	make_durable("a", "one");
	fd = openat(folder, "a", O_RDWR | O_APPEND);
	assert_int_equal(lseek(fd, 0, SEEK_END), 3);
	put(fd, "two");
	close(fd);
	loss = lose();
	assert_string_equal(content("a"), "one");
	assert_int_equal(loss.bytes, 3);
}

static void
test_bytes_that_were_written_over_come_back(void **state)
{
	int fd;

	make_durable("a", "abcdef");
	fd = openat(folder, "a", O_RDWR);
	assert_int_equal(lseek(fd, 4, SEEK_SET), 4);
	put(fd, "WXYZ");
	close(fd);
	assert_string_equal(content("a"), "abcdWXYZ");
	lose();
	assert_string_equal(content("a"), "abcdef");
}

static void
test_a_name_needs_its_folder_synced(void **state)
{
	int fd = make("a", "one");

	assert_int_equal(disk_sync(fd), 0);
	close(fd);
	lose();
	assert_null(content("a"));
}

static void
test_a_rename_without_sync_leaves_an_empty_file(void **state)
{
	close(make("a", "result"));
	assert_int_equal(disk_rename(folder, "a", "b"), 0);
	assert_int_equal(disk_sync(folder), 0);
	assert_string_equal(content("b"), "result");
	lose();
	assert_string_equal(content("b"), "");
	assert_null(content("a"));
}

static void
test_a_rename_that_is_lost_brings_both_files_back(void **state)
{
	make_durable("a", "new");
	make_durable("b", "old");
	assert_int_equal(disk_rename(folder, "a", "b"), 0);
	assert_string_equal(content("b"), "new");
	lose();
	assert_string_equal(content("b"), "old");
	assert_string_equal(content("a"), "new");
}

static void
test_a_removed_file_comes_back_with_its_bytes(void **state)
{
	int fd;

	make_durable("a", "one");
	fd = openat(folder, "a", O_RDWR);
	put(fd, "TWO");
	close(fd);
	assert_int_equal(disk_remove(folder, "a"), 0);
	assert_null(content("a"));
	close(make("a", "another"));
	lose();
	assert_string_equal(content("a"), "one");
}

static void
test_a_sync_covers_what_was_written_before_it_began(void **state)
{
	struct unsynced_entry entry = {.kind = UNSYNCED_SYNC};
	int fd, lock;
	struct stat status;

	make_durable("a", "");
	fd = openat(folder, "a", O_RDWR);
	assert_int_equal(fstat(fd, &status), 0);
	put(fd, "early");
	lock = unsynced_lock();
	assert_true(lock >= 0);
	entry.until = unsynced_position(lock);
	unsynced_unlock(lock);
	put(fd, "late");
	close(fd);
	assert_int_equal(unsynced_synced(status.st_ino, entry.until), 0);
	lose();
	assert_string_equal(content("a"), "early");
}

static void
test_a_sync_that_failed_is_made_good_by_no_other(void **state)
{
	int fd = make("a", "lost");

	assert_int_equal(disk_sync(folder), 0);
	assert_int_equal(disk_sync_failed(fd), 0);
	assert_int_equal(disk_sync(fd), 0);
	close(fd);
	lose();
	assert_string_equal(content("a"), "");
}

static void
test_what_is_written_anew_after_a_failed_sync_stays(void **state)
{
	struct stat status;
	int fd = make("a", "first");

	assert_int_equal(disk_sync(fd), 0);
	assert_int_equal(disk_sync(folder), 0);
	put(fd, " lost lost");
	assert_int_equal(disk_sync_failed(fd), 0);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	put(fd, "anew");
	assert_int_equal(disk_sync(fd), 0);
	close(fd);
	lose();
	assert_int_equal(fstatat(folder, "a", &status, 0), 0);
	assert_int_equal(status.st_size, 11);
	fd = openat(folder, "a", O_RDONLY);
	char bytes[11];
	assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	close(fd);
	assert_memory_equal(bytes, "first\0\0anew", sizeof(bytes));
}

static void
test_two_losses_one_after_the_other(void **state)
{
	make_durable("a", "one");
	close(make("b", "two"));
	lose();
	assert_null(content("b"));
	make_durable("b", "three");
	close(make("c", "four"));
	lose();
	assert_string_equal(content("a"), "one");
	assert_string_equal(content("b"), "three");
	assert_null(content("c"));
}

/* SQLite itself: what it says is committed with `power` is there, with `process` nothing is. */
static bool
generation_survives(enum durability durability)
{
	struct store_run info = {.id = "1", .name = "test"}, found;
	struct store *store;
	uint32_t generation;
	char path[80];

	snprintf(path, sizeof(path), "%s/%s", run, RUN_DB);
	assert_int_equal(store_create(path, durability, &info), 0);
	assert_int_equal(store_open(&store, path, durability, 100), 0);
	store_checkpoint_on_close(store, false);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	store_close(store);
	lose();
	if (access(path, F_OK) != 0)
		return false;
	assert_int_equal(store_open(&store, path, durability, 100), 0);
	assert_int_equal(store_run_read(store, &found), 0);
	store_close(store);
	return found.generation == 1;
}

static void
test_a_commit_survives_if_the_durability_says_so(void **state)
{
	assert_false(generation_survives(DURABILITY_PROCESS));
	assert_true(generation_survives(DURABILITY_POWER));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_what_was_synced_stays, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_was_not_synced_is_gone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bytes_that_were_written_over_come_back, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_a_name_needs_its_folder_synced, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_rename_without_sync_leaves_an_empty_file, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_a_rename_that_is_lost_brings_both_files_back,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_removed_file_comes_back_with_its_bytes, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_a_sync_covers_what_was_written_before_it_began,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_sync_that_failed_is_made_good_by_no_other,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_is_written_anew_after_a_failed_sync_stays,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_two_losses_one_after_the_other, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_commit_survives_if_the_durability_says_so,
	                                    set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Names of operations, and the versions of files: what was noted comes back as it was, at any
 * moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/chance.h"
#include "sim/torture/explore.h"
#include "sim/util/tree.h"

#define MEMORY ((size_t)1 << 30)

static void
test_classes_leave_out_what_differs_from_time_to_time(void **state)
{
	static const struct {
		const char *name, *class;
	} cases[] = {
	    {"sh/openat:out.txt", "sh/open:out.txt"},
	    {"mv/renameat2:a.tmp>a", "mv/rename:a.tmp>a"},
	    {"sh/creat:x", "sh/creat:x"},
	    {"db/pwrite64:data", "db/pwrite:data"},
	    {"sh/openat:part-17.csv", "sh/open:part-#.csv"},
	    {"git/openat:.git/objects/78/981922613b2afb6025042ff6bd878ac1994e85",
	     "git/open:.git/objects/#/%"},
	    {"sed/openat:sedAbC1x9", "sed/open:*"},
	    {"sh/openat:out.k3JQpZ", "sh/open:out.*"},
	    {"cc/openat:Makefile", "cc/open:Makefile"},
	    {"cc/openat:README", "cc/open:README"},
	};
	char class[OP_NAME_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		op_class(class, cases[i].name);
		assert_string_equal(class, cases[i].class);
	}
}

static void
test_operations_are_numbered_and_a_failed_one_is_not(void **state)
{
	struct arena *arena = arena_new(MEMORY);
	struct record *record = record_new(arena, 0);
	struct op *op;
	char text[OP_NAME_SIZE + 16];

	assert_non_null(record);
	assert_int_equal(record_add(record, "sh/write:out")->occurrence, 1);
	op = record_add(record, "sh/write:out");
	assert_int_equal(op->occurrence, 2);
	assert_string_equal(op_text(record, op, text, sizeof(text)), "sh/write:out@2");
	record_drop(record, op);
	op = record_add(record, "sh/write:out");
	assert_int_equal(op->occurrence, 2);
	assert_int_equal(op->nth, 1); /* of write after write */
	assert_int_equal(record_add(record, "sh/write:out")->nth, 2);
	arena_free(arena);
}

/* --- versions */

struct folder {
	char path[64], copy[64];
	int fd;
	struct arena *arena;
	struct versions *versions;
};

static int
make_folder(char *path)
{
	strlcpy(path, "/tmp/graveshift-test-torture.XXXXXX", 64);
	assert_non_null(mkdtemp(path));
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
begin(struct folder *folder)
{
	folder->fd = make_folder(folder->path);
	folder->arena = arena_new(MEMORY);
	folder->versions = versions_new(folder->arena, 1);
	assert_non_null(folder->versions);
	folder->versions->fd[0] = folder->fd;
	versions_scan(folder->versions, NULL, 0);
}

static void
end(struct folder *folder)
{
	close(folder->fd);
	tree_remove(folder->path);
	arena_free(folder->arena);
}

static void
put(struct folder *folder, const char *name, int64_t at, const char *text)
{
	int fd = openat(folder->fd, name, O_WRONLY | O_CREAT, 0644);
	int64_t length = (int64_t)strlen(text);

	assert_true(fd >= 0 && pwrite(fd, text, (size_t)length, at) == length);
	close(fd);
	folder->versions->version++;
	versions_note(folder->versions, 0, name, NOTE_NAME, 0, 0);
	versions_note(folder->versions, 0, name, NOTE_BYTES, at, length);
}

static void
cut(struct folder *folder, const char *name, int64_t length)
{
	int fd = openat(folder->fd, name, O_WRONLY);

	assert_true(fd >= 0 && ftruncate(fd, length) == 0);
	close(fd);
	folder->versions->version++;
	versions_note(folder->versions, 0, name, NOTE_BYTES, 0, 0);
}

static void
move(struct folder *folder, const char *from, const char *to)
{
	assert_int_equal(renameat(folder->fd, from, folder->fd, to), 0);
	folder->versions->version++;
	versions_note(folder->versions, 0, to, NOTE_NAME, 0, 0);
	versions_note(folder->versions, 0, from, NOTE_NAME, 0, 0);
}

/* What a file is at a version, in a copy that is made for it; NULL: it is not there. */
static const char *
at_version(struct folder *folder, uint32_t version, const struct tear *tear, const char *name)
{
	static char text[65536];
	int fd[VERSION_LAYERS], file;
	ssize_t got;

	fd[0] = make_folder(folder->copy);
	assert_int_equal(versions_restore(folder->versions, version, tear, fd), 0);
	file = openat(fd[0], name, O_RDONLY);
	got = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	close(fd[0]);
	tree_remove(folder->copy);
	text[got > 0 ? got : 0] = '\0';
	return got < 0 ? NULL : text;
}

static void
test_each_version_comes_back(void **state)
{
	struct folder folder;
	uint64_t sum;

	begin(&folder);
	put(&folder, "a", 0, "one");
	put(&folder, "a", 3, "two");
	sum = folder.versions->sum;
	cut(&folder, "a", 2);
	put(&folder, "a", 4, "x"); /* what was cut off is zero now */
	put(&folder, "b", 0, "new");
	move(&folder, "b", "a");
	assert_null(at_version(&folder, 0, NULL, "a"));
	assert_string_equal(at_version(&folder, 1, NULL, "a"), "one");
	assert_string_equal(at_version(&folder, 2, NULL, "a"), "onetwo");
	assert_string_equal(at_version(&folder, 3, NULL, "a"), "on");
	assert_memory_equal(at_version(&folder, 4, NULL, "a"), "on\0\0x", 6);
	assert_string_equal(at_version(&folder, 5, NULL, "b"), "new");
	assert_null(at_version(&folder, 6, NULL, "b"));
	assert_string_equal(at_version(&folder, 6, NULL, "a"), "new");
	assert_int_equal(versions_scan(folder.versions, NULL, 0), 0);
	cut(&folder, "a", 0);
	put(&folder, "a", 0, "onetwo");
	assert_true(folder.versions->sum == sum);
	end(&folder);
}

static void
test_folders_move_with_what_is_in_them(void **state)
{
	struct folder folder;

	begin(&folder);
	assert_int_equal(mkdirat(folder.fd, "d", 0750), 0);
	folder.versions->version++;
	versions_note(folder.versions, 0, "d", NOTE_NAME, 0, 0);
	put(&folder, "d/x", 0, "x");
	move(&folder, "d", "e");
	assert_string_equal(at_version(&folder, 2, NULL, "d/x"), "x");
	assert_null(at_version(&folder, 3, NULL, "d/x"));
	assert_string_equal(at_version(&folder, 3, NULL, "e/x"), "x");
	assert_int_equal(versions_scan(folder.versions, NULL, 0), 0);
	end(&folder);
}

static void
test_a_change_that_was_not_noted_is_found(void **state)
{
	struct folder folder;
	char stray[64] = "";
	int fd;

	begin(&folder);
	put(&folder, "a", 0, "one");
	fd = openat(folder.fd, "a", O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, 1), 1);
	close(fd);
	assert_int_equal(versions_scan(folder.versions, stray, sizeof(stray)), 1);
	assert_string_equal(stray, "a");
	end(&folder);
}

static void
test_a_torn_write_has_its_first_pages(void **state)
{
	static char old[3 * VERSION_PAGE + 1], new[3 * VERSION_PAGE + 1];
	struct folder folder;
	struct tear tear;
	const char *text;

	memset(old, 'a', sizeof(old) - 1);
	memset(new, 'b', sizeof(new) - 1);
	begin(&folder);
	put(&folder, "big", 0, old);
	put(&folder, "big", 0, new);
	tear = (struct tear){versions_find(folder.versions, 0, "big"), 2 * (int64_t)VERSION_PAGE};
	text = at_version(&folder, 1, &tear, "big");
	assert_memory_equal(text, new, 2 * VERSION_PAGE);
	assert_string_equal(text + 2 * VERSION_PAGE, old + 2 * VERSION_PAGE);
	put(&folder, "long", 0, new);
	tear.node = versions_find(folder.versions, 0, "long");
	put(&folder, "long", 3 * (int64_t)VERSION_PAGE, new);
	tear.end = 4 * (int64_t)VERSION_PAGE;
	text = at_version(&folder, 3, &tear, "long");
	assert_int_equal(strlen(text), 4 * VERSION_PAGE);
	end(&folder);
}

static void
test_a_window_of_which_nothing_was_played_is_a_guess(void **state)
{
	struct arena *arena = arena_new(MEMORY);
	struct session session = {.record = record_new(arena, 0)};
	uint32_t played[] = {0, POINT_UNKNOWN, 1, POINT_UNKNOWN, 0};
	uint32_t like[] = {0, 1, 1, 0, 0};
	struct outcome outcome[] = {{.judged = JUDGED_PASS}, {.judged = JUDGED_FAIL}};
	struct exploration exploration = {.points = 5, .played = played, .like = like};
	struct window window[1];

	assert_non_null(session.record);
	session.outcome = outcome;
	record_add(session.record, "sh/write:a");
	record_add(session.record, "sh/write:b");
	record_add(session.record, "sh/write:c");
	record_add(session.record, "sh/write:d");
	assert_int_equal(explore_windows(&session, &exploration, window, 1), 1);
	assert_int_equal(window[0].first, 1);
	assert_int_equal(window[0].last, 2);
	assert_int_equal(window[0].shown, 1);
	assert_int_equal(window[0].played, 1);
	played[2] = POINT_UNKNOWN;
	assert_int_equal(explore_windows(&session, &exploration, window, 1), 0);
	arena_free(arena);
}

static void
test_chance_is_the_same_again_and_nobody_elses(void **state)
{
	unsigned char first[20], again[20], other[20];

	chance_fill(CHANCE_RECORDED, 7, 0, first, sizeof(first));
	chance_fill(CHANCE_RECORDED, 7, 0, again, sizeof(again));
	assert_memory_equal(first, again, sizeof(first));
	chance_fill(CHANCE_RECORDED, 7, 1, other, sizeof(other));
	assert_memory_not_equal(first, other, sizeof(first));
	chance_fill(CHANCE_RECORDED, 8, 0, other, sizeof(other));
	assert_memory_not_equal(first, other, sizeof(first));
	chance_fill(chance_of_recovery(1), 7, 0, other, sizeof(other));
	assert_memory_not_equal(first, other, sizeof(first));
	chance_fill(chance_of_recovery(2), 7, 0, again, sizeof(again));
	assert_memory_not_equal(other, again, sizeof(again));
	assert_int_equal(chance_of_recovery(1), chance_of_recovery(3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes_leave_out_what_differs_from_time_to_time),
	    cmocka_unit_test(test_operations_are_numbered_and_a_failed_one_is_not),
	    cmocka_unit_test(test_each_version_comes_back),
	    cmocka_unit_test(test_folders_move_with_what_is_in_them),
	    cmocka_unit_test(test_a_change_that_was_not_noted_is_found),
	    cmocka_unit_test(test_a_torn_write_has_its_first_pages),
	    cmocka_unit_test(test_a_window_of_which_nothing_was_played_is_a_guess),
	    cmocka_unit_test(test_chance_is_the_same_again_and_nobody_elses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

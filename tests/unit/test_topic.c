/* SPDX-License-Identifier: ISC
 *
 * Topics: what is published is read as it was appended, whatever becomes of the tail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/topic/topic_appender.h"
#include "sim/topic/topic_reader.h"
#include "sim/util/tree.h"

#define SEGMENT 65536

struct place {
	char path[64];
	int folder;
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strlcpy(place->path, "/tmp/test_topic.XXXXXX", sizeof(place->path));
	assert_non_null(mkdtemp(place->path));
	place->folder = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place->folder >= 0);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;

	close(place->folder);
	tree_remove(place->path);
	free(place);
	return 0;
}

static struct topic_appender *
open_appender(const struct place *place, size_t segment_bytes, struct topic_state *state)
{
	const struct topic_wish wish = {
	    .folder = place->folder, .name = "t", .segment_bytes = segment_bytes};
	struct topic_appender *appender;

	assert_int_equal(topic_appender_open(&appender, &wish, state), 0);
	return appender;
}

/* Event n has n's key and n bytes of value, a little varied. */
static void
append(struct topic_appender *appender, uint64_t first, uint64_t count)
{
	char key[24], value[256];

	for (uint64_t n = first; n < first + count; n++) {
		const struct topic_event event = {
		    .sequence = 10 * n,
		    .time_ms = (int64_t)n - 5,
		    .appended_ns = 7,
		    .kind = (uint16_t)(n % 3),
		    .key_length =
			(uint16_t)snprintf(key, sizeof(key), "k%llu", (unsigned long long)n),
		    .value_length = (uint32_t)(n % sizeof(value)),
		    .key = key,
		    .value = value,
		};

		memset(value, 'a' + (int)(n % 26), sizeof(value));
		assert_int_equal(topic_append(appender, &event), 0);
	}
}

static void
assert_is(const struct topic_event *event, uint64_t n)
{
	char key[24];

	snprintf(key, sizeof(key), "k%llu", (unsigned long long)n);
	assert_int_equal(event->sequence, 10 * n);
	assert_int_equal(event->time_ms, (int64_t)n - 5);
	assert_int_equal(event->kind, n % 3);
	assert_int_equal(event->key_length, strlen(key));
	assert_memory_equal(event->key, key, strlen(key));
	assert_int_equal(event->value_length, n % 256);
	for (size_t i = 0; i < event->value_length; i++)
		assert_int_equal(event->value[i], 'a' + (int)(n % 26));
}

/* From the offset on there are exactly the events up to `end`. */
static void
assert_events(const struct place *place, uint64_t from, uint64_t end)
{
	struct topic_reader reader;
	struct topic_event event;

	topic_reader_open(&reader, place->folder, "t");
	topic_reader_seek(&reader, from);
	for (uint64_t n = from; n < end; n++) {
		assert_int_equal(topic_reader_next(&reader, &event, true), 1);
		assert_is(&event, n);
	}
	assert_int_equal(topic_reader_next(&reader, &event, true), 0);
	assert_int_equal(topic_reader_published(&reader), end);
	topic_reader_close(&reader);
}

static void
test_what_is_flushed_is_read_and_nothing_else(void **state)
{
	struct topic_state found;
	struct topic_appender *appender;

	assert_events(*state, 0, 0);
	appender = open_appender(*state, SEGMENT, &found);
	assert_int_equal(found.next, 0);
	assert_events(*state, 0, 0);
	append(appender, 0, 10);
	assert_events(*state, 0, 0);
	assert_int_equal(topic_flush(appender), 0);
	assert_events(*state, 0, 10);
	append(appender, 10, 5);
	topic_appender_close(appender);
	assert_events(*state, 3, 10);
	appender = open_appender(*state, SEGMENT, &found);
	assert_int_equal(found.next, 10);
	assert_int_equal(found.sequence, 90);
	assert_false(found.ended);
	assert_int_equal(found.repaired, 0);
	topic_appender_close(appender);
}

static void
test_segments_follow_each_other_and_every_offset_is_found(void **state)
{
	static const uint64_t from[] = {0, 1, 1023, 1024, 1025, 2047, 2048, 4999, 5000};
	struct topic_state found;
	struct topic_appender *appender = open_appender(*state, SEGMENT, &found);

	append(appender, 0, 2500);
	assert_int_equal(topic_flush(appender), 0);
	topic_appender_close(appender);
	appender = open_appender(*state, SEGMENT, &found);
	assert_int_equal(found.next, 2500);
	append(appender, 2500, 2500);
	assert_int_equal(topic_flush(appender), 0);
	topic_appender_close(appender);
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		assert_events(*state, from[i], 5000);
}

static void
test_a_lost_or_wrong_index_changes_nothing(void **state)
{
	const struct place *place = *state;
	static const char wrong[64] = "\x2a\0\0\0\0\0\0\0\x33\0\0\0\0\0\0\0zzzzzzzz";
	char name[TOPIC_FILE_MAX];
	struct topic_state found;
	struct topic_appender *appender = open_appender(place, 1 << 20, &found);
	int fd;

	append(appender, 0, 4000);
	assert_int_equal(topic_flush(appender), 0);
	topic_appender_close(appender);
	fd = openat(place->folder, topic_segment_name("t", 0, "idx", name), O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_events(place, 3000, 4000);
	assert_int_equal(write(fd, wrong, sizeof(wrong)), sizeof(wrong));
	close(fd);
	assert_events(place, 1500, 4000);
	assert_events(place, 3000, 4000);
}

static int
open_first_segment(const struct place *place)
{
	char name[TOPIC_FILE_MAX];
	int fd = openat(place->folder, topic_segment_name("t", 0, "seg", name), O_RDWR);

	assert_true(fd >= 0);
	return fd;
}

/* A group that was cut short anywhere leaves whole events, and the next appender goes on behind
 * them. */
static void
test_a_tail_torn_at_any_byte_is_cut_off(void **state)
{
	const size_t tail = 3 * 48; /* of the events 1 to 3, at most */

	for (size_t cut = 0; cut < tail; cut++) {
		struct topic_state found;
		struct topic_appender *appender = open_appender(*state, SEGMENT, &found);
		size_t begin = sizeof(struct topic_segment_head) + 48;
		char zeros[3 * 48] = "";
		int fd;

		append(appender, 0, 4);
		assert_int_equal(topic_flush(appender), 0);
		topic_appender_close(appender);
		fd = open_first_segment(*state);
		assert_int_equal(pwrite(fd, zeros, tail - cut, (off_t)(begin + cut)), tail - cut);
		appender = open_appender(*state, SEGMENT, &found);
		/* An event that lacks nothing but padding, which is zeros, is whole. */
		assert_int_equal(found.next, 1 + cut / 48 + (cut % 48 >= 42 + 1 + cut / 48));
		if (cut % 48 == 0)
			assert_int_equal(found.repaired, 0);
		append(appender, found.next, 30);
		assert_int_equal(topic_flush(appender), 0);
		topic_appender_close(appender);
		assert_events(*state, 0, found.next + 30);
		assert_int_equal(unlinkat(((struct place *)*state)->folder, "t.head", 0), 0);
		assert_int_equal(
		    unlinkat(((struct place *)*state)->folder, "t.0000000000000000.seg", 0), 0);
		close(fd);
	}
}

static void
test_a_flipped_byte_is_no_event(void **state)
{
	struct topic_state found;
	struct topic_appender *appender = open_appender(*state, SEGMENT, &found);
	struct topic_reader reader;
	struct topic_event event;
	int fd = open_first_segment(*state);
	size_t at = sizeof(struct topic_segment_head);
	char old;

	append(appender, 0, 1);
	assert_int_equal(topic_flush(appender), 0);
	topic_reader_open(&reader, ((struct place *)*state)->folder, "t");
	for (size_t i = 0; i < 42; i++) { /* behind it is padding */
		char flipped;

		assert_int_equal(pread(fd, &old, 1, (off_t)(at + i)), 1);
		flipped = (char)(old ^ 0x10);
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)(at + i)), 1);
		topic_reader_seek(&reader, 0);
		assert_int_equal(topic_reader_next(&reader, &event, true), -EBADMSG);
		assert_int_equal(pwrite(fd, &old, 1, (off_t)(at + i)), 1);
	}
	assert_int_equal(topic_reader_next(&reader, &event, true), 1);
	topic_reader_close(&reader);
	topic_appender_close(appender);
	close(fd);
}

static void
test_one_appends_at_a_time(void **state)
{
	const struct place *place = *state;
	const struct topic_wish wish = {
	    .folder = place->folder, .name = "t", .segment_bytes = SEGMENT};
	struct topic_state found;
	struct topic_appender *first = open_appender(place, SEGMENT, &found), *second;
	struct topic_reader reader;

	topic_reader_open(&reader, place->folder, "t");
	assert_true(topic_reader_is_fed(&reader));
	assert_int_equal(topic_appender_open(&second, &wish, &found), -EAGAIN);
	topic_appender_close(first);
	assert_false(topic_reader_is_fed(&reader));
	topic_reader_close(&reader);
}

static void
test_a_segment_that_was_not_begun_is_made_anew(void **state)
{
	const struct place *place = *state;
	char name[TOPIC_FILE_MAX];
	struct topic_state found;
	struct topic_appender *appender = open_appender(place, SEGMENT, &found);
	const struct topic_event end = {.sequence = 99, .kind = TOPIC_END};
	int fd;

	append(appender, 0, 9);
	assert_int_equal(topic_append(appender, &end), 0);
	assert_int_equal(topic_flush(appender), 0);
	topic_appender_close(appender);
	fd = openat(place->folder, topic_segment_name("t", 10, "seg", name), O_CREAT | O_WRONLY,
	            0600);
	assert_true(fd >= 0);
	close(fd);
	appender = open_appender(place, SEGMENT, &found);
	assert_int_equal(found.next, 10);
	assert_true(found.ended);
	assert_int_equal(found.sequence, 99);
	assert_int_equal(faccessat(place->folder, name, F_OK, 0), -1);
	topic_appender_close(appender);
}

static void
test_an_end_in_a_full_segment_is_seen_from_the_next(void **state)
{
	struct topic_state found;
	struct topic_appender *appender = open_appender(*state, TOPIC_SEGMENT_MIN, &found);
	uint64_t n = 0;

	/* Until a new segment has just been begun. */
	do {
		append(appender, n++, 1);
		assert_int_equal(topic_flush(appender), 0);
	} while (n < 60);
	topic_appender_close(appender);
	appender = open_appender(*state, TOPIC_SEGMENT_MIN, &found);
	assert_int_equal(found.next, 60);
	assert_int_equal(found.sequence, 590);
	topic_appender_close(appender);
	assert_events(*state, 0, 60);
}

static void
test_an_event_larger_than_a_segment_is_refused(void **state)
{
	static char large[TOPIC_SEGMENT_MIN];
	const struct topic_event event = {.value = large, .value_length = sizeof(large)};
	struct topic_state found;
	struct topic_appender *appender = open_appender(*state, TOPIC_SEGMENT_MIN, &found);

	assert_int_equal(topic_append(appender, &event), -EMSGSIZE);
	append(appender, 0, 3);
	assert_int_equal(topic_flush(appender), 0);
	topic_appender_close(appender);
	assert_events(*state, 0, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(test_what_is_flushed_is_read_and_nothing_else),
	    TEST(test_segments_follow_each_other_and_every_offset_is_found),
	    TEST(test_a_lost_or_wrong_index_changes_nothing),
	    TEST(test_a_tail_torn_at_any_byte_is_cut_off),
	    TEST(test_a_flipped_byte_is_no_event),
	    TEST(test_one_appends_at_a_time),
	    TEST(test_a_segment_that_was_not_begun_is_made_anew),
	    TEST(test_an_end_in_a_full_segment_is_seen_from_the_next),
	    TEST(test_an_event_larger_than_a_segment_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

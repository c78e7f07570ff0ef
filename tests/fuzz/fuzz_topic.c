/* SPDX-License-Identifier: ISC
 *
 * A topic's segment, torn and damaged.  A reader gives the leading events that are whole, as they
 * were appended, and stops; the next appender goes on right behind them, and what it appends is
 * read there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/topic/topic_appender.h"
#include "sim/topic/topic_reader.h"
#include "sim/util/tree.h"
#include "tests/fuzz/fuzz.h"

#define SEGMENT 16384
#define EVENTS_MAX 64
#define ADDED 3

static char path[] = "/tmp/fuzz_topic.XXXXXX";

struct place {
	int folder;
	size_t begins[EVENTS_MAX + 1]; /* where each event begins, and where the last one ends */
	uint64_t events;
};

static void
clear(void)
{
	tree_remove(path);
}

static struct topic_appender *
open_appender(const struct place *place, struct topic_state *state)
{
	const struct topic_wish wish = {
	    .folder = place->folder, .name = "t", .segment_bytes = SEGMENT};
	struct topic_appender *appender = NULL;

	CHECK(topic_appender_open(&appender, &wish, state) == 0);
	return appender;
}

static struct topic_event
event_of(uint64_t number, const char value[256])
{
	return (struct topic_event){.sequence = number,
	                            .time_ms = -(int64_t)number,
	                            .kind = (uint16_t)number,
	                            .key = "key",
	                            .key_length = (uint16_t)(number % 4),
	                            .value = value,
	                            .value_length = (uint32_t)(number * 37 % 200)};
}

static void
append(struct topic_appender *appender, uint64_t first, uint64_t count)
{
	char value[256];

	for (uint64_t n = first; n < first + count; n++) {
		struct topic_event event = event_of(n, value);

		memset(value, (int)n, sizeof(value));
		CHECK(topic_append(appender, &event) == 0);
	}
	CHECK(topic_flush(appender) == 0);
}

static bool
is_same(const struct topic_event *event, uint64_t number)
{
	char value[256];
	struct topic_event wanted = event_of(number, value);

	memset(value, (int)number, sizeof(value));
	return event->sequence == number && event->time_ms == wanted.time_ms &&
	       event->kind == wanted.kind && event->key_length == wanted.key_length &&
	       memcmp(event->key, wanted.key, wanted.key_length) == 0 &&
	       event->value_length == wanted.value_length &&
	       memcmp(event->value, value, wanted.value_length) == 0;
}

/* How many events can be read from the start; each must be what was appended. */
static uint64_t
count_read(const struct place *place)
{
	struct topic_reader reader;
	struct topic_event event;
	uint64_t count = 0;

	topic_reader_open(&reader, place->folder, "t");
	while (topic_reader_next(&reader, &event, true) == 1)
		CHECK(is_same(&event, count++));
	topic_reader_close(&reader);
	return count;
}

static void
make(struct place *place, uint64_t events)
{
	char value[256];
	struct topic_state state;
	struct topic_appender *appender;

	clear();
	memcpy(strrchr(path, '.') + 1, "XXXXXX", 6);
	CHECK(mkdtemp(path) != NULL);
	place->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(place->folder >= 0);
	place->events = events;
	place->begins[0] = sizeof(struct topic_segment_head);
	for (uint64_t n = 0; n < events; n++) {
		struct topic_event event = event_of(n, value);

		place->begins[n + 1] = place->begins[n] + topic_event_size(&event);
	}
	appender = open_appender(place, &state);
	append(appender, 0, events);
	topic_appender_close(appender);
}

/* Bytes behind the head are changed; returns the number of the first event that may be hurt. */
static uint64_t
damage(const struct place *place, struct fuzz_input *input)
{
	char name[TOPIC_FILE_MAX];
	int fd = openat(place->folder, topic_segment_name("t", 0, "seg", name), O_RDWR);
	size_t end = place->begins[place->events];
	uint64_t whole = place->events;

	CHECK(fd >= 0);
	while (fuzz_left(input) > 0) {
		size_t at = place->begins[0] + fuzz_take(input, 2) % (end - place->begins[0] + 64);
		uint8_t byte = (uint8_t)fuzz_take(input, 1), was;

		CHECK(pread(fd, &was, 1, (off_t)at) == 1);
		CHECK(pwrite(fd, &byte, 1, (off_t)at) == 1);
		while (was != byte && whole > 0 && at < place->begins[whole])
			whole--;
	}
	close(fd);
	return whole;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, data + size};
	struct topic_state state;
	struct topic_appender *appender;
	struct place place;
	uint64_t whole;

	make(&place, 1 + fuzz_take(&input, 1) % EVENTS_MAX);
	whole = damage(&place, &input);
	CHECK(count_read(&place) >= whole);
	appender = open_appender(&place, &state);
	CHECK(state.next >= whole && state.next <= place.events);
	CHECK(state.next == 0 || state.sequence == state.next - 1);
	append(appender, state.next, ADDED);
	topic_appender_close(appender);
	CHECK(count_read(&place) == state.next + ADDED);
	appender = open_appender(&place, &state);
	CHECK(state.repaired == 0);
	topic_appender_close(appender);
	close(place.folder);
	clear();
	return 0;
}

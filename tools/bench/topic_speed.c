/* SPDX-License-Identifier: ISC
 *
 * How fast a topic takes in events and gives them out: events of 100 bytes, appended with group
 * commit, then read from the start.
 *
 *     topic_speed [EVENTS [process|power]]
 *
 * prints events a second: appended, read.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/topic/topic_appender.h"
#include "sim/topic/topic_reader.h"
#include "sim/util/clock.h"
#include "sim/util/tree.h"

#define BYTES 100
#define SEGMENT_BYTES (64u << 20)

static double
append_all(int folder, uint64_t events, bool sync)
{
	const struct topic_wish wish = {
	    .folder = folder, .name = "bench", .segment_bytes = SEGMENT_BYTES, .sync = sync};
	struct topic_appender *appender;
	struct topic_state state;
	char value[BYTES] = "";
	int error = topic_appender_open(&appender, &wish, &state);
	int64_t start_ns = clock_now_ns();

	for (uint64_t i = 0; error == 0 && i < events; i++) {
		const struct topic_event event = {
		    .sequence = i, .value = value, .value_length = sizeof(value)};

		memcpy(value, &i, sizeof(i));
		error = topic_append(appender, &event);
	}
	if (error == 0)
		error = topic_flush(appender);
	if (error != 0)
		errx(1, "append: %s", strerror(-error));
	topic_appender_close(appender);
	return (double)events * 1e9 / (double)(clock_now_ns() - start_ns);
}

static double
read_all(int folder, uint64_t events)
{
	struct topic_reader reader;
	struct topic_event event;
	int64_t start_ns = clock_now_ns();
	uint64_t sum = 0;

	topic_reader_open(&reader, folder, "bench");
	for (uint64_t i = 0; i < events; i++) {
		if (topic_reader_next(&reader, &event, true) != 1)
			errx(1, "event %llu cannot be read", (unsigned long long)i);
		sum += event.sequence;
	}
	topic_reader_close(&reader);
	if (sum != events * (events - 1) / 2)
		errx(1, "other events were read than were appended");
	return (double)events * 1e9 / (double)(clock_now_ns() - start_ns);
}

int
main(int argc, char **argv)
{
	const char *error = NULL;
	uint64_t events = (uint64_t)(argc > 1 ? strtonum(argv[1], 1, 100000000, &error) : 5000000);
	char path[] = "/tmp/topic_speed.XXXXXX";
	double appended, read;
	int folder;

	if (error != NULL || argc > 3)
		errx(2, "usage: topic_speed [EVENTS [process|power]]");
	if (mkdtemp(path) == NULL || (folder = open(path, O_RDONLY | O_DIRECTORY)) < 0)
		err(1, "%s", path);
	appended = append_all(folder, events, argc > 2 && strcmp(argv[2], "power") == 0);
	read = read_all(folder, events);
	tree_remove(path);
	printf("%.0f %.0f\n", appended, read);
	return 0;
}

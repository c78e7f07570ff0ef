/* SPDX-License-Identifier: ISC
 *
 * Made-up events of several sources, in the order in which they come: most a little out of order,
 * some much too late.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "sim/job/generate.h"

#define START_S INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define STEP_MS 100                 /* from one to the next, had none been delayed */
#define DISORDER_MS 5000            /* most come within that */
#define LATE_MIN_MS (60 * 1000)     /* late ones do not */
#define LATE_MAX_MS (300 * 1000)
#define LAG_MS 200 /* each source is that much slower than the one before */

/* Which records are picked: one somewhere in each of `count` equal parts. */
struct picks {
	uint64_t records, count;
	uint64_t state; /* its own chance */
	uint64_t done, next;
};

/* splitmix64, the published mixing function of a counter. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void
pick_next(struct picks *picks)
{
	uint64_t size = picks->count == 0 ? 0 : picks->records / picks->count;

	picks->next = picks->done == picks->count
	                  ? UINT64_MAX
	                  : picks->done * size + (size > 1 ? draw(&picks->state) % size : 0);
	picks->done++;
}

static bool
is_picked(struct picks *picks, uint64_t record)
{
	if (record != picks->next)
		return false;
	pick_next(picks);
	return true;
}

static void
put_time(FILE *out, int64_t time_ms, const char *zone)
{
	time_t seconds = START_S + time_ms / 1000;
	struct tm when;
	char text[32];

	gmtime_r(&seconds, &when);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &when);
	fprintf(out, "%s.%03d%s", text, (int)(time_ms % 1000), zone);
}

/* Bad ones have no zone, or no value, in turn. */
static void
put_event(FILE *out, uint64_t number, uint64_t source, int64_t time_ms, uint64_t cents,
          unsigned fault)
{
	fprintf(out, "%llu,", (unsigned long long)number + 1);
	put_time(out, time_ms, fault == 1 ? "" : "Z");
	fprintf(out, ",s%llu", (unsigned long long)source);
	if (fault != 2)
		fprintf(out, ",%llu.%02llu", (unsigned long long)cents / 100,
		        (unsigned long long)cents % 100);
	putc('\n', out);
}

static int64_t
delay(uint64_t *state, bool late)
{
	uint64_t drawn = draw(state);

	if (late)
		return LATE_MIN_MS + (int64_t)(drawn % (LATE_MAX_MS - LATE_MIN_MS));
	return (int64_t)(drawn % DISORDER_MS);
}

static void
put_all(FILE *out, uint64_t records, uint64_t seed, const struct generate_events *shape)
{
	struct picks bad = {.records = records, .count = shape->bad, .state = seed ^ 0xbad};
	struct picks late = {.records = records, .count = shape->late, .state = seed ^ 0x1a7e};
	/* Nothing is older than the first day. */
	const int64_t start_ms = LATE_MAX_MS + LAG_MS * (int64_t)shape->sources;
	unsigned faults = 0;

	pick_next(&bad);
	pick_next(&late);
	fputs("event_id,event_time,source,value\n", out);
	for (uint64_t i = 0; i < records; i++) {
		uint64_t state = seed + i * 0x2545f4914f6cdd1du,
			 source = draw(&state) % shape->sources;
		int64_t time_ms = start_ms + (int64_t)i * STEP_MS - LAG_MS * (int64_t)source -
		                  delay(&state, is_picked(&late, i));
		unsigned fault = is_picked(&bad, i) ? 1 + faults++ % 2 : 0;

		put_event(out, i, source, time_ms, draw(&state) % 100000, fault);
	}
}

int
generate_events(int fd, uint64_t records, uint64_t seed, const struct generate_events *shape)
{
	int copy = dup(fd), error;
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");

	if (out == NULL) {
		error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	put_all(out, records, seed, shape);
	error = ferror(out) ? -EIO : 0;
	return fclose(out) != 0 && error == 0 ? -errno : error;
}

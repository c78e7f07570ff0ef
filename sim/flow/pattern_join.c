/* SPDX-License-Identifier: ISC
 *
 * join: events that belong together are kept until all of them are there, in any order.  A product
 * is a cell with the kinds that have come; in the transaction in which the last one comes it is
 * created, once.  One that is incomplete for too long is a dead letter that names what is missing.
 * Time is that of the events, so what is too late is a matter of the log and of no clock or death.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow.h"
#include "sim/flow/flow_input.h"
#include "sim/sink/sink_cells.h"

#define KINDS 3 /* from FLOW_PRODUCT_UPLOADED on */
#define ALL_KINDS ((1u << KINDS) - 1)

/* cell.a: bits of the kinds that are there, or this; cell.b: the record of its first event. */
enum { CREATED = 1u << KINDS, GIVEN_UP = 2u << KINDS };

struct join {
	int64_t clock_ms; /* the newest event's time */
	int64_t due_ms;   /* no product is given up before the clock is behind that */
};

/* cell.blob */
struct parts {
	uint64_t record[KINDS];
};

static int
find_due(struct flow_attempt *attempt)
{
	struct join *join = attempt->own;
	struct sink_cell cell;
	int found = sink_cell_due(attempt->work->sink, attempt->task->range, SINK_NOT_DUE, &cell);

	join->due_ms = found == 1 ? cell.due : SINK_NOT_DUE;
	return found < 0 ? found : 0;
}

static int
join_begin(struct flow_attempt *attempt)
{
	struct join *join = calloc(1, sizeof(*join));
	struct sink_mark mark;
	int found;

	if (join == NULL)
		return -ENOMEM;
	attempt->own = join;
	found = sink_mark_find(attempt->work->sink, attempt->task->task, FLOW_MARK_CLOCK, &mark);
	if (found == 1)
		join->clock_ms = (int64_t)mark.a;
	return found < 0 ? found : find_due(attempt);
}

/* "p17: missing VideoEncoded, ImageEncoded" */
static size_t
name_missing(const struct sink_cell *cell, char *text, size_t size)
{
	size_t used =
	    (size_t)snprintf(text, size, "%.*s: missing", (int)cell->key_length, cell->key);

	for (unsigned i = 0; i < KINDS && used < size; i++)
		if ((cell->a >> i & 1) == 0)
			used += (size_t)snprintf(text + used, size - used, "%s %s",
			                         text[used - 1] == 'g' ? "" : ",",
			                         flow_kind_name(FLOW_PRODUCT_UPLOADED + i));
	return used < size ? used : size - 1;
}

static int
give_up(struct flow_attempt *attempt, const struct sink_cell *cell)
{
	char key[TOPIC_KEY_MAX], text[TOPIC_KEY_MAX + 128];
	struct sink_cell closed = {.key = key,
	                           .key_length = cell->key_length,
	                           .a = cell->a | GIVEN_UP,
	                           .b = cell->b,
	                           .due = SINK_NOT_DUE};
	struct dead_record dead = {.record = cell->b,
	                           .bytes = text,
	                           .length = name_missing(cell, text, sizeof(text)),
	                           .reason = REASON_INCOMPLETE,
	                           .column = CSV_NO_COLUMN};
	int error;

	/* The cell's own is gone with the next call. */
	memcpy(key, cell->key, cell->key_length);
	error = sink_dead(attempt->work->sink, &dead);
	return error != 0 ? error
	                  : sink_cell_put(attempt->work->sink, attempt->task->range, &closed);
}

/* Gives up what was due before then. */
static int
give_up_before(struct flow_attempt *attempt, int64_t before_ms)
{
	struct join *join = attempt->own;
	struct sink_cell cell;
	int found, error = 0;

	if (join->due_ms >= before_ms)
		return 0;
	while (error == 0 && (found = sink_cell_due(attempt->work->sink, attempt->task->range,
	                                            before_ms, &cell)) == 1)
		error = give_up(attempt, &cell);
	if (error == 0)
		error = found < 0 ? found : find_due(attempt);
	return error;
}

static int
create(struct flow_attempt *attempt, const struct flow_item *item, const struct parts *parts)
{
	char text[TOPIC_KEY_MAX + 128];
	struct sink_row row = {.record = item->record, .payload = text};
	XXH128_hash_t key = XXH3_128bits(item->event.key, item->event.key_length);

	row.length = (size_t)snprintf(text, sizeof(text), "%.*s,%" PRIu64 ",%" PRIu64 ",%" PRIu64,
	                              (int)item->event.key_length, item->event.key,
	                              parts->record[0], parts->record[1], parts->record[2]);
	memcpy(row.key, &key, sizeof(row.key));
	return sink_append(attempt->work->sink, &row, 1);
}

/* The event is the first of its kind: its product has one part more. */
static int
take_in(struct flow_attempt *attempt, const struct flow_item *item, struct sink_cell *cell,
        struct parts *parts)
{
	struct join *join = attempt->own;
	unsigned part = item->event.kind - FLOW_PRODUCT_UPLOADED;
	int error = 0;

	parts->record[part] = item->record;
	cell->a |= 1u << part;
	if (cell->due < join->due_ms)
		join->due_ms = cell->due;
	if (cell->a == ALL_KINDS) {
		error = create(attempt, item, parts);
		cell->a |= CREATED;
		cell->due = SINK_NOT_DUE;
	}
	cell->key = item->event.key;
	cell->key_length = item->event.key_length;
	cell->blob = parts;
	cell->length = sizeof(*parts);
	return error != 0 ? error : sink_cell_put(attempt->work->sink, attempt->task->range, cell);
}

static int
join_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	const struct topic_event *event = &item->event;
	int64_t within_ms = attempt->job->scenario->job.join_within_ns / 1000000;
	struct join *join = attempt->own;
	struct parts parts = {0};
	struct sink_cell cell;
	int found = 0, error;

	if (event->kind < FLOW_PRODUCT_UPLOADED || event->kind > FLOW_IMAGE_ENCODED)
		return 0;
	if (event->time_ms > join->clock_ms)
		join->clock_ms = event->time_ms;
	error = give_up_before(attempt, join->clock_ms);
	if (error == 0)
		found = sink_cell_find(attempt->work->sink, attempt->task->range, event->key,
		                       event->key_length, &cell);
	if (error != 0 || found < 0)
		return error != 0 ? error : found;
	if (found == 0)
		cell = (struct sink_cell){.b = item->record, .due = event->time_ms + within_ms};
	if ((cell.a & GIVEN_UP) != 0) {
		attempt->stats.counter[FLOW_LATE]++;
		return 0;
	}
	if ((cell.a >> (event->kind - FLOW_PRODUCT_UPLOADED) & 1) != 0) {
		attempt->stats.counter[FLOW_DOUBLED]++;
		return 0;
	}
	if (cell.length == sizeof(parts))
		memcpy(&parts, cell.blob, sizeof(parts));
	return take_in(attempt, item, &cell, &parts);
}

static int
join_end(struct flow_attempt *attempt)
{
	const struct join *join = attempt->own;
	const struct sink_mark mark = {.a = (uint64_t)join->clock_ms};
	int error = attempt->ended ? give_up_before(attempt, SINK_NOT_DUE) : 0;

	return error != 0 ? error
	                  : sink_mark_put(attempt->work->sink, attempt->task->task, FLOW_MARK_CLOCK,
	                                  &mark);
}

const struct flow_pattern flow_join = {.begin = join_begin, .apply = join_apply, .end = join_end};

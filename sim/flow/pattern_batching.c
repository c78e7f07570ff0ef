/* SPDX-License-Identifier: ISC
 *
 * batching: events are gathered until a batch has enough of them or is old enough.  Then it is
 * sealed: where it ends becomes durable, and only then it is worked on.  The open batch is nothing
 * but the events behind the cursor, so whoever dies before the seal leaves nothing, and whoever
 * dies behind it leaves a batch that is worked on as it was sealed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/fault/point.h"
#include "sim/flow/flow_source.h"
#include "sim/util/clock.h"

/* What is sealed: the events from the cursor up to `end`. */
struct sealed {
	uint64_t number; /* of the batch, from 1; 0: there is none */
	uint64_t end;    /* offset */
	bool last;       /* the log's end is in it */
};

static int
find_sealed(struct flow_attempt *attempt, struct sealed *sealed)
{
	struct sink_mark mark;
	int found =
	    sink_mark_find(attempt->work->sink, attempt->task->task, FLOW_MARK_SEALED, &mark);

	*sealed = (struct sealed){0};
	if (found == 1)
		*sealed = (struct sealed){.number = mark.a, .end = mark.b, .last = mark.length > 0};
	return found < 0 ? found : 0;
}

/* Reads on until the batch is complete: 0 with its end.  What is there is taken in however old it
 * is: a backlog makes large batches, not many. */
static int
gather(struct flow_attempt *attempt, struct sealed *open)
{
	const struct scenario_job *job = &attempt->job->scenario->job;
	uint64_t count = 0;
	int64_t due_ns = INT64_MAX;
	int error = 0;

	topic_reader_seek(&attempt->source.reader, attempt->next_offset);
	while (error == 0 && count < job->batch_size && !open->last) {
		struct topic_event event;
		int found = flow_source_next(&attempt->source, &event, true);

		if (found == 0 && clock_now_ns() >= due_ns)
			break;
		if (found == 1 && count++ == 0)
			due_ns = event.appended_ns + job->batch_age_ns;
		if (found == 1)
			open->last = event.kind == TOPIC_END;
		else
			error = found < 0 ? found : flow_source_wait(&attempt->source);
		if (count % PACE_BEAT_RECORDS == 0 && !attempt->work->busy(attempt->work))
			error = -EINTR;
	}
	open->end = attempt->source.reader.next;
	return error;
}

static int
seal(struct flow_attempt *attempt, struct sealed *sealed, const struct sealed *open)
{
	const struct sink_mark mark = {.a = sealed->number + 1,
	                               .b = open->end,
	                               .blob = open->last ? "end" : NULL,
	                               .length = open->last ? 3 : 0};
	struct sink *sink = attempt->work->sink;
	uint32_t task = attempt->task->task;
	int error = sink_begin(sink, true), moved;

	if (error != 0)
		return error;
	if (sealed->number == 0) {
		moved = sink_mark_add(sink, task, FLOW_MARK_SEALED, &mark);
	} else {
		moved = sink_mark_move(sink, task, FLOW_MARK_SEALED, sealed->number, &mark);
		moved = moved == 0 ? -ESTALE : (moved < 0 ? moved : 0);
	}
	attempt->stats.transactions++;
	error = flow_end(attempt->work, moved);
	if (error == 0)
		*sealed = (struct sealed){.number = mark.a, .end = open->end, .last = open->last};
	return error;
}

static void
key_of(const struct flow_attempt *attempt, uint64_t number, unsigned char key[SINK_KEY_BYTES])
{
	const uint64_t parts[] = {attempt->task->task, number};
	XXH128_hash_t hash = XXH3_128bits(parts, sizeof(parts));

	memcpy(key, &hash, SINK_KEY_BYTES);
}

/* Its bytes may be gone before the transaction: the letter does without. */
static int
set_aside(struct flow_attempt *attempt, struct flow_item *item)
{
	if (attempt->items == FLOW_ITEMS_MAX)
		return -E2BIG;
	item->event.value = NULL;
	attempt->item[attempt->items++] = *item;
	return 0;
}

/* One event of a sealed batch: counted, or set aside to be given up. */
static int
take_in(struct flow_attempt *attempt, const struct topic_event *event, struct sink_chunk *chunk)
{
	struct flow_item item = {.event = *event, .record = flow_record(attempt, event)};
	int error = flow_work_on(attempt, &item);

	if (error == 0 && item.given_up)
		error = set_aside(attempt, &item);
	if (error != 0 || item.left_out)
		return error;
	attempt->appended_ns[chunk->records++] = event->appended_ns;
	chunk->digest += XXH3_64bits(event->value, event->value_length);
	return 0;
}

/* Works on the events of the sealed batch, in order. */
static int
add_up(struct flow_attempt *attempt, const struct sealed *sealed, struct sink_chunk *chunk)
{
	int error = 0;

	attempt->items = 0;
	topic_reader_seek(&attempt->source.reader, attempt->next_offset);
	while (error == 0 && attempt->source.reader.next < sealed->end) {
		struct topic_event event;
		int found = flow_source_next(&attempt->source, &event, true);

		/* It was there when the batch was sealed. */
		if (found != 1)
			return found < 0 ? found : -EBADMSG;
		if (event.kind == TOPIC_END)
			break;
		chunk->end = flow_record(attempt, &event) + 1;
		error = take_in(attempt, &event, chunk);
	}
	*attempt->work->record = CORE_NO_RECORD;
	return error;
}

static void
measure(struct flow_attempt *attempt, const struct sink_chunk *chunk)
{
	int64_t now_ns = clock_now_ns();

	attempt->stats.events += chunk->records;
	for (uint64_t i = 0; i < chunk->records; i++)
		flow_stats_latency(&attempt->stats, now_ns - attempt->appended_ns[i]);
}

static int
work_off(struct flow_attempt *attempt, const struct sealed *sealed)
{
	struct sink_chunk chunk = {.first = attempt->next, .end = attempt->next};
	struct sink *sink = attempt->work->sink;
	int error = add_up(attempt, sealed, &chunk);

	if (error == 0)
		error = sink_begin(sink, true);
	if (error != 0)
		return error;
	key_of(attempt, sealed->number, chunk.key);
	if (chunk.records > 0)
		error = sink_append_chunk(sink, &chunk);
	for (size_t i = 0; error == 0 && i < attempt->items; i++)
		error = flow_give_up(attempt, &attempt->item[i]);
	if (error == 0)
		error = flow_move(attempt, chunk.end, sealed->end, sealed->last);
	error = flow_end(attempt->work, error);
	if (error != 0)
		return error;
	attempt->result->records += chunk.records;
	measure(attempt, &chunk);
	flow_moved(attempt, chunk.end, sealed->end, sealed->last);
	return 0;
}

static int
batching_consume(struct flow_attempt *attempt)
{
	struct sealed sealed;
	int error = find_sealed(attempt, &sealed);

	attempt->appended_ns = calloc(attempt->job->scenario->job.batch_size, sizeof(int64_t));
	if (attempt->appended_ns == NULL)
		return -ENOMEM;
	while (error == 0 && !attempt->over) {
		struct sealed open = {0};

		if (sealed.end <= attempt->next_offset) {
			error = gather(attempt, &open);
			point_reach(POINT_WORKER_BEFORE_SEAL);
			if (error == 0)
				error = seal(attempt, &sealed, &open);
			point_reach(POINT_WORKER_AFTER_SEAL);
		}
		if (error == 0)
			error = work_off(attempt, &sealed);
	}
	return error;
}

const struct flow_pattern flow_batching = {.consume = batching_consume};

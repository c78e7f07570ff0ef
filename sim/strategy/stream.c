/* SPDX-License-Identifier: ISC
 *
 * The marks of a stream, and what is late.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/strategy/stream.h"
#include "sim/util/array.h"
#include "sim/util/plant.h"

/* Items of marks that are no task's.  Sources have items from 0 on. */
#define TURN (-1)  /* a = the task */
#define BOUND (-2) /* a = the time */

uint64_t
stream_window(const struct attempt *attempt, int64_t time_ns)
{
	uint64_t size_ns = (uint64_t)attempt->scenario->watermark.window_ns;

	return (uint64_t)time_ns / size_ns * size_ns;
}

/* Room for one more: the new one, cleared, or NULL. */
static struct stream_source *
source_new(struct stream *stream, int64_t item, const char *name, size_t length)
{
	struct stream_source *source, *larger;

	larger = array_grow(stream->source, stream->sources, &stream->room, sizeof(*larger));
	if (larger == NULL)
		return NULL;
	stream->source = larger;
	source = &stream->source[stream->sources++];
	*source = (struct stream_source){
	    .item = item, .length = length < STREAM_SOURCE_BYTES ? length : STREAM_SOURCE_BYTES};
	memcpy(source->name, name, source->length);
	return source;
}

static int
load_source(void *context, int64_t item, const struct sink_mark *mark)
{
	struct stream *stream = context;
	struct stream_source *source = source_new(stream, item, mark->blob, mark->length);

	if (source == NULL)
		return -ENOMEM;
	source->stored = true;
	source->closed_ns = mark->a;
	source->newest_ns = mark->b;
	if (source->newest_ns > stream->newest_ns)
		stream->newest_ns = source->newest_ns;
	return 0;
}

static int
load_number(struct sink *sink, int64_t item, uint64_t *value, bool *stored)
{
	struct sink_mark mark = {0};
	int found = sink_mark_find(sink, SINK_NO_TASK, item, &mark);

	*stored = found == 1;
	*value = mark.a;
	return found < 0 ? found : 0;
}

int
stream_load(struct stream *stream, struct attempt *attempt)
{
	struct sink *sink = attempt->sink;
	int error;

	*stream = (struct stream){.attempt = attempt};
	error = load_number(sink, TURN, &stream->turn, &stream->turn_stored);
	if (error == 0)
		error = load_number(sink, BOUND, &stream->bound_ns, &stream->bound_stored);
	return error == 0 ? sink_mark_each(sink, SINK_NO_TASK, 0, load_source, stream) : error;
}

void
stream_fini(struct stream *stream)
{
	free(stream->source);
	free(stream->late);
}

static struct stream_source *
source_find(struct stream *stream, const struct sink_event *event)
{
	int64_t item = (int64_t)(XXH3_64bits(event->source, event->source_length) >> 1);
	struct stream_source *source;
	uint64_t closed_ns = 0;

	for (size_t i = 0; i < stream->sources; i++) {
		if (stream->source[i].item == item)
			return &stream->source[i];
		if (stream->source[i].closed_ns > closed_ns)
			closed_ns = stream->source[i].closed_ns;
	}
	source = source_new(stream, item, event->source, event->source_length);
	if (source != NULL)
		source->closed_ns = closed_ns; /* what is closed is closed for new ones, too */
	return source;
}

/* The slowest source that is not idle, less the lateness it may have. */
static void
raise_bound(struct stream *stream)
{
	const struct scenario *scenario = stream->attempt->scenario;
	uint64_t lateness_ns = (uint64_t)scenario->watermark.lateness_ns;
	uint64_t slowest_ns = UINT64_MAX, bound_ns;

	for (size_t i = 0; i < stream->sources; i++) {
		uint64_t newest_ns = stream->source[i].newest_ns;

		if (stream->newest_ns - newest_ns <= (uint64_t)scenario->watermark.idle_ns &&
		    newest_ns < slowest_ns)
			slowest_ns = newest_ns;
	}
	if (slowest_ns < lateness_ns)
		return;
	bound_ns = stream_window(stream->attempt, (int64_t)(slowest_ns - lateness_ns));
	if (planted("window-closed-early"))
		bound_ns += (uint64_t)scenario->watermark.window_ns;
	if (bound_ns > stream->bound_ns)
		stream->bound_ns = bound_ns;
}

static int
note_late(struct stream *stream, uint64_t record)
{
	uint64_t *larger =
	    array_grow(stream->late, stream->lates, &stream->lates_room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	stream->late = larger;
	stream->late[stream->lates++] = record;
	return 0;
}

int
stream_take(struct stream *stream, const struct sink_event *event)
{
	struct stream_source *source = source_find(stream, event);
	int error = 0;

	if (source == NULL)
		return -ENOMEM;
	if (event->window_ns < stream->bound_ns)
		error = note_late(stream, event->record);
	if ((uint64_t)event->time_ns <= source->newest_ns)
		return error;
	source->newest_ns = (uint64_t)event->time_ns;
	if (source->newest_ns > stream->newest_ns)
		stream->newest_ns = source->newest_ns;
	raise_bound(stream);
	return error;
}

/* From `was` to `mark`, or a new one. */
static int
move(struct stream *stream, int64_t item, bool stored, uint64_t was, const struct sink_mark *mark)
{
	struct sink *sink = stream->attempt->sink;
	int moved;

	if (!stored)
		return sink_mark_add(sink, SINK_NO_TASK, item, mark);
	moved = sink_mark_move(sink, SINK_NO_TASK, item, was, mark);
	if (moved == 0)
		return -ESTALE;
	return moved < 0 ? moved : 0;
}

static int
store_source(struct stream *stream, struct stream_source *source, uint64_t closed_ns)
{
	const struct sink_mark mark = {
	    .a = closed_ns, .b = source->newest_ns, .blob = source->name, .length = source->length};

	return move(stream, source->item, source->stored, source->closed_ns, &mark);
}

static int
store_bound(struct stream *stream, uint64_t bound_ns)
{
	struct sink_mark mark = {0};
	bool stored;
	int error = load_number(stream->attempt->sink, BOUND, &mark.b, &stored);

	if (error != 0)
		return error;
	return move(stream, BOUND, stored, mark.b, &(struct sink_mark){.a = bound_ns});
}

int
stream_store(struct stream *stream, uint64_t turn)
{
	const struct sink_mark next = {.a = turn};
	int error = 0;

	if (turn != stream->turn || !stream->turn_stored)
		error = move(stream, TURN, stream->turn_stored, stream->turn, &next);
	if (error == 0)
		error = store_bound(stream, stream->bound_ns);
	for (size_t i = 0; error == 0 && i < stream->sources; i++)
		error = store_source(stream, &stream->source[i], stream->source[i].closed_ns);
	return error;
}

int
stream_close(struct stream *stream, uint64_t window_ns)
{
	uint64_t end_ns = window_ns + (uint64_t)stream->attempt->scenario->watermark.window_ns;
	int error = 0;

	for (size_t i = 0; error == 0 && i < stream->sources; i++) {
		/* A window that was closed is made anew, never closed again. */
		if (stream->source[i].closed_ns > window_ns)
			return -EBADMSG;
		error = store_source(stream, &stream->source[i], end_ns);
	}
	return error;
}

int
stream_end(struct stream *stream, uint64_t until_ns)
{
	return until_ns > stream->bound_ns ? store_bound(stream, until_ns) : 0;
}

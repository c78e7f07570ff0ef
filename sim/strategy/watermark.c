/* SPDX-License-Identifier: ISC
 *
 * watermark: rows go into the sink by half-open windows of event time.  A window is closed in one
 * transaction: its rows, and the mark of each source moved from where it was to the window's end,
 * under the fence; so the marks leave no gap and never go back.  An event that comes too late has
 * its window's rows deleted and made anew in one transaction, or is counted and left out.
 *
 * Events are stored as tasks are worked on, in any order and by any worker, with a mark of how far
 * their task is.  They arrive in the order of the input, task after task, whoever is there to see
 * to it: that decides up to where windows may be closed, and which event is late.  No clock has a
 * say in it, so the same input has the same late events whatever dies on the way.  What is still
 * open when all tasks are over is closed by a task of its own.
 */
#include <errno.h>

#include "sim/strategy/cursor.h"
#include "sim/strategy/stream.h"

#define BUSY_ROWS 1000 /* written between two beats */

/* Something that is one transaction.  look: is there anything to do?  Else it is done.  1: yes, 0:
 * nothing. */
typedef int step_fn(struct stream *stream, bool look);

static int
with_stream(struct attempt *attempt, step_fn *step, bool look)
{
	struct stream stream;
	int done = stream_load(&stream, attempt);

	if (done == 0)
		done = step(&stream, look);
	stream_fini(&stream);
	return done;
}

static int
run_step(struct attempt *attempt, step_fn *step)
{
	int done = with_stream(attempt, step, true), error;

	if (done <= 0)
		return done;
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	/* Everything is read again, now that nobody else can write. */
	done = with_stream(attempt, step, false);
	error = strategy_end(attempt, done < 0 ? done : 0);
	if (error != 0)
		return error;
	return attempt->work->busy(attempt->work) ? done : -EINTR;
}

static int
take_event(void *context, const struct sink_event *event)
{
	struct stream *stream = context;
	struct work *work = stream->attempt->work;

	/* A large task takes a while. */
	if (++stream->taken % BUSY_ROWS == 0 && !work->busy(work))
		return -EINTR;
	return stream_take(stream, event);
}

/* The events of the next task arrive. */
static int
arrive(struct stream *stream, bool look)
{
	struct attempt *attempt = stream->attempt;
	bool drop = attempt->scenario->watermark.late == LATE_DROP;
	struct sink_arrival arrival;
	int error, found = sink_arrival_next(attempt->sink, stream->turn, &arrival);

	if (found <= 0 || look)
		return found;
	error = sink_arrival_each(attempt->sink, arrival.task, take_event, stream);
	/* Whom we kept waiting ourselves is not to blame for being late. */
	for (size_t i = 0; error == 0 && i < stream->lates; i++)
		error = sink_event_late(attempt->sink, stream->late[i],
		                        drop && !arrival.belated ? EVENT_DROPPED : EVENT_LATE);
	if (error == 0)
		error = sink_arrival_end(attempt->sink, arrival.task);
	if (error == 0)
		error =
		    stream_store(stream, arrival.task < stream->turn ? stream->turn
		                                                     : (uint64_t)arrival.task + 1);
	return error != 0 ? error : 1;
}

static int
close_one(struct stream *stream, bool look)
{
	struct attempt *attempt = stream->attempt;
	uint64_t window_ns;
	int error,
	    due = sink_window_first(attempt->sink, EVENT_WAITING, stream->bound_ns, &window_ns);

	if (due <= 0 || look)
		return due;
	error = stream_close(stream, window_ns);
	if (error == 0)
		error = sink_window_close(attempt->sink, window_ns, attempt->scenario->job.effects);
	return error != 0 ? error : 1;
}

static int
restate_one(struct stream *stream, bool look)
{
	struct attempt *attempt = stream->attempt;
	uint64_t window_ns;
	int error, due = sink_window_first(attempt->sink, EVENT_LATE, INT64_MAX, &window_ns);

	if (due <= 0 || look)
		return due;
	error = sink_window_restate(attempt->sink, window_ns, attempt->scenario->job.effects);
	return error != 0 ? error : 1;
}

static int
end(struct stream *stream, bool look)
{
	struct attempt *attempt = stream->attempt;
	uint64_t window_ns;
	int error, found = sink_window_last(attempt->sink, &window_ns);

	if (found <= 0 || look)
		return found;
	error = stream_end(stream, window_ns + (uint64_t)attempt->scenario->watermark.window_ns);
	return error != 0 ? error : 1;
}

static int
repeat(struct attempt *attempt, step_fn *step)
{
	int done;

	while ((done = run_step(attempt, step)) == 1)
		continue;
	return done;
}

/* As far as it goes by now, whoever has stored it. */
static int
go_on(struct attempt *attempt)
{
	int arrived, error;

	do {
		arrived = run_step(attempt, arrive);
		error = arrived < 0 ? arrived : repeat(attempt, close_one);
		if (error == 0)
			error = repeat(attempt, restate_one);
	} while (error == 0 && arrived == 1);
	return error;
}

static int
watermark_close(struct attempt *attempt)
{
	int error = go_on(attempt);

	if (error == 0)
		error = run_step(attempt, end);
	return error < 0 ? error : repeat(attempt, close_one);
}

static int
store_events(struct attempt *attempt, const struct batch *batch)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < batch->rows; i++) {
		error = sink_event_add(attempt->sink, &batch->row[i],
		                       stream_window(attempt, batch->row[i].time_ns));
		if (error == 0 && i % BUSY_ROWS == BUSY_ROWS - 1 &&
		    !attempt->work->busy(attempt->work))
			error = -EINTR;
	}
	return error;
}

static int
watermark_commit(struct attempt *attempt, struct batch *batch)
{
	int error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	error = store_events(attempt, batch);
	if (error == 0)
		error = strategy_give_up(attempt, batch);
	return cursor_end(attempt, batch, error);
}

struct telling {
	strategy_range *each;
	void *context;
	uint64_t next;
	uint64_t cursor; /* before it, what is no event was given up */
};

static void
tell_gap(struct telling *telling, uint64_t until)
{
	uint64_t known = until < telling->cursor ? until : telling->cursor;

	if (known < telling->next)
		known = telling->next;
	telling->each(telling->context, telling->next, known, PROGRESS_GIVEN_UP);
	telling->each(telling->context, known, until, PROGRESS_OPEN);
}

static void
tell(void *context, uint64_t first, uint64_t end_of, enum event_state state)
{
	static const enum progress_state means[] = {
	    [EVENT_STORED] = PROGRESS_OPEN, [EVENT_WAITING] = PROGRESS_OPEN,
	    [EVENT_LATE] = PROGRESS_OPEN,   [EVENT_DROPPED] = PROGRESS_GIVEN_UP,
	    [EVENT_OUT] = PROGRESS_DONE,
	};
	struct telling *telling = context;

	tell_gap(telling, first);
	telling->each(telling->context, first, end_of, means[state]);
	telling->next = end_of;
}

static int
watermark_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	uint64_t first = task->task->first, behind = first + task->task->records;
	struct telling telling = {.each = each, .context = context, .next = first};
	int error = cursor_find(task, &telling.cursor);

	if (error != 0)
		return error;
	error = sink_events_each(task->sink, first, behind, tell, &telling);
	tell_gap(&telling, behind);
	return error;
}

const struct strategy strategy_watermark = {
    .recover = cursor_recover,
    .claim = strategy_claim_next,
    .commit = watermark_commit,
    .finished = go_on,
    .close = watermark_close,
    .progress = watermark_progress,
};

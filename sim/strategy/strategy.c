/* SPDX-License-Identifier: ISC
 *
 * What several strategies do.
 */
#include <errno.h>

#include "sim/fault/point.h"
#include "sim/job/csv_reader.h"
#include "sim/strategy/strategy.h"

#define SLICE_ROWS 1024 /* written between two beats */

int
strategy_claim_next(struct attempt *attempt, struct batch *batch)
{
	const struct task_plan *task = attempt->task;
	uint64_t first = attempt->next, end = task->first + task->records;

	if (first >= end)
		return 0;
	if (end - first > attempt->scenario->batch_records)
		end = first + attempt->scenario->batch_records;
	batch->span[0] = (struct batch_span){
	    .first = first,
	    .end = end,
	    .offset = attempt->next_offset,
	    .length = task->offset + task->length - attempt->next_offset,
	};
	batch->spans = 1;
	return 1;
}

void
strategy_advance(struct attempt *attempt, const struct batch *batch)
{
	attempt->next = batch->next;
	attempt->next_offset = batch->next_offset;
}

int
strategy_seek(struct attempt *attempt, uint64_t record)
{
	const struct task_plan *task = attempt->task;
	const struct csv_format format = {.separator = attempt->separator, .columns = 1};
	struct csv_reader *reader = csv_reader_new(&format, NULL, 0);
	bool there = true;

	if (reader == NULL)
		return -ENOMEM;
	csv_reader_start(reader, attempt->bytes, task->length);
	for (uint64_t i = task->first; i < record && there; i++)
		there = csv_reader_next(reader);
	attempt->next = record;
	attempt->next_offset = task->offset + reader->end;
	csv_reader_free(reader);
	return there ? 0 : -EBADMSG;
}

static int
put_effects(struct attempt *attempt, const struct sink_row *row, size_t rows)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < rows; i++)
		if (row[i].fresh)
			error = sink_effect(attempt->sink, row[i].key, row[i].record);
	return error;
}

/* A large batch takes a while, in which the worker must not be taken for hung. */
static int
put_rows(struct attempt *attempt, struct batch *batch,
         int (*put_some)(struct sink *sink, struct sink_row *row, size_t rows))
{
	int error = 0;

	for (size_t at = 0; error == 0 && at < batch->rows; at += SLICE_ROWS) {
		size_t rows = batch->rows - at < SLICE_ROWS ? batch->rows - at : SLICE_ROWS;

		error = put_some(attempt->sink, &batch->row[at], rows);
		if (error == 0 && attempt->scenario->job.effects)
			error = put_effects(attempt, &batch->row[at], rows);
		if (error == 0 && !attempt->work->busy(attempt->work))
			error = -EINTR;
	}
	return error;
}

static int
put_chunk(struct attempt *attempt, const struct batch *batch, bool by_key)
{
	const struct sink_chunk *chunk = &batch->chunk;
	bool fresh = true;
	int error;

	if (chunk->records == 0)
		return 0;
	if (by_key)
		error = sink_insert_chunk(attempt->sink, chunk, &fresh);
	else
		error = sink_append_chunk(attempt->sink, chunk);
	if (error == 0 && fresh && attempt->scenario->job.effects)
		error = sink_effect(attempt->sink, chunk->key, chunk->first);
	return error;
}

int
strategy_give_up(struct attempt *attempt, const struct batch *batch)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < batch->deads; i++)
		error = sink_dead(attempt->sink, &batch->dead[i]);
	return error;
}

static int
put(struct attempt *attempt, struct batch *batch,
    int (*put_some)(struct sink *sink, struct sink_row *row, size_t rows), bool by_key)
{
	bool chunks = attempt->scenario->job.rows == JOB_ROWS_CHUNK;
	int error = chunks ? put_chunk(attempt, batch, by_key) : put_rows(attempt, batch, put_some);

	return error == 0 ? strategy_give_up(attempt, batch) : error;
}

int
strategy_append(struct attempt *attempt, struct batch *batch)
{
	return put(attempt, batch, sink_append, false);
}

int
strategy_insert(struct attempt *attempt, struct batch *batch)
{
	return put(attempt, batch, sink_insert, true);
}

int
strategy_replace(struct attempt *attempt, struct batch *batch)
{
	return put(attempt, batch, sink_replace, true);
}

/* A naive one has not remembered yet what it has done. */
static bool
remembers(const struct attempt *attempt)
{
	return (strategy_flags(attempt->scenario->strategy) &
	        (STRATEGY_NAIVE | STRATEGY_REPORTED)) == 0;
}

int
strategy_end(struct attempt *attempt, int error)
{
	if (error != 0) {
		sink_rollback(attempt->sink);
		return error;
	}
	point_reach(POINT_WORKER_IN_BATCH);
	error = sink_commit(attempt->sink);
	if (error != 0)
		return error;
	/* Whoever dies from here on has not worked in vain. */
	if (remembers(attempt))
		attempt->work->kept(attempt->work);
	point_reach(POINT_WORKER_AFTER_BATCH);
	return 0;
}

int
strategy_write_alone(struct attempt *attempt, struct batch *batch,
                     int (*write_rows)(struct attempt *attempt, struct batch *batch))
{
	int error = sink_begin(attempt->sink, false);

	return error != 0 ? error : strategy_end(attempt, write_rows(attempt, batch));
}

void
strategy_tell(const struct strategy_task *task, uint64_t next, strategy_range *each, void *context)
{
	uint64_t first = task->task->first, end = first + task->task->records;

	each(context, first, next, PROGRESS_DONE);
	each(context, next, end, PROGRESS_OPEN);
}

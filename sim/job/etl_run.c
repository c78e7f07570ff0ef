/* SPDX-License-Identifier: ISC
 *
 * One attempt at a task of `etl`: batch after batch is claimed, worked on record by record and
 * committed, until the strategy says that nothing is left.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/chunk.h"
#include "sim/job/decimal_word.h"
#include "sim/job/etl.h"
#include "sim/job/event_time.h"
#include "sim/job/pace.h"
#include "sim/util/array.h"
#include "sim/util/clock.h"

struct run {
	struct job *job;
	struct work *work;
	struct work_result *result;
	struct attempt attempt;
	struct batch *batch;
	const char *bytes; /* of the span that is worked on */
	uint64_t offset;   /* of them in the input */
	uint64_t number;   /* of the current record */
	bool own;          /* the task's: else another one's, whose bad records are its business */
	int64_t began_ns;
	uint64_t seen;    /* records of this attempt */
	int64_t until_ns; /* when the batch's time is over */
	struct pace pace;
	struct csv_field field[AGGREGATE_COLUMNS_MAX];
	int64_t time_ns; /* of the current record */
};

static struct dead_record
describe(const struct run *run, enum record_reason reason, uint32_t column)
{
	struct dead_record dead = {.record = run->number, .reason = reason, .column = column};
	size_t offset, length;

	dead.bytes = csv_reader_record(run->job->reader, &offset, &length);
	dead.offset = run->offset + offset;
	dead.length = length;
	return dead;
}

static int
give_up(struct run *run, const struct dead_record *dead)
{
	struct batch *batch = run->batch;
	struct dead_record *larger =
	    array_grow(batch->dead, batch->deads, &run->job->etl->deads_room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	batch->dead = larger;
	batch->dead[batch->deads++] = *dead;
	batch->digest += XXH3_64bits(dead->bytes, dead->length);
	return 0;
}

/* The record alone has failed, if the strategy can keep it apart. */
static int
set_aside(struct run *run, const struct dead_record *dead)
{
	struct batch *batch = run->batch;
	struct dead_record *larger = array_grow(batch->failed, batch->faileds,
	                                        &run->job->etl->faileds_room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	batch->failed = larger;
	batch->failed[batch->faileds++] = *dead;
	batch->digest += XXH3_64bits(dead->bytes, dead->length);
	return 0;
}

/* The current record cannot be used: it or the attempt fails, or when isolating it is a dead
 * letter, which becomes durable with its batch. */
static int
bad(struct run *run, enum record_reason reason, uint32_t column)
{
	struct dead_record dead = describe(run, reason, column);

	if (run->work->isolate && run->own)
		return give_up(run, &dead);
	if (run->attempt.strategy->one_by_one)
		return set_aside(run, &dead);
	run->result->reason = reason;
	run->result->bad_record = run->number;
	run->result->bad_offset = dead.offset;
	run->result->bad_column = column;
	return -EBADMSG;
}

/* What the world says about the current record: a flaky one is as bad as any other. */
static int
heed(struct run *run, int result)
{
	if (result != -EBADMSG)
		return result;
	result = bad(run, REASON_FLAKY, CSV_NO_COLUMN);
	return result != 0 ? result : PACE_LEAVE_OUT;
}

/* Of a record that can be used: 0; else why not, with the column. */
static enum record_reason
examine(struct run *run, uint32_t *column)
{
	const struct csv_reader *reader = run->job->reader;
	struct csv_fault fault = csv_reader_fields(run->job->reader, run->field);
	const char *end = reader->bytes + reader->length;
	size_t decimals = run->job->spec->ids + run->job->spec->sums;

	*column = fault.column;
	for (size_t i = run->job->spec->ids; i < decimals && fault.reason == 0; i++) {
		const struct csv_field *field = &run->field[i];
		struct decimal value;
		enum decimal_result result =
		    decimal_parse(&value, field->text, field->length, (size_t)(end - field->text));

		*column = run->job->column[i];
		if (result != DECIMAL_OK)
			fault.reason =
			    result == DECIMAL_NONE ? REASON_NOT_DECIMAL : REASON_DECIMAL_DIGITS;
	}
	if (fault.reason == 0 && run->job->spec->event_time != NULL &&
	    !event_time_read(run->field[decimals].text, run->field[decimals].length,
	                     &run->time_ns)) {
		*column = run->job->column[decimals];
		fault.reason = REASON_NOT_TIME;
	}
	return fault.reason;
}

static int
add_row(struct run *run, const char *payload, size_t length)
{
	struct batch *batch = run->batch;
	struct sink_row *row, *larger;
	int error;

	larger = array_grow(batch->row, batch->rows, &run->job->etl->rows_room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	batch->row = larger;
	row = &batch->row[batch->rows];
	*row = (struct sink_row){.record = run->number, .payload = payload, .length = length};
	if (run->job->spec->source != NULL) {
		row->time_ns = run->time_ns;
		row->source = run->field[run->job->columns - 1].text;
		row->source_length = run->field[run->job->columns - 1].length;
	}
	error =
	    etl_record_key(run->job, sink_logical_date(run->attempt.sink), run->field, row->key);
	batch->rows += error == 0;
	return error;
}

static int
use(struct run *run)
{
	uint32_t column;
	enum record_reason reason = examine(run, &column);
	const char *payload;
	size_t offset, length;
	uint64_t digest;

	if (reason != REASON_NONE)
		return bad(run, reason, column);
	payload = csv_reader_record(run->job->reader, &offset, &length);
	digest = XXH3_64bits(payload, length);
	run->batch->digest += digest;
	run->batch->chunk.digest += digest;
	run->batch->chunk.records++;
	return run->job->spec->rows == JOB_ROWS_CHUNK ? 0 : add_row(run, payload, length);
}

/* A record that was a dead letter before belongs to what there was to do. */
static void
pass_over(struct run *run)
{
	size_t offset, length;
	const char *record = csv_reader_record(run->job->reader, &offset, &length);

	run->batch->digest += XXH3_64bits(record, length);
}

static int
work_on_record(struct run *run)
{
	int result = 0;

	*run->work->record = run->own ? run->number : CORE_NO_RECORD;
	if (__builtin_expect(run->number >= run->pace.at, 0)) {
		result = pace_stop(&run->pace, run->number);
		if (result == PACE_LEAVE_OUT)
			pass_over(run);
		result = heed(run, result);
	}
	return result == 0 ? use(run) : result;
}

/* Up to the span's end or, if the batch may be cut short, until its time is over. */
static int
work_on_span(struct run *run, const struct batch_span *span)
{
	struct csv_reader *reader = run->job->reader;
	struct batch *batch = run->batch;

	run->number = span->first;
	pace_begin(&run->pace, run->work, span->first);
	if (run->job->spec->task_ns > 0)
		pace_spread(&run->pace, run->job->spec->task_ns, run->began_ns,
		            run->attempt.task->records, &run->seen);
	csv_reader_start(reader, run->bytes, span->length);
	while (run->number < span->end && csv_reader_next(reader)) {
		bool pausing = run->number >= run->pace.at;
		int result = work_on_record(run);

		if (result < 0)
			return result;
		run->number++;
		run->seen++;
		++*run->work->progress;
		if (pausing && !batch->whole && clock_now_ns() >= run->until_ns)
			break;
	}
	pace_keep(&run->pace);
	batch->next = run->number;
	batch->next_offset = span->offset + (span->first < run->number ? reader->end : 0);
	batch->last_offset = span->offset + (span->first < run->number ? reader->offset : 0);
	return 0;
}

static bool
is_own(const struct run *run, const struct batch_span *span)
{
	const struct task_plan *task = run->attempt.task;

	return span->first >= task->first && span->end <= task->first + task->records;
}

/* Spans of the task have its own bytes, which a fault may have changed; others the input's. */
static const char *
bytes_of(const struct run *run, const struct batch_span *span)
{
	if (is_own(run, span))
		return run->attempt.bytes + (span->offset - run->attempt.task->offset);
	return run->job->input.bytes + span->offset;
}

static void
key_chunk(struct run *run)
{
	struct sink_chunk *chunk = &run->batch->chunk;
	char number[24];
	const struct etl_field first = {
	    .text = number,
	    .length =
		(size_t)snprintf(number, sizeof(number), "%llu", (unsigned long long)chunk->first)};
	const struct etl_key_parts parts = {
	    .date = sink_logical_date(run->attempt.sink),
	    .source = run->job->etl->source,
	    .field = &first,
	    .fields = 1,
	    .kind = "chunk",
	};
	const struct strategy *strategy = run->attempt.strategy;

	(strategy->key != NULL ? strategy->key : etl_key)(&parts, chunk->key);
}

static int
work_on_batch(struct run *run)
{
	struct batch *batch = run->batch;
	int error = 0;

	run->until_ns = clock_now_ns() + run->attempt.scenario->batch_ns;
	for (size_t i = 0; error == 0 && i < batch->spans; i++) {
		run->offset = batch->span[i].offset;
		run->bytes = bytes_of(run, &batch->span[i]);
		run->own = is_own(run, &batch->span[i]);
		error = work_on_span(run, &batch->span[i]);
	}
	batch->chunk.first = batch->span[0].first;
	batch->chunk.end = batch->next;
	if (error == 0 && run->job->spec->rows == JOB_ROWS_CHUNK)
		key_chunk(run);
	return error;
}

static void
clear_batch(struct batch *batch)
{
	batch->spans = batch->rows = batch->deads = batch->faileds = 0;
	batch->whole = false;
	batch->digest = 0;
	memset(&batch->chunk, 0, sizeof(batch->chunk));
}

static int
run_batches(struct run *run)
{
	const struct strategy *strategy = run->attempt.strategy;
	struct attempt *attempt = &run->attempt;
	int claimed, error = strategy->recover == NULL ? 0 : strategy->recover(attempt);

	if (error != 0)
		return error;
	clear_batch(run->batch);
	run->began_ns = clock_now_ns();
	while ((claimed = strategy->claim(attempt, run->batch)) == 1) {
		error = work_on_batch(run);
		/* Whatever happens from here on, no record is to blame. */
		*run->work->record = CORE_NO_RECORD;
		if (error == 0)
			error = strategy->commit(attempt, run->batch);
		if (error != 0)
			return error;
		if ((strategy_flags(attempt->scenario->strategy) & STRATEGY_REPORTED) == 0)
			run->work->kept(run->work);
		run->result->records += run->batch->chunk.records;
		clear_batch(run->batch);
	}
	if (claimed < 0)
		return claimed;
	error = strategy->finished == NULL ? 0 : strategy->finished(attempt);
	return error == 0 ? sink_finish(attempt->sink) : error;
}

/* Works on one record alone, without an effect. */
static int
run_probe(struct run *run)
{
	struct work *work = run->work;
	struct csv_reader *reader = run->job->reader;
	struct dead_record suspect;
	uint32_t column;
	int result;

	run->offset = run->attempt.task->offset;
	csv_reader_start(reader, run->attempt.bytes, run->attempt.task->length);
	for (run->number = run->attempt.task->first;; run->number++) {
		if (!csv_reader_next(reader))
			return chunk_mistrust(run->attempt.task, run->result);
		if (run->number == work->probe_record)
			break;
		if (run->number % PACE_BEAT_RECORDS == 0 && !work->beat(work))
			return -EINTR;
	}
	suspect = describe(run, REASON_CRASHED, CSV_NO_COLUMN);
	result = work->dead(work, &suspect);
	/* Not before the suspicion is durable: from here on a death speaks against it. */
	*work->record = run->number;
	if (result == 0)
		result = work->at_record(work, run->number);
	if (result == 0)
		result = examine(run, &column) == REASON_NONE ? 0 : -EBADMSG;
	*work->progress = 1;
	return result < 0 ? result : 0;
}

/* It was set aside, by this attempt or another one's, and so the attempt fails in the end. */
static void
blame(struct run *run)
{
	const struct dead_record *bad = &run->attempt.bad;

	run->result->reason = bad->reason;
	run->result->bad_record = bad->record;
	run->result->bad_offset = bad->offset;
	run->result->bad_column = bad->column;
}

int
etl_run(struct job *job, const struct task_plan *task, struct work *work,
        struct work_result *result)
{
	struct run run = {
	    .job = job,
	    .work = work,
	    .result = result,
	    .batch = &job->etl->batch,
	    .attempt = {.strategy = job->etl->strategy,
	                .sink = work->sink,
	                .work = work,
	                .scenario = job->etl->scenario,
	                .task = task,
	                .next = task->first,
	                .next_offset = task->offset,
	                .separator = job->format.separator},
	};
	int error;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	if (task->stage == TASK_STAGE_OUTPUT)
		return job->etl->strategy->close(&run.attempt);
	error = chunk_open(&job->input, task, work, result, &run.attempt.bytes);
	if (error == 0)
		error = work->probe_record != CORE_NO_RECORD ? run_probe(&run) : run_batches(&run);
	free(run.attempt.own);
	if (error == -EBADMSG && run.attempt.bad.reason != REASON_NONE)
		blame(&run);
	if (error == -EBADMSG && result->reason == REASON_NONE)
		return chunk_mistrust(task, result);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * One task of `aggregate`: the records of a chunk, or those of the input whose key is in a range,
 * are summed per key.
 */
#include <errno.h>

#include "sim/job/aggregate.h"
#include "sim/job/chunk.h"
#include "sim/job/decimal_word.h"
#include "sim/job/pace.h"
#include "sim/util/clock.h"

struct run {
	struct job *job;
	const struct task_plan *task;
	struct work *work;
	struct work_result *result;
	uint64_t number; /* of the current record */
	uint64_t seen;   /* records that are this task's, used or not */
	struct pace pace;
	struct csv_field field[AGGREGATE_COLUMNS_MAX];
};

static struct dead_record
run_describe(const struct run *run, enum record_reason reason, uint32_t column)
{
	struct dead_record dead = {.record = run->number, .reason = reason, .column = column};
	size_t offset, length;

	dead.bytes = csv_reader_record(run->job->reader, &offset, &length);
	dead.offset = run->task->offset + offset;
	dead.length = length;
	return dead;
}

/* The current record cannot be used: the attempt fails, or when isolating the record is handed
 * over. */
static int
run_bad(const struct run *run, enum record_reason reason, uint32_t column)
{
	struct dead_record dead = run_describe(run, reason, column);

	if (run->work->isolate)
		return run->work->dead(run->work, &dead);
	run->result->reason = reason;
	run->result->bad_record = run->number;
	run->result->bad_offset = dead.offset;
	run->result->bad_column = column;
	return -EBADMSG;
}

/* What the world says about the current record: a flaky one is as bad as any other. */
static int
run_heed(const struct run *run, int result)
{
	if (result != -EBADMSG)
		return result;
	result = run_bad(run, REASON_FLAKY, CSV_NO_COLUMN);
	return result ? result : PACE_LEAVE_OUT;
}

/* Adds the record in run->field to the table, all of it or nothing. */
static inline int
run_add(struct run *run)
{
	const struct csv_field *field = run->field;
	struct job *job = run->job;
	struct decimal value[SCENARIO_SUMS_MAX];
	struct partial_entry *entry;
	const char *key;
	const char *end = job->reader->bytes + job->reader->length;
	size_t sums = job->partial.sums, length;

	for (size_t i = 0; i < sums; i++) {
		const char *text = field[1 + i].text;
		enum decimal_result result =
		    decimal_parse(&value[i], text, field[1 + i].length, (size_t)(end - text));

		if (__builtin_expect(result != DECIMAL_OK, 0))
			return run_bad(run,
			               result == DECIMAL_NONE ? REASON_NOT_DECIMAL
			                                      : REASON_DECIMAL_DIGITS,
			               job->column[1 + i]);
	}
	key = aggregate_key(job, &field[0], &length);
	entry = key ? partial_find(&job->partial, key, length,
	                           field->escaped ? length : (size_t)(end - key))
	            : NULL;
	if (!entry)
		return -ENOMEM;
	entry->records++;
	for (size_t i = 0; i < sums; i++)
		decimal_sum_add(&entry->sum[i], &value[i]);
	run->result->records++;
	return 0;
}

static inline int
run_use(struct run *run)
{
	struct csv_fault fault = csv_reader_fields(run->job->reader, run->field);

	if (__builtin_expect(fault.reason != REASON_NONE, 0))
		return run_bad(run, fault.reason, fault.column);
	return run_add(run);
}

static int
run_chunk(struct run *run)
{
	struct csv_reader *reader = run->job->reader;
	volatile uint64_t *record = run->work->record, *progress = run->work->progress;

	for (; csv_reader_next(reader); run->number++) {
		int result = 0;

		*record = run->number;
		if (__builtin_expect(run->number >= run->pace.at, 0))
			result = run_heed(run, pace_stop(&run->pace, run->number));
		if (__builtin_expect(result == 0, 1))
			result = run_use(run);
		if (__builtin_expect(result < 0, 0))
			return result;
		*progress = ++run->seen;
	}
	return 0;
}

/* Split by key: whether a record is this task's is only known from its key, so it is read before
 * the world is called.  Records passed over are progress, too. */
static int
run_range(struct run *run)
{
	struct csv_reader *reader = run->job->reader;
	uint64_t passed = 0;

	for (; csv_reader_next(reader); run->number++, *run->work->progress = ++passed) {
		uint32_t range = (uint32_t)run->job->spec->ranges;
		struct csv_fault fault;
		int result = 0;

		*run->work->record = run->number;
		fault = csv_reader_fields(reader, run->field);
		if (fault.reason == REASON_NONE) {
			size_t length;
			const char *key = aggregate_key(run->job, &run->field[0], &length);

			if (!key)
				return -ENOMEM;
			range = aggregate_range(run->job, key, length);
		}
		if (range != run->task->range) {
			if (passed % PACE_BEAT_RECORDS == 0 && !run->work->beat(run->work))
				return -EINTR;
			continue;
		}
		if (run->number >= run->pace.at)
			result = run_heed(run, pace_stop(&run->pace, run->number));
		if (result == 0)
			result = fault.reason == REASON_NONE
			             ? run_add(run)
			             : run_bad(run, fault.reason, fault.column);
		if (result < 0)
			return result;
		run->seen++;
	}
	return 0;
}

/* Works on one record alone; the others are only counted. */
static int
run_probe(struct run *run)
{
	struct work *work = run->work;

	for (; csv_reader_next(run->job->reader); run->number++) {
		struct dead_record suspect;
		int result;

		if (run->number % PACE_BEAT_RECORDS == 0 && !work->beat(work))
			return -EINTR;
		if (run->number != work->probe_record)
			continue;
		suspect = run_describe(run, REASON_CRASHED, CSV_NO_COLUMN);
		result = work->dead(work, &suspect);
		/* Not before the suspicion is durable: from here on a death speaks against it. */
		*work->record = run->number;
		if (result == 0)
			result = run_heed(run, work->at_record(work, run->number));
		if (result == 0)
			result = run_use(run);
		*work->progress = 1;
		return result < 0 ? result : 0;
	}
	return chunk_mistrust(run->task, run->result);
}

static int
run_all(struct run *run)
{
	int result;

	pace_begin(&run->pace, run->work, run->number);
	if (run->job->spec->task_ns > 0)
		pace_spread(&run->pace, run->job->spec->task_ns, clock_now_ns(), run->task->records,
		            &run->seen);
	result = run->job->spec->ranges > 0 ? run_range(run) : run_chunk(run);
	if (result)
		return result;
	/* The bytes are right but hold another number of records: the split was wrong. */
	if (run->seen != run->task->records)
		return chunk_mistrust(run->task, run->result);
	pace_keep(&run->pace);
	return partial_encode(&run->job->partial, &run->result->effects,
	                      &run->result->effects_length);
}

int
aggregate_run(struct job *job, const struct task_plan *task, struct work *work,
              struct work_result *result)
{
	struct run run = {
	    .job = job, .task = task, .work = work, .result = result, .number = task->first};
	const char *bytes;
	int error;

	*result = (struct work_result){.bad_record = CORE_NO_RECORD, .bad_column = CSV_NO_COLUMN};
	error = chunk_open(&job->input, task, work, result, &bytes);
	if (error)
		return error;
	partial_clear(&job->partial);
	csv_reader_start(job->reader, bytes, task->length);
	return work->probe_record != CORE_NO_RECORD ? run_probe(&run) : run_all(&run);
}

/* SPDX-License-Identifier: ISC
 *
 * The plan phase of `aggregate` and `etl`: one pass over the input that finds where records end,
 * cuts it into chunks and takes their checksums while the bytes are still in the processor's cache.
 * Split by key, every task reads the whole input and leaves out what is not in its range; a second
 * pass then counts the records of each range.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/check.h"
#include "sim/job/aggregate.h"
#include "sim/util/plant.h"

#define BLOCK_BYTES (256u << 10) /* looked at, then hashed: fits in a core's own cache */

struct split {
	struct job *job;
	int (*put)(void *context, const struct task_plan *task);
	void *context;
	char *error;
	size_t size;
	struct csv_walk walk;
	uint64_t chunk;        /* records in each */
	struct task_plan task; /* the one that is being put together */
	size_t hashed;         /* up to where its bytes are in the checksum */
	XXH3_state_t checksum;
	XXH3_state_t fingerprint;
	uint64_t records; /* in the tasks put so far */
};

/* Where the field with the quote that is still open at the end of bytes[start..length) begins. */
static size_t
open_quote(const char *bytes, size_t start, size_t length, char separator)
{
	bool quoted = false, field_start = true;
	size_t opened = start;

	for (size_t i = start; i < length; i++) {
		if (quoted && bytes[i] == '"') {
			if (i + 1 < length && bytes[i + 1] == '"')
				i++;
			else
				quoted = false;
		} else if (!quoted && field_start && bytes[i] == '"') {
			quoted = true;
			opened = i;
		}
		field_start = !quoted && (bytes[i] == separator || bytes[i] == '\n');
	}
	return opened;
}

static int
fail_unterminated(struct split *split)
{
	const struct input *input = &split->job->input;
	size_t at =
	    open_quote(input->bytes, split->walk.line, input->length, split->walk.separator);
	uint64_t line, column;

	input_position(input, at, &line, &column);
	snprintf(split->error, split->size,
	         "%s: line %" PRIu64 ", column %" PRIu64 " (byte %zu): this quote is never closed; "
	         "close it, or double it if it belongs to the text",
	         split->job->path, line, column, at);
	return -EINVAL;
}

static int
fail_too_long(struct split *split)
{
	const struct csv_walk *walk = &split->walk;
	uint64_t line, column;
	char hint[96] = "is a line end missing?";

	if (walk->quoted) {
		size_t at = open_quote(walk->bytes, walk->line, walk->offset, walk->separator);

		input_position(&split->job->input, at, &line, &column);
		snprintf(hint, sizeof(hint),
		         "is the quote at line %" PRIu64 ", column %" PRIu64 " never closed?", line,
		         column);
	}
	snprintf(split->error, split->size,
	         "%s: record %" PRIu64
	         ", at byte %zu, is longer than %u MiB, the most that is read: %s",
	         split->job->path, walk->records, walk->line, CSV_RECORD_BYTES_MAX >> 20, hint);
	return -EFBIG;
}

static void
hash_up_to(struct split *split, size_t offset)
{
	XXH3_64bits_update(&split->checksum, split->walk.bytes + split->hashed,
	                   offset - split->hashed);
	split->hashed = offset;
}

static void
task_begin(struct split *split)
{
	split->task.first = split->walk.records;
	split->task.offset = split->walk.offset;
	split->hashed = split->walk.offset;
	XXH3_64bits_reset(&split->checksum);
}

/* What has been walked over since task_begin() is a chunk. */
static int
task_cut(struct split *split)
{
	struct task_plan *task = &split->task;
	struct csv_walk *walk = &split->walk;
	size_t rest = csv_empty_lines(walk->bytes + walk->offset, walk->length - walk->offset);

	/* Empty lines go with the record behind them; behind the last record they go with it. */
	if (walk->offset + rest == walk->length)
		walk->offset = walk->line = walk->length;
	hash_up_to(split, walk->offset);
	task->records = walk->records - task->first;
	task->length = walk->offset - task->offset;
	task->checksum = XXH3_64bits_digest(&split->checksum);
	XXH3_64bits_update(&split->fingerprint, &task->checksum, sizeof(task->checksum));
	if (task->records == 0 || split->job->spec->ranges > 0)
		return 0;
	if (task->task == CORE_NO_TASK - 1) {
		snprintf(split->error, split->size,
		         "%s makes more than %" PRIu32 " chunks of %" PRIu64
		         " records: make them larger",
		         split->job->path, task->task, split->chunk);
		return -E2BIG;
	}
	split->records += task->records;
	return split->put(split->context, task);
}

/* Walks over the records of one chunk, at most to the end of the input. */
static int
task_walk(struct split *split)
{
	const struct csv_scan *scan = csv_scan_best();
	struct csv_walk *walk = &split->walk;
	uint64_t until = split->task.first + split->chunk;

	while (walk->records < until && walk->offset < walk->length) {
		size_t from = walk->offset;

		scan->walk(walk, until, from + BLOCK_BYTES);
		if (walk->offset - walk->line > CSV_RECORD_BYTES_MAX)
			return fail_too_long(split);
		hash_up_to(split, walk->offset);
	}
	return walk->unterminated ? fail_unterminated(split) : 0;
}

/* The bug that PLANT=1 builds can have: the record behind each chunk is in none. */
static void
record_lose(struct csv_walk *walk)
{
	uint64_t records = walk->records;

	csv_scan_best()->walk(walk, records + 1, SIZE_MAX);
	walk->records = records;
}

static int
split_walk(struct split *split)
{
	int error = 0;

	do {
		task_begin(split);
		error = task_walk(split);
		if (!error)
			error = task_cut(split);
		split->task.task += split->task.records > 0;
		if (planted("off-by-one-split"))
			record_lose(&split->walk);
	} while (!error && split->walk.offset < split->walk.length);
	return error;
}

/* Counts the records of each range; what cannot be read belongs to the open rest. */
static int
ranges_count(struct job *job, uint64_t records[SCENARIO_RANGES_MAX + 1])
{
	struct csv_field field[AGGREGATE_COLUMNS_MAX] = {0};
	struct csv_reader *reader = job->reader;

	csv_reader_start(reader, job->input.bytes + job->data, job->input.length - job->data);
	while (csv_reader_next(reader)) {
		uint32_t range = (uint32_t)job->spec->ranges;

		if (csv_reader_fields(reader, field).reason == REASON_NONE) {
			size_t length;
			const char *key = aggregate_key(job, &field[0], &length);

			if (!key)
				return -ENOMEM;
			range = aggregate_range(job, key, length);
		}
		records[range]++;
	}
	return 0;
}

/* All ranges have the whole input, walked over already; only the number of records differs. */
static int
ranges_put(struct split *split)
{
	uint64_t records[SCENARIO_RANGES_MAX + 1] = {0};
	struct task_plan *task = &split->task;
	int error;

	if (split->walk.records == 0)
		return 0;
	error = ranges_count(split->job, records);
	for (uint32_t range = 0; range <= split->job->spec->ranges && !error; range++) {
		task->task = task->range = range;
		task->records = records[range];
		split->records += task->records;
		error = split->put(split->context, task);
	}
	task->task++;
	return error;
}

static int
output_put(struct split *split)
{
	const struct task_plan output = {.task = split->task.task++, .stage = TASK_STAGE_OUTPUT};

	return split->put(split->context, &output);
}

int
aggregate_plan(struct job *job, struct plan_summary *summary,
               int (*put)(void *context, const struct task_plan *task), void *context, char *error,
               size_t size)
{
	const struct input *input = &job->input;
	bool by_key = job->spec->ranges > 0;
	uint64_t header = XXH3_64bits(input->bytes, job->data);
	struct split split = {
	    .job = job,
	    .put = put,
	    .context = context,
	    .error = error,
	    .size = size,
	    .chunk = by_key ? UINT64_MAX : job->spec->chunk,
	    .task = {.stage = TASK_STAGE_WORK},
	    .walk = csv_walk_start(input->bytes, input->length, job->data, job->format.separator),
	};
	int result;

	XXH3_64bits_reset(&split.fingerprint);
	XXH3_64bits_update(&split.fingerprint, &header, sizeof(header));
	result = split_walk(&split);
	if (!result && by_key)
		result = ranges_put(&split);
	if (!result && job->has_output)
		result = output_put(&split);
	if (result)
		return result;
	CHECK(split.records == split.walk.records);
	*summary = (struct plan_summary){
	    .tasks = split.task.task,
	    .records = split.walk.records,
	    .bytes = input->length,
	    .fingerprint = XXH3_64bits_digest(&split.fingerprint),
	};
	return 0;
}

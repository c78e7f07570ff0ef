/* SPDX-License-Identifier: ISC
 *
 * manifest: what there is to do is listed before anything is done, a hash for each record, with
 * their number and sum, in the transaction that seals the plan.  What is done is a new line behind
 * it for each batch, in the transaction of the effects and under the fence; no line is ever written
 * again.  To go on is to do what no line covers; the task is finished when the lines add up to what
 * was sealed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/job/csv_reader.h"
#include "sim/strategy/strategy.h"

/* Items of marks: the list (a = records, b = sum of the hashes, blob = the hashes), and the lines
 * of what is done, by first record (a = the record behind the last one, b = sum of the hashes).
 * What is listed is what gets a row of its own: each record, or the chunk as a whole, whose hash is
 * the plan's. */
#define LIST (-1)

static uint64_t
list_length(const struct scenario *scenario, const struct task_plan *task)
{
	return scenario->job.rows == JOB_ROWS_CHUNK ? 1 : task->records;
}

/* Fills in the hashes of all records of a task. */
static int
identify(const struct task_plan *task, const char *bytes, char separator, uint64_t *hash)
{
	const struct csv_format format = {.separator = separator, .columns = 1};
	struct csv_reader *reader = csv_reader_new(&format, NULL, 0);

	if (reader == NULL)
		return -ENOMEM;
	csv_reader_start(reader, bytes, task->length);
	for (uint64_t i = 0; i < task->records && csv_reader_next(reader); i++) {
		size_t offset, length;
		const char *record = csv_reader_record(reader, &offset, &length);

		hash[i] = XXH3_64bits(record, length);
	}
	csv_reader_free(reader);
	return 0;
}

static int
seal(const struct strategy_task *task)
{
	uint64_t length = list_length(task->scenario, task->task);
	uint64_t *hash = calloc(length, sizeof(*hash));
	struct sink_mark list = {
	    .a = task->task->records, .blob = hash, .length = length * sizeof(*hash)};
	int error = 0;

	if (hash == NULL)
		return -ENOMEM;
	if (task->scenario->job.rows == JOB_ROWS_CHUNK)
		hash[0] = task->task->checksum;
	else
		error = identify(task->task, task->bytes, task->separator, hash);
	for (uint64_t i = 0; i < length; i++)
		list.b += hash[i];
	if (error == 0)
		error = sink_mark_add(task->sink, task->task->task, LIST, &list);
	free(hash);
	return error;
}

/* A task that was not planned but made later, of a dead letter that is tried again. */
static int
seal_late(struct attempt *attempt)
{
	const struct strategy_task task = {
	    .sink = attempt->sink,
	    .scenario = attempt->scenario,
	    .task = attempt->task,
	    .bytes = attempt->bytes,
	    .separator = attempt->separator,
	};
	int error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	error = seal(&task);
	return strategy_end(attempt, error);
}

static int
take_line(void *context, int64_t item, const struct sink_mark *line)
{
	struct attempt *attempt = context;

	/* Lines follow each other: each attempt goes on where the one before was. */
	if ((uint64_t)item != attempt->next)
		return -EBADMSG;
	attempt->next = line->a;
	return 0;
}

/* The list stays in memory while the attempt lasts: what is worked on is compared with it. */
static int
load_list(struct attempt *attempt)
{
	struct sink_mark list;
	int found = sink_mark_find(attempt->sink, attempt->task->task, LIST, &list);

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	if (list.a != attempt->task->records ||
	    list.length != list_length(attempt->scenario, attempt->task) * sizeof(uint64_t))
		return -EBADMSG;
	attempt->own = malloc(list.length);
	if (attempt->own == NULL)
		return -ENOMEM;
	memcpy(attempt->own, list.blob, list.length);
	return 0;
}

static int
manifest_recover(struct attempt *attempt)
{
	int error = load_list(attempt);

	if (error == -ENOENT) {
		error = seal_late(attempt);
		if (error == 0)
			error = load_list(attempt);
	}
	if (error == 0)
		error = sink_mark_each(attempt->sink, attempt->task->task,
		                       (int64_t)attempt->task->first, take_line, attempt);
	return error == 0 ? strategy_seek(attempt, attempt->next) : error;
}

/* A chunk that is listed as a whole is done as a whole. */
static int
manifest_claim(struct attempt *attempt, struct batch *batch)
{
	int claimed = strategy_claim_next(attempt, batch);

	if (claimed == 1 && attempt->scenario->job.rows == JOB_ROWS_CHUNK) {
		batch->span[0].end = attempt->task->first + attempt->task->records;
		batch->whole = true;
	}
	return claimed;
}

/* Sum of the listed hashes of records [first, end). */
static uint64_t
listed(const struct attempt *attempt, uint64_t first, uint64_t end)
{
	const uint64_t *hash = attempt->own;
	uint64_t sum = 0;

	if (attempt->scenario->job.rows == JOB_ROWS_CHUNK)
		return hash[0];
	for (uint64_t record = first; record < end; record++)
		sum += hash[record - attempt->task->first];
	return sum;
}

static int
manifest_commit(struct attempt *attempt, struct batch *batch)
{
	bool chunk = attempt->scenario->job.rows == JOB_ROWS_CHUNK;
	const struct sink_mark line = {.a = batch->next,
	                               .b = chunk ? attempt->task->checksum : batch->digest};
	int error;

	/* The records are not those that were listed: another version of them is no work of ours.
	 */
	if (line.b != listed(attempt, attempt->next, batch->next))
		return -EBADMSG;
	error = sink_begin(attempt->sink, true);
	if (error != 0)
		return error;
	error = strategy_append(attempt, batch);
	if (error == 0)
		error = sink_mark_add(attempt->sink, attempt->task->task, (int64_t)attempt->next,
		                      &line);
	/* Somebody was here before us: that is not ours any more. */
	error = strategy_end(attempt, error == -EEXIST ? -ESTALE : error);
	if (error == 0)
		strategy_advance(attempt, batch);
	return error;
}

struct sums {
	uint64_t records, digest;
};

static int
add_line(void *context, int64_t item, const struct sink_mark *line)
{
	struct sums *sums = context;

	sums->records += line->a - (uint64_t)item;
	sums->digest += line->b;
	return 0;
}

static int
manifest_finished(struct attempt *attempt)
{
	const struct task_plan *task = attempt->task;
	struct sums sums = {0};
	int error =
	    sink_mark_each(attempt->sink, task->task, (int64_t)task->first, add_line, &sums);

	if (error != 0)
		return error;
	return sums.records == task->records &&
	               sums.digest == listed(attempt, task->first, task->first + task->records)
	           ? 0
	           : -EBADMSG;
}

struct telling {
	strategy_range *each;
	void *context;
	uint64_t next;
};

static int
tell_line(void *context, int64_t item, const struct sink_mark *line)
{
	struct telling *telling = context;

	telling->each(telling->context, telling->next, (uint64_t)item, PROGRESS_OPEN);
	telling->each(telling->context, (uint64_t)item, line->a, PROGRESS_DONE);
	telling->next = line->a;
	return 0;
}

static int
manifest_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	uint64_t first = task->task->first;
	struct telling telling = {.each = each, .context = context, .next = first};
	int error =
	    sink_mark_each(task->sink, task->task->task, (int64_t)first, tell_line, &telling);

	each(context, telling.next, first + task->task->records, PROGRESS_OPEN);
	return error;
}

const struct strategy strategy_manifest = {
    .prepare = seal,
    .recover = manifest_recover,
    .claim = manifest_claim,
    .commit = manifest_commit,
    .finished = manifest_finished,
    .progress = manifest_progress,
};

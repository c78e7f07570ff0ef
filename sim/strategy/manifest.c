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

/* Items of marks: the list (a = records, b = sum of their hashes, blob = the hashes), and the lines
 * of what is done, by first record (a = the record behind the last one, b = sum of the hashes). */
#define LIST (-1)

/* Hashes of all records of a task, to be freed; NULL: no memory. */
static uint64_t *
identify(const struct task_plan *task, const char *bytes, char separator, struct sink_mark *list)
{
	const struct csv_format format = {.separator = separator, .columns = 1};
	struct csv_reader *reader = csv_reader_new(&format, NULL, 0);
	uint64_t *hash = calloc(task->records, sizeof(*hash)), records = 0, sum = 0;

	if (reader == NULL || hash == NULL) {
		csv_reader_free(reader);
		free(hash);
		return NULL;
	}
	csv_reader_start(reader, bytes, task->length);
	for (; records < task->records && csv_reader_next(reader); records++) {
		size_t offset, length;
		const char *record = csv_reader_record(reader, &offset, &length);

		hash[records] = XXH3_64bits(record, length);
		sum += hash[records];
	}
	csv_reader_free(reader);
	*list = (struct sink_mark){
	    .a = records, .b = sum, .blob = hash, .length = records * sizeof(*hash)};
	return hash;
}

static int
seal(struct sink *sink, const struct task_plan *task, const char *bytes, char separator)
{
	struct sink_mark list;
	uint64_t *hash = identify(task, bytes, separator, &list);
	int error = hash == NULL ? -ENOMEM : sink_mark_add(sink, task->task, LIST, &list);

	free(hash);
	return error;
}

static int
manifest_prepare(const struct strategy_task *task)
{
	return seal(task->sink, task->task, task->bytes, task->separator);
}

/* A task that was not planned but made later, of a dead letter that is tried again. */
static int
seal_late(struct attempt *attempt)
{
	int error = sink_begin(attempt->sink, true);

	if (error != 0)
		return error;
	error = seal(attempt->sink, attempt->task, attempt->bytes, attempt->separator);
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
	if (list.a != attempt->task->records || list.length != list.a * sizeof(uint64_t))
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

/* Sum of the listed hashes of records [first, end). */
static uint64_t
listed(const struct attempt *attempt, uint64_t first, uint64_t end)
{
	const uint64_t *hash = attempt->own;
	uint64_t sum = 0;

	for (uint64_t record = first; record < end; record++)
		sum += hash[record - attempt->task->first];
	return sum;
}

static int
manifest_commit(struct attempt *attempt, struct batch *batch)
{
	const struct sink_mark line = {.a = batch->next, .b = batch->digest};
	int error;

	/* The records are not those that were listed: another version of them is no work of ours.
	 */
	if (batch->digest != listed(attempt, attempt->next, batch->next))
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
    .prepare = manifest_prepare,
    .recover = manifest_recover,
    .claim = strategy_claim_next,
    .commit = manifest_commit,
    .finished = manifest_finished,
    .progress = manifest_progress,
};

/* SPDX-License-Identifier: ISC
 *
 * Consuming a partition: the loop that most patterns share, and what all of them need.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/point.h"
#include "sim/flow/flow.h"
#include "sim/flow/flow_source.h"
#include "sim/util/clock.h"

#define STATS_EVERY_NS (100 * NS_PER_MS)

uint64_t
flow_record(const struct flow_attempt *attempt, const struct topic_event *event)
{
	return attempt->task->first + event->sequence;
}

int
flow_bad(struct flow_attempt *attempt, struct flow_item *item, enum record_reason reason)
{
	if (attempt->work->isolate) {
		item->given_up = item->left_out = true;
		item->reason = reason;
		return 0;
	}
	attempt->result->reason = reason;
	attempt->result->bad_record = item->record;
	return -EBADMSG;
}

int
flow_work_on(struct flow_attempt *attempt, struct flow_item *item)
{
	struct work *work = attempt->work;
	int result = 0;

	*work->record = item->record;
	if (item->record >= attempt->pace.at)
		result = pace_stop(&attempt->pace, item->record);
	++*work->progress;
	if (result == -EBADMSG)
		return flow_bad(attempt, item, REASON_FLAKY);
	item->left_out = result == PACE_LEAVE_OUT;
	return item->left_out ? 0 : result;
}

int
flow_give_up(struct flow_attempt *attempt, const struct flow_item *item)
{
	const struct dead_record dead = {
	    .record = item->record,
	    .length = item->event.value_length,
	    .bytes = item->event.value,
	    .reason = item->reason,
	    .column = CSV_NO_COLUMN,
	};

	return sink_dead(attempt->work->sink, &dead);
}

static int
store_stats(struct flow_attempt *attempt)
{
	struct flow_stats *stats = &attempt->stats;
	const struct sink_mark mark = {.blob = stats, .length = sizeof(*stats)};
	int64_t processor_ns = flow_processor_ns();

	stats->processor_ns += processor_ns - attempt->processor_ns;
	attempt->processor_ns = processor_ns;
	attempt->stats_due_ns = clock_now_ns() + STATS_EVERY_NS;
	return sink_mark_put(attempt->work->sink, attempt->task->task, FLOW_MARK_STATS, &mark);
}

int
flow_move(struct flow_attempt *attempt, uint64_t next, uint64_t next_offset, bool end)
{
	const struct sink_mark cursor = {
	    .a = next, .b = next_offset, .blob = end ? "end" : NULL, .length = end ? 3 : 0};
	struct sink *sink = attempt->work->sink;
	uint32_t task = attempt->task->task;
	int moved;

	if (!attempt->stored) {
		moved = sink_mark_add(sink, task, FLOW_MARK_CURSOR, &cursor);
		moved = moved == -EEXIST ? -ESTALE : moved;
	} else {
		moved = sink_mark_move(sink, task, FLOW_MARK_CURSOR, attempt->next, &cursor);
		moved = moved == 0 ? -ESTALE : (moved < 0 ? moved : 0);
	}
	attempt->stats.transactions++;
	if (moved == 0 && clock_now_ns() >= attempt->stats_due_ns)
		moved = store_stats(attempt);
	return moved;
}

void
flow_moved(struct flow_attempt *attempt, uint64_t next, uint64_t next_offset, bool end)
{
	attempt->stored = true;
	attempt->over = end;
	attempt->next = next;
	attempt->next_offset = next_offset;
}

int
flow_end(struct work *work, int error)
{
	if (error != 0) {
		sink_rollback(work->sink);
		return error;
	}
	point_reach(POINT_WORKER_IN_BATCH);
	error = sink_commit(work->sink);
	if (error != 0)
		return error;
	/* Whoever dies from here on has not worked in vain. */
	work->kept(work);
	point_reach(POINT_WORKER_AFTER_BATCH);
	return 0;
}

/* What is there now, up to a transaction's worth, is worked on. */
static int
gather(struct flow_attempt *attempt)
{
	size_t max = attempt->job->scenario->batch_records;
	int error = 0;

	max = max < FLOW_ITEMS_MAX ? max : FLOW_ITEMS_MAX;
	attempt->items = 0;
	while (error == 0 && attempt->items < max && !attempt->ended) {
		struct flow_item *item = &attempt->item[attempt->items];
		int found;

		*item = (struct flow_item){0};
		found = flow_source_next(&attempt->source, &item->event, attempt->items == 0);
		if (found != 1) {
			error = found;
			break;
		}
		attempt->ended = item->event.kind == TOPIC_END;
		if (attempt->ended)
			break;
		item->record = flow_record(attempt, &item->event);
		error = flow_work_on(attempt, item);
		attempt->items++;
	}
	/* Whatever happens from here on, no record is to blame. */
	*attempt->work->record = CORE_NO_RECORD;
	return error;
}

static int
apply_all(struct flow_attempt *attempt)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < attempt->items; i++) {
		const struct flow_item *item = &attempt->item[i];

		if (item->given_up)
			error = flow_give_up(attempt, item);
		else if (!item->left_out)
			error = attempt->job->pattern->apply(attempt, item);
		if (error == 0 && i % 1024 == 1023 && !attempt->work->busy(attempt->work))
			error = -EINTR;
	}
	return error;
}

static void
measure(struct flow_attempt *attempt)
{
	int64_t now_ns = clock_now_ns();

	attempt->stats.events += attempt->items;
	for (size_t i = 0; i < attempt->items; i++)
		flow_stats_latency(&attempt->stats, now_ns - attempt->item[i].event.appended_ns);
}

/* One transaction: what the items lead to, and the cursor behind them. */
static int
commit(struct flow_attempt *attempt)
{
	const struct task_plan *task = attempt->task;
	uint64_t next = attempt->ended ? task->first + task->records
	                               : attempt->item[attempt->items - 1].record + 1;
	int error = sink_begin(attempt->work->sink, true);

	if (error != 0)
		return error;
	error = apply_all(attempt);
	if (error == 0 && attempt->job->pattern->end != NULL)
		error = attempt->job->pattern->end(attempt);
	if (error == 0)
		error = flow_move(attempt, next, attempt->source.reader.next, attempt->ended);
	error = flow_end(attempt->work, error);
	if (error != 0)
		return error;
	attempt->result->records += attempt->items;
	measure(attempt);
	flow_moved(attempt, next, attempt->source.reader.next, attempt->ended);
	if (attempt->job->pattern->committed != NULL)
		return attempt->job->pattern->committed(attempt);
	return 0;
}

static int
consume_each(struct flow_attempt *attempt)
{
	int error = 0;

	while (error == 0 && !attempt->over) {
		error = gather(attempt);
		if (error == 0 && (attempt->items > 0 || attempt->ended) &&
		    attempt->job->pattern->ready != NULL)
			error = attempt->job->pattern->ready(attempt);
		if (error != 0)
			return error;
		error = attempt->items > 0 || attempt->ended ? commit(attempt)
		                                             : flow_source_wait(&attempt->source);
	}
	return error;
}

/* Works on one record alone, without an effect. */
static int
probe(struct flow_attempt *attempt)
{
	struct work *work = attempt->work;
	struct flow_item item = {.record = work->probe_record};
	struct dead_record suspect = {
	    .record = work->probe_record, .reason = REASON_CRASHED, .column = CSV_NO_COLUMN};
	int found, result;

	topic_reader_seek(&attempt->source.reader, 0);
	while ((found = flow_source_next(&attempt->source, &item.event, true)) == 1 &&
	       flow_record(attempt, &item.event) != work->probe_record)
		if (!work->busy(work))
			return -EINTR;
	if (found != 1)
		return found < 0 ? found : -EBADMSG;
	suspect.length = item.event.value_length;
	suspect.bytes = item.event.value;
	result = work->dead(work, &suspect);
	/* Not before the suspicion is durable: from here on a death speaks against it. */
	*work->record = work->probe_record;
	if (result == 0)
		result = work->at_record(work, work->probe_record);
	*work->progress = 1;
	return result < 0 ? result : 0;
}

static int
recall(struct flow_attempt *attempt)
{
	struct sink *sink = attempt->work->sink;
	uint32_t task = attempt->task->task;
	struct sink_mark mark;
	int found = sink_mark_find(sink, task, FLOW_MARK_STATS, &mark);

	if (found == 1 && mark.length == sizeof(attempt->stats))
		memcpy(&attempt->stats, mark.blob, sizeof(attempt->stats));
	attempt->processor_ns = flow_processor_ns();
	if (found >= 0)
		found = sink_mark_find(sink, task, FLOW_MARK_CURSOR, &mark);
	attempt->next = attempt->task->first;
	if (found != 1)
		return found;
	attempt->stored = true;
	attempt->next = mark.a;
	attempt->next_offset = mark.b;
	attempt->over = mark.length > 0;
	return 0;
}

/* What the last transaction has cost is known only behind it. */
static int
store_last_stats(struct flow_attempt *attempt)
{
	int error = sink_begin(attempt->work->sink, true);

	return error != 0 ? error : flow_end(attempt->work, store_stats(attempt));
}

static int
run(struct flow_attempt *attempt)
{
	const struct flow_pattern *pattern = attempt->job->pattern;
	int error;

	if (attempt->work->probe_record != CORE_NO_RECORD)
		return probe(attempt);
	error = recall(attempt);
	if (error != 0 || attempt->over)
		return error;
	topic_reader_seek(&attempt->source.reader, attempt->next_offset);
	pace_begin(&attempt->pace, attempt->work, attempt->next);
	if (pattern->begin != NULL)
		error = pattern->begin(attempt);
	if (error != 0)
		return error;
	error = pattern->consume != NULL ? pattern->consume(attempt) : consume_each(attempt);
	return error != 0 ? error : store_last_stats(attempt);
}

int
flow_consume(struct job *job, const struct task_plan *task, struct work *work,
             struct work_result *result)
{
	struct flow_attempt *attempt = calloc(1, sizeof(*attempt));
	int error = -ENOMEM;

	if (attempt == NULL)
		return -ENOMEM;
	attempt->job = job;
	attempt->task = task;
	attempt->work = work;
	attempt->result = result;
	attempt->item = calloc(FLOW_ITEMS_MAX, sizeof(*attempt->item));
	flow_source_open(&attempt->source, job, work, task->range);
	if (attempt->item != NULL)
		error = run(attempt);
	if (job->pattern->finish != NULL)
		job->pattern->finish(attempt);
	flow_source_close(&attempt->source);
	free(attempt->appended_ns);
	free(attempt->own);
	free(attempt->item);
	free(attempt);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * kappa: two views of one log.  The streaming view is a cell for each key, added to in the
 * transaction that moves the cursor.  The other one is made anew from the log's first event on, by
 * schedule and in the end: under a version of its own, which takes the place of the one before in
 * one transaction.  Until then nothing of it can be seen, so whoever is killed on the way leaves
 * nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault/point.h"
#include "sim/flow/flow_input.h"
#include "sim/flow/flow_replay.h"
#include "sim/flow/flow_source.h"
#include "sim/flow/flow_table.h"
#include "sim/sink/sink_cells.h"
#include "sim/util/clock.h"

static uint64_t
value_of(const struct topic_event *event)
{
	struct flow_line line;
	char number[24];

	if (flow_line_read(event->value, event->value_length, &line) != NULL ||
	    line.value_length >= sizeof(number))
		return 0;
	memcpy(number, line.value, line.value_length);
	number[line.value_length] = '\0';
	return strtoull(number, NULL, 10);
}

static int
kappa_apply(struct flow_attempt *attempt, const struct flow_item *item)
{
	return sink_cell_add(attempt->work->sink, FLOW_SPACE_LIVE, item->event.key,
	                     item->event.key_length, 1, value_of(&item->event));
}

#define NAME_SIZE 32

static size_t
name_event(uint32_t partition, uint64_t sequence, char name[NAME_SIZE])
{
	return (size_t)snprintf(name, NAME_SIZE, "%" PRIu32 ":%" PRIu64, partition, sequence);
}

/* What the streaming view is without, a replay leaves out. */
static int
kappa_end(struct flow_attempt *attempt)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < attempt->items; i++) {
		char name[NAME_SIZE];
		struct sink_cell cell = {.key = name, .due = SINK_NOT_DUE};

		cell.key_length =
		    name_event(attempt->task->range, attempt->item[i].event.sequence, name);
		if (attempt->item[i].left_out)
			error = sink_cell_put(attempt->work->sink, FLOW_SPACE_LEFT_OUT, &cell);
	}
	return error;
}

const struct flow_pattern flow_kappa = {.apply = kappa_apply, .end = kappa_end};

struct replay {
	struct job *job;
	const struct task_plan *task;
	struct work *work;
	struct flow_source source[SCENARIO_PARTITIONS_MAX];
	bool ended[SCENARIO_PARTITIONS_MAX];
	struct flow_table view;
	bool any_left_out;
	uint64_t version; /* that is in its place */
};

/* The version's mark is not this task's alone: the last replay is another task. */
static uint32_t
mark_task(const struct replay *replay)
{
	return flow_replay_task(replay->job->scenario);
}

static int
find_version(struct replay *replay)
{
	struct sink_mark mark;
	int found = sink_mark_find(replay->work->sink, mark_task(replay), FLOW_MARK_VERSION, &mark);

	replay->version = found == 1 ? mark.a : 0;
	return found < 0 ? found : 0;
}

/* Moves it on, from where it was found. */
static int
move_version(struct replay *replay)
{
	const struct sink_mark next = {.a = replay->version + 1, .b = replay->view.count};
	struct sink *sink = replay->work->sink;
	int moved;

	if (replay->version == 0) {
		moved = sink_mark_add(sink, mark_task(replay), FLOW_MARK_VERSION, &next);
		return moved == -EEXIST ? -ESTALE : moved;
	}
	moved = sink_mark_move(sink, mark_task(replay), FLOW_MARK_VERSION, replay->version, &next);
	return moved == 0 ? -ESTALE : (moved < 0 ? moved : 0);
}

static int
put_view(struct replay *replay)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < replay->view.room; i++) {
		const struct flow_entry *entry = &replay->view.entry[i];
		const struct sink_cell cell = {.key = entry->key,
		                               .key_length = entry->key_length,
		                               .a = entry->a,
		                               .b = entry->b,
		                               .due = SINK_NOT_DUE};

		if (entry->key != NULL)
			error =
			    sink_cell_put(replay->work->sink, (int64_t)replay->version + 1, &cell);
	}
	return error;
}

static int
swap(struct replay *replay)
{
	struct sink *sink = replay->work->sink;
	int error;

	point_reach(POINT_WORKER_BEFORE_SWAP);
	error = sink_begin(sink, true);
	if (error != 0)
		return error;
	error = put_view(replay);
	if (error == 0)
		error = move_version(replay);
	if (error == 0 && replay->version > 0)
		error = sink_cells_drop(sink, (int64_t)replay->version);
	error = flow_end(replay->work, error);
	if (error == 0)
		point_reach(POINT_WORKER_AFTER_SWAP);
	replay->version++;
	return error;
}

/* 1 it is, 0 not, -errno. */
static int
is_left_out(struct replay *replay, uint32_t partition, uint64_t sequence)
{
	char name[NAME_SIZE];
	struct sink_cell cell;
	size_t length = name_event(partition, sequence, name);

	if (!replay->any_left_out)
		return 0;
	return sink_cell_find(replay->work->sink, FLOW_SPACE_LEFT_OUT, name, length, &cell);
}

static int
add_event(struct replay *replay, uint32_t partition, const struct topic_event *event)
{
	int out = is_left_out(replay, partition, event->sequence);
	struct flow_entry *entry;

	if (out != 0)
		return out < 0 ? out : 0;
	entry = flow_table_at(&replay->view, event->key, event->key_length);
	if (entry == NULL)
		return -ENOMEM;
	entry->a++;
	entry->b += value_of(event);
	return 0;
}

/* All events of a partition that are there by now. */
static int
read_partition(struct replay *replay, uint32_t partition)
{
	struct flow_source *source = &replay->source[partition];
	int found, error = 0;
	struct topic_event event;

	topic_reader_seek(&source->reader, 0);
	while (error == 0 && (found = flow_source_next(source, &event, true)) == 1) {
		if (event.kind == TOPIC_END)
			break;
		error = add_event(replay, partition, &event);
		if (error == 0 && source->reader.next % PACE_BEAT_RECORDS == 0 &&
		    !replay->work->busy(replay->work))
			error = -EINTR;
	}
	return error != 0 ? error : (found < 0 ? found : 0);
}

static int
note_left_out(void *context, const struct sink_cell *cell)
{
	struct replay *replay = context;

	replay->any_left_out = true;
	return 0;
}

static int
make_view(struct replay *replay)
{
	uint32_t partitions = replay->job->scenario->job.partitions;
	int error = sink_cells_each(replay->work->sink, FLOW_SPACE_LEFT_OUT, note_left_out, replay);

	for (uint32_t i = 0; error == 0 && i < partitions; i++)
		error = read_partition(replay, i);
	if (error == 0)
		error = swap(replay);
	flow_table_fini(&replay->view);
	return error;
}

/* Is everything in the logs?  Then this says so for each. */
static int
look_for_end(struct replay *replay, uint32_t partition)
{
	struct flow_source *source = &replay->source[partition];
	uint64_t published = topic_reader_published(&source->reader);
	struct topic_event event;
	int found;

	if (published == 0)
		return 0;
	topic_reader_seek(&source->reader, published - 1);
	found = flow_source_next(source, &event, true);
	replay->ended[partition] = found == 1 && event.kind == TOPIC_END;
	return found < 0 ? found : 0;
}

/* Lets time pass until the next replay is due, or all is appended: then *over. */
static int
wait_for(struct replay *replay, int64_t due_ns, bool *over)
{
	uint32_t partitions = replay->job->scenario->job.partitions;
	int error = 0;

	*over = false;
	while (error == 0 && clock_now_ns() < due_ns && !*over) {
		*over = true;
		for (uint32_t i = 0; error == 0 && i < partitions; i++) {
			if (!replay->ended[i])
				error = look_for_end(replay, i);
			if (error == 0 && !replay->ended[i])
				error = flow_source_wait(&replay->source[i]);
			*over &= replay->ended[i];
		}
	}
	return error;
}

static int
by_schedule(struct replay *replay)
{
	int64_t every_ns = replay->job->scenario->job.replay_every_ns;
	bool over = false;
	int error = 0;

	while (error == 0 && !over) {
		error = wait_for(replay, clock_now_ns() + every_ns, &over);
		if (error == 0 && !over)
			error = make_view(replay);
	}
	return error;
}

int
flow_replay(struct job *job, const struct task_plan *task, struct work *work)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	uint32_t partitions = job->scenario->job.partitions;
	int error;

	if (replay == NULL)
		return -ENOMEM;
	replay->job = job;
	replay->task = task;
	replay->work = work;
	for (uint32_t i = 0; i < partitions; i++)
		flow_source_open(&replay->source[i], job, work, i);
	error = find_version(replay);
	if (error == 0)
		error = task->stage == TASK_STAGE_OUTPUT ? make_view(replay) : by_schedule(replay);
	for (uint32_t i = 0; i < partitions; i++)
		flow_source_close(&replay->source[i]);
	flow_table_fini(&replay->view);
	free(replay);
	return error;
}

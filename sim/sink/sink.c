/* SPDX-License-Identifier: ISC
 *
 * The sink's functions, handed on to the implementation, with the point before its transactions.
 */
#include "sim/fault/point.h"
#include "sim/sink/sink_ops.h"

int
sink_begin(struct sink *sink, bool fenced)
{
	point_reach(POINT_WORKER_BEFORE_BATCH);
	return sink->ops->begin(sink, fenced);
}

int
sink_commit(struct sink *sink)
{
	return sink->ops->commit(sink);
}

void
sink_rollback(struct sink *sink)
{
	sink->ops->rollback(sink);
}

int
sink_append(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink->ops->append(sink, row, rows);
}

int
sink_insert(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink->ops->insert(sink, row, rows);
}

int
sink_replace(struct sink *sink, struct sink_row *row, size_t rows)
{
	return sink->ops->replace(sink, row, rows);
}

int
sink_append_chunk(struct sink *sink, const struct sink_chunk *chunk)
{
	return sink->ops->append_chunk(sink, chunk);
}

int
sink_insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh)
{
	return sink->ops->insert_chunk(sink, chunk, fresh);
}

int
sink_effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record)
{
	return sink->ops->effect(sink, key, record);
}

int
sink_dead(struct sink *sink, const struct dead_record *dead)
{
	return sink->ops->dead(sink, dead);
}

int
sink_mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark)
{
	return sink->ops->mark_find(sink, task, item, mark);
}

int
sink_mark_each(struct sink *sink, uint32_t task, int64_t from,
               int (*each)(void *context, int64_t item, const struct sink_mark *mark),
               void *context)
{
	return sink->ops->mark_each(sink, task, from, each, context);
}

int
sink_mark_add(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	return sink->ops->mark_add(sink, task, item, mark);
}

int
sink_mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
               const struct sink_mark *mark)
{
	return sink->ops->mark_move(sink, task, item, was, mark);
}

int
sink_mark_put(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	return sink->ops->mark_put(sink, task, item, mark);
}

int
sink_prepare(struct sink *sink)
{
	return sink->ops->prepare == NULL ? 0 : sink->ops->prepare(sink);
}

int
sink_prepared(struct sink *sink)
{
	return sink->ops->prepared == NULL ? 0 : sink->ops->prepared(sink);
}

int
sink_lease(struct sink *sink, uint32_t task, uint32_t epoch)
{
	sink->task = task;
	sink->epoch = epoch;
	return sink->ops->lease == NULL ? 0 : sink->ops->lease(sink);
}

void
sink_beat(struct sink *sink)
{
	if (sink->ops->beat != NULL)
		sink->ops->beat(sink);
}

void
sink_release(struct sink *sink)
{
	if (sink->ops->release != NULL)
		sink->ops->release(sink);
}

bool
sink_marks_apart(const struct sink *sink)
{
	return sink->marks_apart;
}

int
sink_finish(struct sink *sink)
{
	return sink->ops->finish == NULL ? 0 : sink->ops->finish(sink);
}

int
sink_give_up(struct sink *sink, uint32_t task, uint32_t epoch)
{
	sink->task = task;
	sink->epoch = epoch;
	return sink->ops->give_up == NULL ? 0 : sink->ops->give_up(sink);
}

int
sink_counts_read(struct sink *sink, struct sink_counts *counts)
{
	return sink->ops->counts(sink, counts);
}

int
sink_rows_read(struct sink *sink, int (*each)(void *context, const struct sink_row *row),
               void *context)
{
	return sink->ops->rows(sink, each, context);
}

int
sink_chunks_read(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
                 void *context)
{
	return sink->ops->chunks(sink, each, context);
}

int
sink_effects_read(struct sink *sink, int (*each)(void *context, uint64_t record), void *context)
{
	return sink->ops->effects(sink, each, context);
}

const char *
sink_logical_date(const struct sink *sink)
{
	return sink->logical_date;
}

void
sink_describe(struct sink *sink, char *words, size_t size)
{
	sink->ops->describe(sink, words, size);
}

const char *
sink_error(const struct sink *sink)
{
	return sink->ops->error(sink);
}

void
sink_close(struct sink *sink)
{
	if (sink != NULL)
		sink->ops->close(sink);
}

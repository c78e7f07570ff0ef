/* SPDX-License-Identifier: ISC
 *
 * The sink in run.db.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sink/sink_store.h"
#include "sim/sink/sink_store_own.h"
#include "sim/store/store_sink.h"
#include "sim/util/plant.h"

static struct store *
store_of(struct sink *sink)
{
	return sink_store_own(sink)->store;
}

static int
begin(struct sink *sink, bool fenced)
{
	struct sink_store *this = sink_store_own(sink);
	int current, error = this->begin(this->context);

	if (error != 0 || !fenced || planted("cursor-overwritten"))
		return error;
	/* The write lock is ours: nobody can take the lease over before we are through. */
	current = store_task_current(this->store, sink->task, sink->epoch, this->generation);
	if (current == 1)
		return 0;
	store_rollback(this->store);
	return current < 0 ? current : -ESTALE;
}

static int
commit(struct sink *sink)
{
	return store_commit(store_of(sink));
}

static void
rollback(struct sink *sink)
{
	store_rollback(store_of(sink));
}

static int
append(struct sink *sink, struct sink_row *row, size_t rows)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < rows; i++) {
		error = store_sink_append(store_of(sink), &row[i]);
		row[i].fresh = true;
	}
	return error;
}

static int
insert(struct sink *sink, struct sink_row *row, size_t rows)
{
	for (size_t i = 0; i < rows; i++) {
		int added = store_sink_insert(store_of(sink), &row[i]);

		if (added < 0)
			return added;
		row[i].fresh = added == 1;
	}
	return 0;
}

static int
replace(struct sink *sink, struct sink_row *row, size_t rows)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < rows; i++) {
		error = store_sink_replace(store_of(sink), &row[i]);
		row[i].fresh = true;
	}
	return error;
}

static int
append_chunk(struct sink *sink, const struct sink_chunk *chunk)
{
	return store_sink_append_chunk(store_of(sink), chunk);
}

static int
insert_chunk(struct sink *sink, const struct sink_chunk *chunk, bool *fresh)
{
	int added = store_sink_insert_chunk(store_of(sink), chunk);

	*fresh = added == 1;
	return added < 0 ? added : 0;
}

static int
effect(struct sink *sink, const unsigned char key[SINK_KEY_BYTES], uint64_t record)
{
	return store_effect_log(store_of(sink), key, record);
}

static int
dead(struct sink *sink, const struct dead_record *record)
{
	return store_dead_keep(store_of(sink), sink->task, record);
}

static int
mark_find(struct sink *sink, uint32_t task, int64_t item, struct sink_mark *mark)
{
	return store_mark_find(store_of(sink), task, item, mark);
}

static int
mark_each(struct sink *sink, uint32_t task, int64_t from,
          int (*each)(void *context, int64_t item, const struct sink_mark *mark), void *context)
{
	return store_mark_each(store_of(sink), task, from, each, context);
}

static int
mark_add(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	return store_mark_add(store_of(sink), task, item, mark);
}

static int
mark_move(struct sink *sink, uint32_t task, int64_t item, uint64_t was,
          const struct sink_mark *mark)
{
	return store_mark_move(store_of(sink), task, item, was, mark);
}

static int
mark_put(struct sink *sink, uint32_t task, int64_t item, const struct sink_mark *mark)
{
	return store_mark_put(store_of(sink), task, item, mark);
}

static int
counts(struct sink *sink, struct sink_counts *read)
{
	return store_sink_counts_read(store_of(sink), read);
}

static int
rows_read(struct sink *sink, int (*each)(void *context, const struct sink_row *row), void *context)
{
	return store_sink_rows_read(store_of(sink), each, context);
}

static int
chunks_read(struct sink *sink, int (*each)(void *context, const struct sink_chunk *chunk),
            void *context)
{
	return store_sink_chunks_read(store_of(sink), each, context);
}

static int
effects_read(struct sink *sink, int (*each)(void *context, uint64_t record), void *context)
{
	return store_effects_logged(store_of(sink), each, context);
}

static void
describe(struct sink *sink, char *words, size_t size)
{
	snprintf(words, size, "tables of run.db");
}

static const char *
error_words(const struct sink *sink)
{
	return store_error(((const struct sink_store *)(const void *)sink)->store);
}

static void
close_sink(struct sink *sink)
{
	free(sink_store_own(sink));
}

static const struct sink_ops operations = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .append = append,
    .insert = insert,
    .replace = replace,
    .append_chunk = append_chunk,
    .insert_chunk = insert_chunk,
    .effect = effect,
    .dead = dead,
    .mark_find = mark_find,
    .mark_each = mark_each,
    .mark_add = mark_add,
    .mark_move = mark_move,
    .mark_put = mark_put,
    .counts = counts,
    .rows = rows_read,
    .chunks = chunks_read,
    .effects = effects_read,
    .describe = describe,
    .error = error_words,
    .close = close_sink,
    .items = &sink_store_items,
    .windows = &sink_store_windows,
    .cells = &sink_store_cells,
};

int
sink_store_open(struct sink **sink, struct store *store, uint32_t generation,
                int (*begin_with)(void *context), void *context)
{
	struct store_run info;
	struct sink_store *this;
	int error = store_run_read(store, &info);

	if (error != 0)
		return error;
	this = calloc(1, sizeof(*this));
	if (this == NULL)
		return -ENOMEM;
	*this = (struct sink_store){
	    .sink.ops = &operations,
	    .store = store,
	    .generation = generation,
	    .begin = begin_with,
	    .context = context,
	};
	memcpy(this->sink.logical_date, info.logical_date, sizeof(this->sink.logical_date));
	*sink = &this->sink;
	return 0;
}

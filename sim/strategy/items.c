/* SPDX-License-Identifier: ISC
 *
 * From records to items, and from items to what a worker reads.
 */
#include <errno.h>
#include <xxhash.h>

#include "sim/job/csv_reader.h"
#include "sim/strategy/items.h"

static int
list_next(struct csv_reader *reader, struct sink_item *item, uint64_t start)
{
	size_t offset, length;
	const char *record;

	if (!csv_reader_next(reader))
		return -EBADMSG;
	record = csv_reader_record(reader, &offset, &length);
	item->hash = XXH3_64bits(record, length);
	item->offset = start + reader->offset;
	item->length = reader->end - reader->offset;
	return 0;
}

int
items_list(const struct task_plan *task, const char *bytes, char separator,
           int (*put)(void *context, const struct sink_item *item), void *context)
{
	const struct csv_format format = {.separator = separator, .columns = 1};
	struct csv_reader *reader = csv_reader_new(&format, NULL, 0);
	struct sink_item item = {.record = task->first, .task = task->task};
	int error = 0;

	if (reader == NULL)
		return -ENOMEM;
	csv_reader_start(reader, bytes, task->length);
	for (; error == 0 && item.record < task->first + task->records; item.record++) {
		error = list_next(reader, &item, task->offset);
		if (error == 0)
			error = put(context, &item);
	}
	csv_reader_free(reader);
	return error;
}

size_t
items_batch(const struct attempt *attempt)
{
	uint64_t wanted = attempt->scenario->batch_records;

	return wanted < ITEMS_MAX ? wanted : ITEMS_MAX;
}

static bool
is_own(const struct attempt *attempt, uint64_t record)
{
	return record - attempt->task->first < attempt->task->records;
}

/* Whether the item is the span's next record, of the same file and the same owner. */
static bool
follows(const struct attempt *attempt, const struct batch_span *span, const struct sink_item *item)
{
	return item->record == span->end && item->offset == span->offset + span->length &&
	       is_own(attempt, item->record) == is_own(attempt, span->first);
}

void
items_to_spans(const struct attempt *attempt, const struct sink_item *item, size_t items,
               struct batch *batch)
{
	for (size_t i = 0; i < items; i++) {
		struct batch_span *span = &batch->span[batch->spans];

		if (batch->spans > 0 && follows(attempt, span - 1, &item[i])) {
			span[-1].end++;
			span[-1].length += item[i].length;
			continue;
		}
		*span = (struct batch_span){.first = item[i].record,
		                            .end = item[i].record + 1,
		                            .offset = item[i].offset,
		                            .length = item[i].length};
		batch->spans++;
	}
	/* All that was claimed is worked on. */
	batch->whole = true;
}

struct telling {
	strategy_range *each;
	void *context;
};

static void
tell(void *context, uint64_t record, enum item_state state)
{
	const struct telling *telling = context;

	telling->each(telling->context, record, record + 1,
	              state == ITEM_SETTLED ? PROGRESS_DONE : PROGRESS_OPEN);
}

int
items_progress(const struct strategy_task *task, strategy_range *each, void *context)
{
	struct telling telling = {.each = each, .context = context};
	uint64_t first = task->task->first;

	return sink_items_each(task->sink, first, first + task->task->records, tell, &telling);
}

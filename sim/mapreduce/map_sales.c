/* SPDX-License-Identifier: ISC
 *
 * Sums per key: the reading is that of `aggregate`.
 */
#include <errno.h>

#include "sim/job/aggregate.h"
#include "sim/job/pace.h"
#include "sim/mapreduce/map_sales.h"

struct sales {
	struct job *job;
	struct map *map;
	uint64_t number;
	struct csv_field field[AGGREGATE_COLUMNS_MAX];
	struct pace pace;
};

int
sales_open(struct job **sales, const struct scenario *scenario, const char *path, char *error,
           size_t size)
{
	return aggregate_open(sales, scenario, path, error, size);
}

void
sales_close(struct job *sales)
{
	aggregate_close(sales);
}

int
sales_plan(struct job *sales, struct plan_summary *summary,
           int (*put)(void *context, const struct task_plan *task), void *context, char *error,
           size_t size)
{
	return aggregate_plan(sales, summary, put, context, error, size);
}

const struct input *
sales_input(const struct job *sales)
{
	return &sales->input;
}

static int
bury(const struct sales *sales, enum record_reason reason, uint32_t column)
{
	struct dead_record dead = {.record = sales->number, .reason = reason, .column = column};
	size_t offset, length;

	dead.bytes = csv_reader_record(sales->job->reader, &offset, &length);
	dead.offset = sales->map->task->offset + offset;
	dead.length = length;
	return sales->map->work->dead(sales->map->work, &dead);
}

static int
use(struct sales *sales)
{
	struct csv_fault fault = csv_reader_fields(sales->job->reader, sales->field);
	struct partial *table = &sales->map->gather->table;
	struct partial_entry *entry;
	struct decimal value[SCENARIO_SUMS_MAX];
	const char *key;
	size_t length;

	if (fault.reason != REASON_NONE)
		return bury(sales, fault.reason, fault.column);
	for (size_t i = 0; i < table->sums; i++) {
		const struct csv_field *field = &sales->field[1 + i];
		enum decimal_result result =
		    decimal_text_parse(&value[i], field->text, field->length);

		if (result != DECIMAL_OK)
			return bury(sales,
			            result == DECIMAL_NONE ? REASON_NOT_DECIMAL
			                                   : REASON_DECIMAL_DIGITS,
			            sales->job->column[1 + i]);
	}
	key = aggregate_key(sales->job, &sales->field[0], &length);
	entry = key != NULL ? partial_find(table, key, length, length) : NULL;
	if (entry == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < table->sums; i++)
		decimal_sum_add(&entry->sum[i], &value[i]);
	sales->map->result->records++;
	return entry->records++ == 0 ? gather_check(sales->map->gather) : 0;
}

static int
heed(struct sales *sales)
{
	struct map *map = sales->map;
	int result = pace_stop(&sales->pace, sales->number);

	if (result != -EBADMSG)
		return result;
	if (map->work->isolate) {
		result = bury(sales, REASON_FLAKY, CSV_NO_COLUMN);
		return result != 0 ? result : PACE_LEAVE_OUT;
	}
	map->result->reason = REASON_FLAKY;
	map->result->bad_record = sales->number;
	map->result->bad_offset = map->task->offset;
	return -EBADMSG;
}

static int
probe(struct sales *sales)
{
	struct work *work = sales->map->work;
	int error = bury(sales, REASON_CRASHED, CSV_NO_COLUMN);

	*work->record = sales->number;
	if (error == 0)
		error = work->at_record(work, sales->number);
	*work->progress = 1;
	return error < 0 && error != -EBADMSG ? error : 0;
}

int
sales_map(struct job *job, struct map *map)
{
	struct sales sales = {.job = job, .map = map, .number = map->task->first};
	uint64_t seen = 0;
	int result = 0;

	csv_reader_start(job->reader, map->bytes, map->task->length);
	pace_begin(&sales.pace, map->work, sales.number);
	for (; result >= 0 && csv_reader_next(job->reader); sales.number++) {
		if (map->work->probe_record != CORE_NO_RECORD) {
			if (sales.number == map->work->probe_record)
				return probe(&sales);
			continue;
		}
		*map->work->record = sales.number;
		result = sales.number >= sales.pace.at ? heed(&sales) : 0;
		if (result == 0)
			result = use(&sales);
		*map->work->progress = ++seen;
	}
	return result < 0 ? result : 0;
}

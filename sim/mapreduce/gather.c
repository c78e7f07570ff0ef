/* SPDX-License-Identifier: ISC
 *
 * Sorting, spilling, merging.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/fault/point.h"
#include "sim/mapreduce/gather.h"
#include "sim/mapreduce/together.h"

#define BEAT_ENTRIES 4096

int
gather_init(struct gather *gather, bool adds, size_t sums)
{
	*gather = (struct gather){.adds = adds};
	return partial_init(&gather->table, sums);
}

void
gather_fini(struct gather *gather)
{
	gather_drop(gather);
	partial_fini(&gather->table);
	free(gather->pairs.bytes);
	free(gather->pairs.pair);
	free(gather->spill);
	*gather = (struct gather){.adds = false};
}

void
gather_begin(struct gather *gather, struct work *work, uint32_t task, uint32_t maker,
             uint32_t partitions, size_t room)
{
	gather->work = work;
	gather->task = task;
	gather->maker = maker;
	gather->partitions = partitions;
	gather->room = room;
	gather_again(gather);
}

void
gather_again(struct gather *gather)
{
	gather->spills = 0;
	gather->number = gather->first + PART_SPILLS;
	partial_clear(&gather->table);
	gather->pairs.used = gather->pairs.count = 0;
}

static int
make_room(struct gather *gather, size_t bytes)
{
	if (gather->pairs.used + bytes > gather->pairs.room) {
		size_t room = 2 * (gather->pairs.used + bytes);
		char *larger = realloc(gather->pairs.bytes, room);

		if (larger == NULL)
			return -ENOMEM;
		gather->pairs.bytes = larger;
		gather->pairs.room = room;
	}
	if (gather->pairs.count == gather->pairs.pair_room) {
		size_t room = gather->pairs.pair_room == 0 ? 1024 : 2 * gather->pairs.pair_room;
		struct gather_pair *larger =
		    reallocarray(gather->pairs.pair, room, sizeof(*larger));

		if (larger == NULL)
			return -ENOMEM;
		gather->pairs.pair = larger;
		gather->pairs.pair_room = room;
	}
	return 0;
}

int
gather_pair(struct gather *gather, const char *key, size_t key_length, const char *value,
            size_t value_length)
{
	int error = make_room(gather, key_length + value_length);
	struct gather_pair *pair;

	if (error != 0)
		return error;
	pair = &gather->pairs.pair[gather->pairs.count++];
	*pair = (struct gather_pair){.at = gather->pairs.used,
	                             .key_length = (uint32_t)key_length,
	                             .value_length = (uint32_t)value_length};
	memcpy(gather->pairs.bytes + pair->at, key, key_length);
	memcpy(gather->pairs.bytes + pair->at + key_length, value, value_length);
	gather->pairs.used += key_length + value_length;
	return gather_check(gather);
}

static struct entry
entry_of(const struct gather *gather, const struct gather_pair *pair)
{
	const char *key = gather->pairs.bytes + pair->at;

	return (struct entry){.key = key,
	                      .key_length = pair->key_length,
	                      .value = key + pair->key_length,
	                      .value_length = pair->value_length};
}

/* Of equal keys the one that came first stays first. */
static int
pair_compare(const void *left, const void *right, void *context)
{
	const struct gather_pair *a = left, *b = right;
	struct entry first = entry_of(context, a), second = entry_of(context, b);
	int order = entry_compare(&first, &second);

	return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* Into the part of its partition. */
static int
put(struct gather *gather, const struct entry *entry, uint64_t number)
{
	uint32_t partition = entry_partition(entry->key, entry->key_length, gather->partitions);

	if (number % BEAT_ENTRIES == 0 && !gather->work->busy(gather->work))
		return -EINTR;
	return entry_write(gather->part[partition], entry);
}

static int
write_table(struct gather *gather)
{
	const struct partial *table = &gather->table;
	char value[sizeof(struct totals)];
	uint32_t *order;
	int error = partial_sort(table, &order);

	for (size_t i = 0; error == 0 && i < table->entries; i++) {
		const struct partial_entry *found = partial_entry(table, order[i]);
		struct entry entry = {.key = table->keys + found->key,
		                      .key_length = found->length,
		                      .value = value,
		                      .value_length = totals_length(table->sums)};

		memcpy(value, &found->records, sizeof(found->records));
		memcpy(value + sizeof(found->records), found->sum,
		       table->sums * sizeof(found->sum[0]));
		error = put(gather, &entry, i);
	}
	free(order);
	return error;
}

static int
write_pairs(struct gather *gather)
{
	int error = 0;

	if (gather->pairs.count == 0)
		return 0;
	qsort_r(gather->pairs.pair, gather->pairs.count, sizeof(gather->pairs.pair[0]),
	        pair_compare, gather);
	for (size_t i = 0; error == 0 && i < gather->pairs.count; i++) {
		struct entry entry = entry_of(gather, &gather->pairs.pair[i]);

		error = put(gather, &entry, i);
	}
	return error;
}

static void
drop_parts(struct gather *gather)
{
	for (uint32_t i = 0; i < gather->partitions; i++) {
		part_drop(gather->part[i]);
		gather->part[i] = NULL;
	}
}

/* Gives the parts that are written their names; none has one after an error. */
static int
seal_parts(struct gather *gather, struct part_mark *mark)
{
	int error = 0;

	for (uint32_t i = 0; i < gather->partitions; i++) {
		struct part *part = gather->part[i];

		gather->part[i] = NULL;
		if (error == 0)
			error = part_seal(part, gather->work, &mark[i]);
		else
			part_drop(part);
		if (error != 0 && i > 0)
			part_remove(gather->work, &mark[i - 1]);
	}
	return error;
}

/* Writes all that is in memory as a run: partitions from `first` on. */
static int
write_run(struct gather *gather, uint32_t first, struct part_mark *mark)
{
	int error = 0;

	for (uint32_t i = 0; i < gather->partitions && error == 0; i++)
		error = part_new(&gather->part[i], gather->work, gather->task, first + i,
		                 gather->maker);
	if (error == 0)
		error = gather->adds ? write_table(gather) : write_pairs(gather);
	if (error == 0)
		return seal_parts(gather, mark);
	drop_parts(gather);
	return error;
}

static struct part_mark *
spill_at(const struct gather *gather, uint32_t run, uint32_t partition)
{
	return &gather->spill[(size_t)run * gather->partitions + partition];
}

static int
spill(struct gather *gather)
{
	int error;

	if (gather->spills == gather->spills_room) {
		uint32_t room = gather->spills_room == 0 ? 16 : 2 * gather->spills_room;
		struct part_mark *larger = reallocarray(
		    gather->spill, (size_t)room * GATHER_PARTITIONS_MAX, sizeof(*larger));

		if (larger == NULL)
			return -ENOMEM;
		gather->spill = larger;
		gather->spills_room = room;
	}
	error = write_run(gather, gather->number, spill_at(gather, gather->spills, 0));
	if (error != 0)
		return error;
	gather->number += gather->partitions;
	gather->spills++;
	partial_clear(&gather->table);
	gather->pairs.used = gather->pairs.count = 0;
	point_reach(POINT_PART_SPILLED);
	return 0;
}

int
gather_check(struct gather *gather)
{
	const struct partial *table = &gather->table;
	size_t used = gather->adds
	                  ? table->entries * table->entry_size + table->keys_length
	                  : gather->pairs.used + gather->pairs.count * sizeof(struct gather_pair);

	return used > gather->room ? spill(gather) : 0;
}

static int
write_merged(struct gather *gather, const struct together_task *task, const struct part_mark *runs,
             uint32_t count, uint32_t partition, struct part_mark *mark)
{
	struct together *together = NULL;
	int error = together_open(&together, task, runs, count);

	if (error == 0)
		error = part_new(&gather->part[0], gather->work, gather->task, partition,
		                 gather->maker);
	if (error == 0)
		error = together_write(together, gather->part[0]);
	together_close(together);
	if (error == 0)
		error = part_seal(gather->part[0], gather->work, mark);
	else
		part_drop(gather->part[0]);
	gather->part[0] = NULL;
	return error;
}

/* All runs of one partition into its part. */
static int
merge_partition(struct gather *gather, uint32_t partition, struct part_mark *mark)
{
	struct together_task task = {.work = gather->work,
	                             .task = gather->task,
	                             .maker = gather->maker,
	                             .number = gather->number,
	                             .adds = gather->adds,
	                             .sums = gather->table.sums};
	struct part_mark *runs = calloc(gather->spills, sizeof(*runs));
	uint32_t count = gather->spills;
	int error = runs == NULL ? -ENOMEM : 0;

	for (uint32_t run = 0; error == 0 && run < gather->spills; run++)
		runs[run] = *spill_at(gather, run, partition);
	if (error == 0)
		error = together_narrow(&task, runs, &count);
	if (error == 0)
		error = write_merged(gather, &task, runs, count, gather->first + partition, mark);
	if (runs != NULL)
		together_remove_spilled(&task, runs, count);
	gather->number = task.number;
	free(runs);
	return error;
}

int
gather_end(struct gather *gather, struct part_mark *mark)
{
	int error;

	if (gather->spills == 0)
		return write_run(gather, gather->first, mark);
	error = spill(gather);
	for (uint32_t i = 0; i < gather->partitions && error == 0; i++)
		error = merge_partition(gather, i, &mark[i]);
	if (error != 0)
		gather_drop(gather);
	gather->spills = 0;
	return error;
}

void
gather_drop(struct gather *gather)
{
	drop_parts(gather);
	for (uint32_t run = 0; run < gather->spills; run++)
		for (uint32_t i = 0; i < gather->partitions; i++)
			part_remove(gather->work, spill_at(gather, run, i));
	gather->spills = 0;
}

/* SPDX-License-Identifier: ISC
 *
 * A map's parts that are lost or damaged are made again by the reduce that misses them: of exactly
 * that map, under the reduce's own token, and put into the store in the place of the lost ones by
 * compare-and-set.  If another reduce was faster, its parts count, and ours are removed.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/fault/point.h"
#include "sim/mapreduce/inputs.h"
#include "sim/mapreduce/mapreduce.h"

#define SKIPS_MAX 1024

/* The world as a map sees it that is done for the second time: what was given up stays so, and
 * nothing is given up anew.  Its work is the first member, by which it is found. */
struct again {
	struct work work;
	uint64_t record, progress;
	uint64_t skip[SKIPS_MAX];
	int skips;
};

static uint64_t
next_stop(struct work *work, uint64_t record)
{
	const struct again *again = (const struct again *)(void *)work;
	uint64_t next = UINT64_MAX;

	for (int i = 0; i < again->skips; i++)
		if (again->skip[i] >= record && again->skip[i] < next)
			next = again->skip[i];
	return next;
}

static int
leave_out(struct work *work, uint64_t record)
{
	return 1;
}

static int
known(struct work *work, const struct dead_record *dead)
{
	return 0;
}

static const char *
as_they_are(struct work *work, const char *bytes, size_t length)
{
	return bytes;
}

static int
prepare(struct again *again, struct work *work, uint32_t task)
{
	again->work = *work;
	again->work.record = &again->record;
	again->work.progress = &again->progress;
	again->work.next_stop = next_stop;
	again->work.at_record = leave_out;
	again->work.dead = known;
	again->work.filter_bytes = as_they_are;
	again->work.isolate = false;
	again->skips = work->given_up(work, task, again->skip, SKIPS_MAX);
	if (again->skips > SKIPS_MAX)
		again->skips = SKIPS_MAX; /* the others are bad by themselves */
	return again->skips < 0 ? again->skips : 0;
}

static void
remove_parts(const struct work *work, const struct map_effect *effect)
{
	for (uint32_t i = 0; i < effect->partitions; i++)
		part_remove(work, &effect->mark[i]);
}

/* Exactly this map, in the place of `lost`. */
static int
remake(struct mapreduce *job, const struct task_plan *map, const struct task_plan *reduce,
       const struct map_effect *lost, struct work *work)
{
	struct again *again = calloc(1, sizeof(*again));
	struct work_result result = {0};
	int replaced, error = again == NULL ? -ENOMEM : prepare(again, work, map->task);

	if (error == 0)
		error = mapreduce_map(job, map, reduce->task, &again->work, &result);
	free(again);
	/* It was done before, so it is not the input that is to blame, but whatever changed since.
	 */
	if (error != 0)
		return error == -EBADMSG ? -EUCLEAN : error;
	job->map.remade = lost->remade + 1;
	point_reach(POINT_PART_BEFORE_REMADE);
	replaced = work->replace(work, map->task, lost, map_effect_length(lost->partitions),
	                         &job->map, map_effect_length(job->map.partitions));
	point_reach(POINT_PART_AFTER_REMADE);
	if (replaced != 1)
		remove_parts(work, &job->map);
	return replaced < 0 ? replaced : 0;
}

/* The task of the first map from `from` on that has lost this partition, with its effect.  1, 0:
 * there is none, -errno. */
static int
find_lost(struct work *work, uint32_t partition, uint32_t *task, struct map_effect *lost)
{
	struct effects_reader reader;
	const void *blob;
	size_t length;
	int more = work->effects(work, STAGE_MAP, &reader), found = 0;

	while (more == 0 && (more = reader.next(&reader, &blob, &length)) == 1) {
		const char *bytes;
		struct map_effect effect;

		more = map_effect_read(&effect, blob, length) && partition < effect.partitions
		           ? 0
		           : -EBADMSG;
		if (more != 0 || found == 1)
			continue; /* to its end: an open one would keep the store as it is now */
		more = part_map(work, &effect.mark[partition], &bytes);
		if (more == 0) {
			part_unmap(&effect.mark[partition], bytes);
		} else if (more == -EBADMSG) {
			*lost = effect;
			*task = reader.task;
			found = 1;
			more = 0;
		}
	}
	return more < 0 ? more : found;
}

int
mapreduce_remake(struct mapreduce *job, uint32_t partition, const struct task_plan *reduce,
                 struct work *work)
{
	struct map_effect *lost = malloc(sizeof(*lost));
	struct task_plan map;
	uint32_t task;
	int count = 0, found = lost == NULL ? -ENOMEM : 1;

	while (found == 1 && (found = find_lost(work, partition, &task, lost)) == 1) {
		found = work->plan(work, task, &map);
		if (found == 0)
			found = remake(job, &map, reduce, lost, work);
		if (found == 0) {
			count++;
			found = 1;
		}
	}
	free(lost);
	return found < 0 ? found : count;
}

/* SPDX-License-Identifier: ISC
 *
 * Opening, merging and narrowing parts.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/fault/point.h"
#include "sim/mapreduce/together.h"

#define BEAT_ENTRIES 1024

void
together_close(struct together *together)
{
	if (together == NULL)
		return;
	for (uint32_t i = 0; i < together->count; i++)
		part_unmap(&together->mark[i], together->bytes[i]);
	free(together);
}

int
together_open(struct together **out, const struct together_task *task, const struct part_mark *mark,
              uint32_t count)
{
	struct together *together = malloc(sizeof(*together));
	int error = 0;

	if (together == NULL)
		return -ENOMEM;
	together->task = task;
	together->count = 0;
	together->entries = 0;
	together->stale = false;
	merge_init(&together->merge);
	for (uint32_t i = 0; i < count && error == 0; i++) {
		error = part_map(task->work, &mark[i], &together->bytes[i]);
		if (error != 0)
			break;
		together->mark[together->count++] = mark[i];
		error = merge_add(&together->merge, together->bytes[i], mark[i].bytes);
	}
	if (error == 0) {
		*out = together;
		return 0;
	}
	together_close(together);
	return error == -EBADMSG ? -EUCLEAN : error;
}

/* Behind the entry at the top. */
static int
pass(struct together *together)
{
	struct work *work = together->task->work;

	if (++together->entries % BEAT_ENTRIES == 0) {
		++*work->progress;
		if (!work->beat(work))
			return -EINTR;
	}
	return merge_next(&together->merge) == 0 ? 0 : -EUCLEAN;
}

/* All entries of the key at the top as one. */
static int
add_up(struct together *together, struct entry *entry)
{
	size_t sums = together->task->sums;
	const struct entry *top;
	int error = 0;

	memset(&together->totals, 0, sizeof(together->totals));
	while (error == 0 && (top = merge_top(&together->merge)) != NULL &&
	       entry_compare(top, entry) == 0) {
		if (!totals_add(&together->totals, sums, top))
			return -EUCLEAN;
		error = pass(together);
	}
	entry->value = together->value;
	entry->value_length = totals_put(&together->totals, sums, together->value);
	return error != 0 ? error : 1;
}

int
together_next(struct together *together, struct entry *entry)
{
	const struct entry *top;
	int error = together->stale ? pass(together) : 0;

	together->stale = false;
	if (error != 0)
		return error;
	top = merge_top(&together->merge);
	if (top == NULL)
		return 0;
	*entry = *top;
	if (together->task->adds)
		return add_up(together, entry);
	together->stale = true;
	return 1;
}

int
together_write(struct together *together, struct part *part)
{
	struct entry entry;
	int more;

	while ((more = together_next(together, &entry)) == 1) {
		more = entry_write(part, &entry);
		if (more != 0)
			break;
	}
	return more;
}

void
together_remove_spilled(const struct together_task *task, const struct part_mark *mark,
                        uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (mark[i].partition >= PART_SPILLS)
			part_remove(task->work, &mark[i]);
}

/* One run of some parts. */
static int
spill(struct together_task *task, const struct part_mark *from, uint32_t count,
      struct part_mark *mark)
{
	struct together *together = NULL;
	struct part *part = NULL;
	int error = together_open(&together, task, from, count);

	if (error == 0)
		error = part_new(&part, task->work, task->task, task->number++, task->maker);
	if (error == 0)
		error = together_write(together, part);
	together_close(together);
	if (error != 0) {
		part_drop(part);
		return error;
	}
	error = part_seal(part, task->work, mark);
	if (error == 0)
		point_reach(POINT_PART_SPILLED);
	return error;
}

int
together_narrow(struct together_task *task, struct part_mark *mark, uint32_t *count)
{
	while (*count > MERGE_WAYS) {
		uint32_t runs = 0;

		for (uint32_t at = 0; at < *count; at += MERGE_WAYS) {
			uint32_t rest = *count - at;
			uint32_t ways = rest < MERGE_WAYS ? rest : MERGE_WAYS;
			struct part_mark run;
			int error = spill(task, mark + at, ways, &run);

			if (error != 0) {
				together_remove_spilled(task, mark, runs);
				together_remove_spilled(task, mark + at, *count - at);
				return error;
			}
			together_remove_spilled(task, mark + at, ways);
			mark[runs++] = run;
		}
		*count = runs;
	}
	return 0;
}

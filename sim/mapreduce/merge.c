/* SPDX-License-Identifier: ISC
 *
 * A heap of sequences.
 */
#include <errno.h>
#include <stdbool.h>

#include "core/check.h"
#include "sim/mapreduce/merge.h"

void
merge_init(struct merge *merge)
{
	merge->count = merge->ways = 0;
}

static bool
is_before(const struct merge *merge, uint32_t a, uint32_t b)
{
	int order = entry_compare(&merge->way[a].entry, &merge->way[b].entry);

	return order != 0 ? order < 0 : a < b;
}

static void
sift_down(struct merge *merge, uint32_t at)
{
	uint32_t moved = merge->heap[at];

	for (uint32_t child; (child = 2 * at + 1) < merge->count; at = child) {
		if (child + 1 < merge->count &&
		    is_before(merge, merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!is_before(merge, merge->heap[child], moved))
			break;
		merge->heap[at] = merge->heap[child];
	}
	merge->heap[at] = moved;
}

static void
sift_up(struct merge *merge, uint32_t at)
{
	uint32_t moved = merge->heap[at];

	for (uint32_t parent; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!is_before(merge, moved, merge->heap[parent]))
			break;
		merge->heap[at] = merge->heap[parent];
	}
	merge->heap[at] = moved;
}

int
merge_add(struct merge *merge, const char *bytes, size_t length)
{
	struct merge_way *way = &merge->way[merge->ways];
	int more;

	CHECK(merge->ways < MERGE_WAYS);
	way->at = bytes;
	way->end = bytes + length;
	more = entry_read(&way->at, way->end, &way->entry);
	if (more <= 0)
		return more;
	merge->heap[merge->count++] = merge->ways++;
	sift_up(merge, merge->count - 1);
	return 0;
}

const struct entry *
merge_top(const struct merge *merge)
{
	return merge->count > 0 ? &merge->way[merge->heap[0]].entry : NULL;
}

int
merge_next(struct merge *merge)
{
	struct merge_way *way = &merge->way[merge->heap[0]];
	int more = entry_read(&way->at, way->end, &way->entry);

	if (more < 0)
		return more;
	if (more == 0)
		merge->heap[0] = merge->heap[--merge->count];
	if (merge->count > 0)
		sift_down(merge, 0);
	return 0;
}

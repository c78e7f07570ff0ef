/* SPDX-License-Identifier: ISC
 *
 * Choosing and ordering crash points.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sweep/crash_point.h"

/* Of each point the first hit is worth most, then the last, then those at 1/2, 1/4, 3/4, ... of the
 * way: a budget that runs out has then seen all of the run, coarsely. */
static uint32_t
worth_of(uint32_t index, uint32_t count)
{
	uint32_t step = 1;

	if (index == 0)
		return 0;
	if (index == count - 1)
		return 1;
	while (index % 2 == 0) {
		index /= 2;
		step *= 2;
	}
	return 2 + count / step;
}

struct ranked {
	struct crash_point item;
	uint32_t worth;
};

static int
by_worth(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->worth != b->worth)
		return a->worth < b->worth ? -1 : 1;
	if (a->item.point != b->item.point)
		return a->item.point < b->item.point ? -1 : 1;
	return a->item.nth < b->item.nth ? -1 : (a->item.nth > b->item.nth);
}

static void
rank(struct ranked *ranked, size_t count)
{
	uint32_t of_point[POINTS] = {0}, seen[POINTS] = {0};

	for (size_t i = 0; i < count; i++)
		of_point[ranked[i].item.point]++;
	for (size_t i = 0; i < count; i++) {
		enum point point = ranked[i].item.point;
		ranked[i].worth = worth_of(seen[point]++, of_point[point]);
	}
	qsort(ranked, count, sizeof(*ranked), by_worth);
}

/* What stood last for each point, and after how many changes. */
struct last {
	struct ranked *item;
	uint32_t changes;
};

static size_t
collapse(struct crash_points *points, const struct hit_log *log, const uint32_t hits_max[POINTS],
         const char *glob, bool only_recovering, struct ranked *ranked)
{
	struct last last[POINTS] = {0};
	uint32_t nth[POINTS] = {0}, recorded = log->count < log->room ? log->count : log->room;
	size_t count = 0;

	for (uint32_t i = 0; i < recorded; i++) {
		const struct hit *hit = &log->hit[i];
		uint32_t number = ++nth[hit->point];
		struct last *before = &last[hit->point];
		if (glob != NULL && fnmatch(glob, point_name(hit->point), 0) != 0)
			continue;
		if (only_recovering && !hit->recovering)
			continue;
		if (hits_max != NULL && number > hits_max[hit->point]) {
			points->beyond++;
			continue;
		}
		points->hits++;
		if (before->item != NULL && before->changes == hit->changes) {
			before->item->item.like++;
			continue;
		}
		ranked[count].item =
		    (struct crash_point){.point = (enum point)hit->point, .nth = number, .like = 1};
		*before = (struct last){.item = &ranked[count++], .changes = hit->changes};
	}
	return count;
}

int
crash_points_init(struct crash_points *points, const struct hit_log *log,
                  const uint32_t hits_max[POINTS], const char *glob, bool only_recovering)
{
	uint32_t recorded = log->count < log->room ? log->count : log->room;
	struct ranked *ranked = calloc(recorded + 1, sizeof(*ranked));

	memset(points, 0, sizeof(*points));
	if (ranked == NULL)
		return -ENOMEM;
	points->count = collapse(points, log, hits_max, glob, only_recovering, ranked);
	points->item = calloc(points->count + 1, sizeof(*points->item));
	if (points->item != NULL) {
		rank(ranked, points->count);
		for (size_t i = 0; i < points->count; i++)
			points->item[i] = ranked[i].item;
	}
	free(ranked);
	return points->item == NULL ? -ENOMEM : 0;
}

void
crash_points_fini(struct crash_points *points)
{
	free(points->item);
	memset(points, 0, sizeof(*points));
}

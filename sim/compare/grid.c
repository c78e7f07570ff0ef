/* SPDX-License-Identifier: ISC
 *
 * The grid: each strategy is killed once at each point that its run reaches, each time in a fresh
 * run that is resumed to its end and judged.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compare/comparison.h"
#include "sim/fault/point.h"
#include "sim/store/store.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/tree.h"

#define HITS_MAX (1u << 20)
#define RECORDINGS 2 /* how often a point is hit depends on who is faster: the least counts */
#define TRIES 3

struct kill {
	struct side *side;
	struct crash_point at;
	unsigned char tries;
};

struct grid {
	struct comparison *comparison;
	struct hit_log *log; /* of the run that is recorded */
	uint32_t hits_min[POINTS];
	struct kill *kill;
	size_t kills;
	int error;
};

static void
name_folder(const struct grid *grid, const char *what, size_t index, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s-%zu", grid->comparison->scratch.path, what, index);
}

/* --- which points there are */

static int
record(void *context, size_t index, unsigned lane)
{
	struct grid *grid = context;
	struct side *side = &grid->comparison->side[index / RECORDINGS];
	struct played *played = &grid->comparison->played[lane];
	char folder[PATH_MAX];
	struct trial trial = {.base = &side->scenario,
	                      .wanted_state = RUN_DONE,
	                      .folder = folder,
	                      .result = &played->trial};

	if (!side->loaded)
		return EXIT_MET;
	name_folder(grid, "recorded", index, folder);
	fault_self.hits = grid->log;
	return comparison_play(&trial, played);
}

static void
count_hits(struct grid *grid, bool first)
{
	uint32_t hits[POINTS] = {0};

	for (uint32_t i = 0; i < grid->log->count && i < grid->log->room; i++)
		hits[grid->log->hit[i].point]++;
	for (unsigned i = 0; i < POINTS; i++)
		if (first || hits[i] < grid->hits_min[i])
			grid->hits_min[i] = hits[i];
}

/* The hits worth most of each point come first. */
static int
add_kills(struct grid *grid, struct side *side)
{
	struct crash_points points;
	struct kill *larger;
	int error = crash_points_init(&points, grid->log, grid->hits_min, NULL, false);

	if (error != 0)
		return error;
	larger = reallocarray(grid->kill, grid->kills + points.count + 1, sizeof(*larger));
	if (larger != NULL)
		grid->kill = larger;
	for (size_t i = 0; larger != NULL && i < points.count; i++) {
		const struct crash_point *at = &points.item[i];
		if (side->cell[at->point].planned == GRID_KILLS)
			continue;
		side->cell[at->point].planned++;
		grid->kill[grid->kills++] = (struct kill){.side = side, .at = *at};
	}
	crash_points_fini(&points);
	return larger == NULL ? -ENOMEM : 0;
}

static bool
recorded(void *context, size_t index, unsigned lane, int code)
{
	struct grid *grid = context;
	struct side *side = &grid->comparison->side[index / RECORDINGS];
	char folder[PATH_MAX];

	if (!side->loaded)
		return false;
	name_folder(grid, "recorded", index, folder);
	tree_remove(folder);
	count_hits(grid, index % RECORDINGS == 0);
	if (index % RECORDINGS == RECORDINGS - 1 && add_kills(grid, side) != 0)
		grid->error = -ENOMEM;
	hits_clear(grid->log, -1);
	return false;
}

/* --- the kills */

static int
kill_one(void *context, size_t index, unsigned lane)
{
	const struct grid *grid = context;
	const struct kill *kill = &grid->kill[index];
	struct played *played = &grid->comparison->played[lane];
	char folder[PATH_MAX];
	struct trial trial = {.base = &kill->side->scenario,
	                      .wanted_state = RUN_DONE,
	                      .first = &kill->at,
	                      .folder = folder,
	                      .result = &played->trial};

	name_folder(grid, "kill", index, folder);
	return comparison_play(&trial, played);
}

static bool
killed_one(void *context, size_t index, unsigned lane, int code)
{
	struct grid *grid = context;
	struct kill *kill = &grid->kill[index];
	struct cell *cell = &kill->side->cell[kill->at.point];
	const struct played *played = &grid->comparison->played[lane];
	enum fate fate = fate_of(played);
	bool naive = (strategy_flags(kill->side->strategy) & STRATEGY_NAIVE) != 0;
	char folder[PATH_MAX];

	name_folder(grid, "kill", index, folder);
	if (fate_is_harm(fate) && !naive)
		scratch_keep(&grid->comparison->scratch);
	else
		tree_remove(folder);
	if (fate == FATE_UNLANDED)
		return ++kill->tries < TRIES;
	cell->landed++;
	if (cell->nth == 0 || fate > cell->tally.worst)
		cell->nth = kill->at.nth;
	side_tally_add(&cell->tally, played);
	return false;
}

static int
run_pool(struct grid *grid, const struct pool *pool)
{
	int signal = 0;

	if (pool_run(pool, &signal) < 0)
		return signal != 0 ? 128 + signal : EXIT_INTERNAL;
	return grid->error == 0 ? 0 : EXIT_INTERNAL;
}

int
comparison_grid(struct comparison *comparison)
{
	struct grid grid = {.comparison = comparison, .log = hits_new(HITS_MAX)};
	struct pool pool = {.count = RECORDINGS * comparison->sides,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = record,
	                    .done = recorded,
	                    .context = &grid};
	int code = EXIT_INTERNAL;

	/* Whatever goes wrong is this one kill's doing. */
	for (size_t i = 0; i < comparison->sides; i++)
		scenario_faults_drop(&comparison->side[i].scenario, 0,
		                     comparison->side[i].scenario.faults);
	if (grid.log != NULL)
		code = run_pool(&grid, &pool);
	if (code == 0) {
		pool.count = grid.kills;
		pool.jobs = comparison->options->jobs;
		pool.work = kill_one;
		pool.done = killed_one;
		code = run_pool(&grid, &pool);
	}
	hits_free(grid.log);
	free(grid.kill);
	return code;
}

/* SPDX-License-Identifier: ISC
 *
 * The table's runs, one at a time: each strategy without faults and with those of the scenario, in
 * rounds, so that a busy moment of the machine does not strike one strategy alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compare/comparison.h"
#include "sim/store/store.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/tree.h"

#define TRIES 3 /* a fault that waits for a moment of the run may miss it */

struct round {
	struct comparison *comparison;
	unsigned tries[STRATEGY_IDS];
};

static struct side *
side_of(const struct round *round, size_t index, bool *hurt)
{
	*hurt = index % 2 == 1;
	return &round->comparison->side[index / 2];
}

static void
name_folder(const struct round *round, size_t index, char path[PATH_MAX])
{
	bool hurt;
	const struct side *side = side_of(round, index, &hurt);

	snprintf(path, PATH_MAX, "%s/%u-%s%s", round->comparison->scratch.path,
	         round->comparison->rounds + 1, strategy_name(side->strategy),
	         hurt ? "-faults" : "");
}

static int
play_one(void *context, size_t index, unsigned lane)
{
	struct round *round = context;
	struct played *played = &round->comparison->played[lane];
	char folder[PATH_MAX];
	bool hurt;
	struct side *side = side_of(round, index, &hurt);
	struct trial trial = {.base = &side->scenario,
	                      .wanted_state = RUN_DONE,
	                      .plain = true,
	                      .folder = folder,
	                      .result = &played->trial};

	if (!side->loaded)
		return EXIT_MET;
	if (!hurt)
		scenario_faults_drop(&side->scenario, 0, side->scenario.faults);
	name_folder(round, index, folder);
	return comparison_play(&trial, played);
}

static bool
played_one(void *context, size_t index, unsigned lane, int code)
{
	struct round *round = context;
	struct comparison *comparison = round->comparison;
	const struct played *played = &comparison->played[lane];
	enum fate fate = fate_of(played);
	char folder[PATH_MAX];
	bool hurt, naive;
	struct side *side = side_of(round, index, &hurt);

	if (!side->loaded)
		return false;
	naive = (strategy_flags(side->strategy) & STRATEGY_NAIVE) != 0;
	name_folder(round, index, folder);
	if (fate_is_harm(fate) && !naive)
		scratch_keep(&comparison->scratch);
	else
		tree_remove(folder);
	if (played->trial.unlanded[0] != '\0' && ++round->tries[index / 2] < TRIES)
		return true;
	side_tally_add(hurt ? &side->hurt : &side->calm, played);
	if (played->trial.records > comparison->records)
		comparison->records = played->trial.records;
	return false;
}

static int
play_round(struct comparison *comparison)
{
	struct round round = {.comparison = comparison};
	struct pool pool = {.count = 2 * comparison->sides,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = play_one,
	                    .done = played_one,
	                    .context = &round};
	int signal = 0;

	if (pool_run(&pool, &signal) < 0)
		return signal != 0 ? 128 + signal : EXIT_INTERNAL;
	comparison->rounds++;
	return 0;
}

int
comparison_rounds(struct comparison *comparison)
{
	int64_t until_ns = clock_now_ns() + ROUNDS_NS;
	int code = 0;

	while (code == 0 && comparison->rounds < ROUNDS_MAX &&
	       (comparison->rounds == 0 || clock_now_ns() < until_ns))
		code = play_round(comparison);
	return code;
}

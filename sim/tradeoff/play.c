/* SPDX-License-Identifier: ISC
 *
 * The runs: each choice once in a round, one run at a time, so that a busy moment of the machine
 * does not strike one choice alone.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/store/store.h"
#include "sim/tradeoff/weighing.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/tree.h"

#define SETS_MAX 80
#define TRIES 3 /* a fault that waits for a moment of the run may miss it */

static int
load_side(struct weighing *weighing, struct weighed *side)
{
	const struct compare_options *options = weighing->options;
	const char *set[SETS_MAX];
	size_t sets = 0;

	for (; sets < options->sets && sets < SETS_MAX - CHOICE_SETS_MAX - 1; sets++)
		set[sets] = options->set[sets];
	for (size_t i = 0; i < CHOICE_SETS_MAX && side->choice->set[i] != NULL; i++)
		set[sets++] = side->choice->set[i];
	set[sets++] = "expect=[{job: done}, {records: exactly_once}]";
	if (scenario_load(&side->scenario, options->file, set, sets, stderr) != 0) {
		complain("%s cannot be played as '%s'", options->file, side->choice->name);
		return EXIT_USAGE;
	}
	return scenario_resolve_input(&side->scenario) == 0 ? 0 : EXIT_USAGE;
}

static int
load_file(struct weighing *weighing)
{
	const struct compare_options *options = weighing->options;
	const struct scenario *scenario = &weighing->scenario;

	if (options->grid || options->strategies != NULL) {
		complain("--faults grid and --strategies are for jobs of kind etl");
		return EXIT_USAGE;
	}
	if (scenario_load(&weighing->scenario, options->file, options->set, options->sets,
	                  stderr) != 0)
		return EXIT_USAGE;
	if (!tradeoff_of(scenario->job.pattern, &weighing->tradeoff)) {
		complain("%s: pattern %s is no choice between two; streaming, batching, stateless, "
		         "stateful and claim_check are",
		         options->file, job_pattern_name(scenario->job.pattern));
		return EXIT_USAGE;
	}
	if (scenario->verdict != VERDICT_FULL) {
		complain("%s: without 'verdict: full' nobody knows what was lost", options->file);
		return EXIT_USAGE;
	}
	return 0;
}

static int
share_memory(struct weighing *weighing)
{
	void *memory = mmap(NULL, sizeof(*weighing->result), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		complain("no memory: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	weighing->result = memory;
	return scratch_init(&weighing->scratch, "compare") == 0 ? 0 : EXIT_INTERNAL;
}

int
weighing_init(struct weighing *weighing, const struct compare_options *options)
{
	int code;

	weighing->options = options;
	code = load_file(weighing);
	for (size_t i = 0; i < choice_count && code == 0; i++) {
		if (choices[i].of != weighing->tradeoff)
			continue;
		weighing->side[weighing->sides] = (struct weighed){.choice = &choices[i]};
		code = load_side(weighing, &weighing->side[weighing->sides++]);
	}
	return code == 0 ? share_memory(weighing) : code;
}

void
weighing_fini(struct weighing *weighing)
{
	for (size_t i = 0; i < weighing->sides; i++)
		scenario_fini(&weighing->side[i].scenario);
	scenario_fini(&weighing->scenario);
	if (weighing->result != NULL)
		munmap(weighing->result, sizeof(*weighing->result));
	scratch_fini(&weighing->scratch);
}

static void
name_folder(const struct weighing *weighing, size_t index, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%u-%zu", weighing->scratch.path, weighing->rounds + 1, index);
}

static int
play_one(void *context, size_t index, unsigned lane)
{
	struct weighing *weighing = context;
	char folder[PATH_MAX];
	struct trial trial = {.base = &weighing->side[index].scenario,
	                      .wanted_state = RUN_DONE,
	                      .plain = true,
	                      .folder = folder,
	                      .result = weighing->result};

	name_folder(weighing, index, folder);
	return trial_play(&trial);
}

static bool
played_one(void *context, size_t index, unsigned lane, int code)
{
	struct weighing *weighing = context;
	struct weighed *side = &weighing->side[index];
	char folder[PATH_MAX];

	name_folder(weighing, index, folder);
	if (weighing->result->unlanded[0] != '\0' && ++side->tries < TRIES) {
		tree_remove(folder);
		return true;
	}
	weighed_add(side, weighing->result);
	if (side->failed[0] != '\0')
		scratch_keep(&weighing->scratch);
	else
		tree_remove(folder);
	return false;
}

int
weighing_play(struct weighing *weighing)
{
	int64_t began_ns = clock_now_ns();
	struct pool pool = {.count = weighing->sides,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = play_one,
	                    .done = played_one,
	                    .context = weighing};

	while (weighing->rounds < WEIGHING_ROUNDS &&
	       (weighing->rounds == 0 || clock_now_ns() < began_ns + WEIGHING_NS)) {
		int signal = 0;

		if (pool_run(&pool, &signal) < 0)
			return signal != 0 ? 128 + signal : EXIT_INTERNAL;
		weighing->rounds++;
	}
	weighing->took_ns = clock_now_ns() - began_ns;
	return 0;
}

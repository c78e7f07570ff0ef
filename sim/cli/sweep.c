/* SPDX-License-Identifier: ISC
 *
 * graveshift sweep: words into options.
 */
#include "sim/sweep/sweep.h"
#include "sim/cli/cli.h"
#include "sim/util/fail.h"

int
command_sweep(int argc, char **argv)
{
	struct options options;
	struct sweep_options sweep = {0};

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (!options_budget(&options, &sweep.budget_ns) || !options_jobs(&options, &sweep.jobs))
		return EXIT_USAGE;
	sweep.file = options.word[0];
	sweep.set = options.set;
	sweep.sets = options.sets;
	sweep.points = options.points;
	sweep.pairs = options.pairs;
	return sweep_run(&sweep);
}

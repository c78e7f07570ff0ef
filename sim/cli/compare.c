/* SPDX-License-Identifier: ISC
 *
 * graveshift compare: words into options, and whose they are.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/compare/compare.h"
#include "sim/scenario/scenario.h"
#include "sim/tradeoff/tradeoff.h"
#include "sim/util/fail.h"

/* What is wrong with a file is told by who plays it. */
static bool
is_stream(const struct compare_options *compare)
{
	char *said = NULL;
	size_t length;
	FILE *errors = open_memstream(&said, &length);
	struct scenario scenario = {.path = NULL};
	bool stream = false;

	if (errors == NULL)
		return false;
	if (scenario_load(&scenario, compare->file, compare->set, compare->sets, errors) == 0) {
		stream = scenario.job.kind == JOB_STREAM;
		scenario_fini(&scenario);
	}
	fclose(errors);
	free(said);
	return stream;
}

int
command_compare(int argc, char **argv)
{
	struct compare_options compare = {0};
	struct options options;

	if (!options_read(&options, argc, argv) || !options_jobs(&options, &compare.jobs))
		return EXIT_USAGE;
	if (options.faults != NULL && strcmp(options.faults, "grid") != 0) {
		complain("compare: --faults %s: there is only grid", options.faults);
		return EXIT_USAGE;
	}
	if (options.csv != NULL && options.html != NULL && strcmp(options.csv, "-") == 0 &&
	    strcmp(options.html, "-") == 0) {
		complain("compare: only one of --csv and --html can go to standard output");
		return EXIT_USAGE;
	}
	compare.file = options.word[0];
	compare.set = options.set;
	compare.sets = options.sets;
	compare.strategies = options.strategies;
	compare.grid = options.faults != NULL;
	compare.csv = options.csv;
	compare.html = options.html;
	return is_stream(&compare) ? tradeoff_run(&compare) : compare_run(&compare);
}

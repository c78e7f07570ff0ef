/* SPDX-License-Identifier: ISC
 *
 * graveshift fuzz: words into options.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/fuzz/fuzz.h"
#include "sim/scenario/units.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

static bool
read_seeds(const char *text, struct fuzz_options *fuzz)
{
	const char *dots = strstr(text, "..");
	char first[32];

	if (dots != NULL && (size_t)(dots - text) < sizeof(first)) {
		strlcpy(first, text, (size_t)(dots - text) + 1);
		if (unit_parse(unit_none, first, &fuzz->first) == UNIT_OK &&
		    unit_parse(unit_none, dots + 2, &fuzz->last) == UNIT_OK &&
		    fuzz->first <= fuzz->last && fuzz->last <= INT64_MAX)
			return true;
	}
	complain("--seeds %s: give a range such as 1..1000, up to %" PRId64, text, INT64_MAX);
	return false;
}

int
command_fuzz(int argc, char **argv)
{
	struct options options;
	struct fuzz_options fuzz = {.first = 1, .last = 1000};

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (!options_budget(&options, &fuzz.budget_ns) || !options_jobs(&options, &fuzz.jobs) ||
	    (options.seeds != NULL && !read_seeds(options.seeds, &fuzz)))
		return EXIT_USAGE;
	fuzz.file = options.words == 1 ? options.word[0] : NULL;
	fuzz.set = options.set;
	fuzz.sets = options.sets;
	if (fuzz.file == NULL && options.sets > 0) {
		complain("--set overrides what a scenario says: name one");
		return EXIT_USAGE;
	}
	return fuzz_run(&fuzz);
}

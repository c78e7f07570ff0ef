/* SPDX-License-Identifier: ISC
 *
 * graveshift torture: words into options.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/scenario/units.h"
#include "sim/torture/torture.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define LIMIT_USUAL_NS (60 * NS_PER_S)

static bool
read_limit(const struct options *options, int64_t *limit_ns)
{
	char message[160];
	uint64_t value = LIMIT_USUAL_NS;
	enum unit_error error =
	    options->limit == NULL ? UNIT_OK : unit_parse(unit_durations, options->limit, &value);

	if (error == UNIT_OK && value > 0 && value < INT64_MAX / 2) {
		*limit_ns = (int64_t)value;
		return true;
	}
	complain("--limit %s: %s", options->limit,
	         error == UNIT_OK ? "give a longer time"
	                          : unit_explain(unit_durations, error, options->limit, message,
	                                         sizeof(message)));
	return false;
}

static bool
read_seed(const struct options *options, uint64_t *seed)
{
	const char *text = strchr(options->seed, '=');

	*seed = 0;
	if (text == NULL || unit_parse(unit_none, text + 1, seed) == UNIT_OK)
		return true;
	complain("--seed %s: give a whole number", text + 1);
	return false;
}

static bool
read_power(const struct options *options, enum power_model *model)
{
	static const char *const names[] = {
	    [POWER_NONE] = NULL, [POWER_EXT4] = "ext4", [POWER_POSIX] = "posix"};

	*model = options->power == NULL ? POWER_NONE : POWER_EXT4;
	if (options->power == NULL || options->power[0] == '\0')
		return true;
	for (int i = POWER_EXT4; i <= POWER_POSIX; i++)
		if (strcmp(options->power, names[i]) == 0) {
			*model = (enum power_model)i;
			return true;
		}
	complain("--power=%s: it is ext4 or posix", options->power);
	return false;
}

static unsigned
count(const char *const *texts)
{
	unsigned texts_count = 0;

	while (texts[texts_count] != NULL)
		texts_count++;
	return texts_count;
}

static bool
read_torture(const struct options *options, struct torture_options *torture)
{
	torture->command = (char *const *)options->word + 1;
	torture->work = options->work;
	torture->works = count(options->work);
	torture->setup = options->setup;
	torture->check = options->check;
	torture->recover = options->recover;
	torture->same = options->same;
	torture->all = options->all;
	torture->pid_reuse = options->pid_reuse;
	torture->real_kill = options->real_kill;
	torture->one_process = options->one_process;
	torture->again = options->kill_again;
	torture->tap = options->tap;
	torture->save = options->save;
	torture->html = options->html;
	return options_budget(options, &torture->budget_ns) &&
	       options_jobs(options, &torture->jobs) && read_limit(options, &torture->limit_ns) &&
	       read_seed(options, &torture->seed) && read_power(options, &torture->power);
}

/* Words of which there must be so many behind the first. */
static bool
has_words(const struct options *options, size_t wanted, const char *what)
{
	if (options->words == wanted + 1)
		return true;
	complain("torture %s: give %s", options->word[0], what);
	return false;
}

int
command_torture(int argc, char **argv)
{
	struct options options;
	struct torture_options torture = {0};
	const char *what;

	if (!options_read(&options, argc, argv) || !read_torture(&options, &torture))
		return EXIT_USAGE;
	what = options.word[0];
	if (strcmp(what, "replay") == 0)
		return has_words(&options, 1, "the folder of a case")
		           ? torture_replay(options.word[1], options.shell)
		           : EXIT_USAGE;
	if (strcmp(what, "keep") == 0)
		return has_words(&options, 2, "the folder of a case and a new one")
		           ? torture_keep(options.word[1], options.word[2])
		           : EXIT_USAGE;
	if (strcmp(what, "run") != 0 && strcmp(what, "list") != 0) {
		complain("torture %s: it is run, list, replay or keep", what);
		return EXIT_USAGE;
	}
	if (options.words < 2) {
		complain("torture %s: give the command behind --", what);
		return EXIT_USAGE;
	}
	return what[0] == 'r' ? torture_run(&torture) : torture_list(&torture);
}

/* SPDX-License-Identifier: ISC
 *
 * graveshift learn: words into calls.
 */
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/learn/learn.h"
#include "sim/scenario/units.h"
#include "sim/util/fail.h"

struct verb {
	const char *name;
	size_t least, most; /* words behind it */
	learn_command *run;
	const char *wanted;
};

static const struct verb verbs[] = {
    {"list", 0, 0, learn_list, "nothing more"},
    {"start", 1, 2, learn_start, "the number or name of a lesson, and perhaps a folder"},
    {"check", 0, 0, learn_check, "nothing more"},
    {"predict", 1, 8, learn_predict, "your answer"},
    {"watch", 0, 0, learn_watch, "nothing more"},
    {"hint", 0, 0, learn_hint, "nothing more"},
    {"reset", 0, 0, learn_reset, "nothing more"},
    {"solution", 0, 0, learn_solution, "nothing more"},
    {"status", 0, 0, learn_status, "nothing more"},
    {"export", 1, 1, learn_export, "a folder"},
    {"grade", 1, SIZE_MAX, learn_grade, "the folders that were handed in"},
};

/* --seed; NULL: it was not said.  False after saying what is wrong. */
static bool
read_seed(const struct options *options, uint64_t *value, const uint64_t **seed)
{
	const char *text = strchr(options->seed, '=');

	*seed = text != NULL ? value : NULL;
	if (text == NULL || unit_parse(unit_none, text + 1, value) == UNIT_OK)
		return true;
	complain("--seed %s: give a whole number", text + 1);
	return false;
}

static int
refuse(const char *what)
{
	char names[256] = "";

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		strlcat(names, i > 0 ? ", " : "", sizeof(names));
		strlcat(names, verbs[i].name, sizeof(names));
	}
	complain("learn %s: it is one of %s", what, names);
	return EXIT_USAGE;
}

int
command_learn(int argc, char **argv)
{
	struct learn_words words = {0};
	struct options options;
	uint64_t seed;

	if (!options_read(&options, argc, argv) || !read_seed(&options, &seed, &words.seed))
		return EXIT_USAGE;
	if (options.words == 0)
		return learn_status(&words);
	words.word = options.word + 1;
	words.count = options.words - 1;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct verb *verb = &verbs[i];
		if (strcmp(verb->name, options.word[0]) != 0)
			continue;
		if (words.count >= verb->least && words.count <= verb->most)
			return verb->run(&words);
		complain("learn %s: give %s", verb->name, verb->wanted);
		return EXIT_USAGE;
	}
	return refuse(options.word[0]);
}

/* SPDX-License-Identifier: ISC
 *
 * Reading the words behind a command, by the tables of commands and options.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "sim/cli/cli.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/units.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

_Static_assert(OPTIONS <= 64, "a command's options are the bits of a number");

#define FIRST_VALUE 256 /* above every letter, and the marks of getopt */

/* What getopt_long wants to know. */
struct names {
	struct option option[OPTIONS + 1];
	size_t count, used;
	char letters[1 + 2 * OPTIONS + 1];
};

static bool
is_named(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->option[i].name, name) == 0)
			return true;
	return false;
}

static void
add_name(struct names *names, int number)
{
	const struct option_row *row = &option_rows[number];
	struct option *option = &names->option[names->count];
	bool value = row->value != NULL;

	if (is_named(names, row->name))
		return;
	names->count++;
	option->name = row->name;
	option->has_arg = row->kind == OPTION_MAYBE ? optional_argument
	                  : value                   ? required_argument
	                                            : no_argument;
	option->val = FIRST_VALUE + number;
	if (row->letter != 0)
		names->letters[names->used++] = row->letter;
	if (row->letter != 0 && value)
		names->letters[names->used++] = ':';
}

/* The command's own come first, for another one's may have the same name. */
static void
names_init(struct names *names, const struct command *command)
{
	memset(names, 0, sizeof(*names));
	/* A value that is missing is told from an unknown option. */
	names->letters[names->used++] = ':';
	for (int i = 0; i < OPTIONS; i++)
		if ((command->options & UINT64_C(1) << i) != 0)
			add_name(names, i);
	for (int i = 0; i < OPTIONS; i++)
		add_name(names, i);
}

static int
number_of(int value)
{
	for (int i = 0; value < FIRST_VALUE && i < OPTIONS; i++)
		if (option_rows[i].letter == value)
			return i;
	return value - FIRST_VALUE;
}

static bool
add_set(struct options *options, const char *text)
{
	if (options->sets == OPTION_SETS_MAX) {
		complain("more than %d --set", OPTION_SETS_MAX);
		return false;
	}
	options->set[options->sets++] = text;
	return true;
}

static bool
add_text(const char **texts, const struct option_row *row, const char *text)
{
	size_t count = 0;

	while (texts[count] != NULL)
		count++;
	if (count == OPTION_TEXTS_MAX) {
		complain("more than %d --%s", OPTION_TEXTS_MAX, row->name);
		return false;
	}
	texts[count] = text;
	return true;
}

static bool
keep(struct options *options, const struct option_row *row, const char *value)
{
	char *field = (char *)options + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_TEXT:
	case OPTION_MAYBE:
		*(const char **)field = value != NULL ? value : "";
		break;
	case OPTION_TEXTS:
		return add_text((const char **)field, row, value);
	case OPTION_OVERRIDE:
		snprintf(field, OPTION_OVERRIDE_SIZE, "%s=%s", row->name, value);
		return add_set(options, field);
	case OPTION_OVERRIDES:
		return add_set(options, value);
	}
	return true;
}

/* With the word as it was typed, or the name of an option that only other commands have. */
static void
complain_unknown(const struct command *command, const char *dashes, const char *word)
{
	char guessed[80];
	struct guess guess;

	guess_init(&guess, word + strspn(word, "-"));
	for (int i = 0; i < OPTIONS; i++)
		if ((command->options & UINT64_C(1) << i) != 0)
			guess_try(&guess, option_rows[i].name);
	complain("%s: %s%s is no option of this command%s", command->name, dashes, word,
	         guess_text(&guess, guessed, sizeof(guessed)));
}

static bool
read_options(struct options *options, const struct command *command, int argc, char **argv,
             uint64_t *given)
{
	struct names names;
	int value;

	names_init(&names, command);
	optind = 0; /* getopt starts over */
	opterr = 0;
	while ((value = getopt_long(argc, argv, names.letters, names.option, NULL)) != -1) {
		const char *word = argv[optind > 0 && optind <= argc ? optind - 1 : 0];
		int number;
		if (value == ':') {
			complain("%s: %s needs its value", command->name, word);
			return false;
		}
		if (value == '?') {
			complain_unknown(command, "", word);
			return false;
		}
		number = number_of(value);
		if ((command->options & UINT64_C(1) << number) == 0) {
			complain_unknown(command, "--", option_rows[number].name);
			return false;
		}
		*given |= UINT64_C(1) << number;
		if (!keep(options, &option_rows[number], optarg))
			return false;
	}
	return true;
}

static bool
has_required(const struct command *command, uint64_t given)
{
	char text[64];

	for (int i = 0; i < OPTIONS; i++) {
		if ((command->required & ~given & UINT64_C(1) << i) == 0)
			continue;
		complain("%s: %s is missing: %s", command->name,
		         option_text(&option_rows[i], text, sizeof(text)), option_rows[i].meaning);
		return false;
	}
	return true;
}

/* How many words stand behind the command, by what its line says. */
static void
count_words(const char *words, size_t *min, size_t *max)
{
	*min = *max = 0;
	while (*words != '\0') {
		size_t length = strcspn(words, " ");
		bool many = length > 3 && strncmp(words + length - 3, "...", 3) == 0;
		*min += words[0] != '[';
		*max = many ? SIZE_MAX : *max + 1;
		words += length + strspn(words + length, " ");
	}
}

static bool
take_words(struct options *options, const struct command *command, int argc, char **argv)
{
	size_t min, max;

	count_words(command->words, &min, &max);
	options->word = (const char **)(argv + optind);
	options->words = (size_t)(argc - optind);
	if (options->words < min)
		complain("%s: something is missing: %s", command->name, command->words);
	else if (options->words > max)
		complain("%s: one word too many: %s", command->name, options->word[max]);
	return options->words >= min && options->words <= max;
}

/* Negative numbers at the end are words, though they look like options: scale RUN -1. */
static int
count_numbers(int argc, char **argv)
{
	int count = 0;

	while (count < argc - 1 && argv[argc - 1 - count][0] == '-' &&
	       isdigit((unsigned char)argv[argc - 1 - count][1]))
		count++;
	return count;
}

bool
options_read(struct options *options, int argc, char **argv)
{
	const struct command *command = command_find(argv[0]);
	uint64_t given = 0;
	int numbers = count_numbers(argc, argv);

	CHECK(command != NULL);
	memset(options, 0, sizeof(*options));
	if (read_options(options, command, argc - numbers, argv, &given) &&
	    take_words(options, command, argc, argv) && has_required(command, given))
		return true;
	usage_print(command, stderr);
	return false;
}

bool
options_budget(const struct options *options, int64_t *budget_ns)
{
	char message[160];
	uint64_t value = INT64_MAX;
	enum unit_error error =
	    options->budget == NULL ? UNIT_OK : unit_parse(unit_durations, options->budget, &value);

	if (error != UNIT_OK)
		complain("--budget: %s", unit_explain(unit_durations, error, options->budget,
		                                      message, sizeof(message)));
	*budget_ns = (int64_t)value;
	return error == UNIT_OK;
}

bool
options_at(const struct options *options, int64_t *at_ns)
{
	char message[160];
	uint64_t value = 0;
	enum unit_error error = unit_parse(unit_durations, options->at, &value);

	if (error == UNIT_OK && value < INT64_MAX) {
		*at_ns = (int64_t)value;
		return true;
	}
	complain("--at: %s",
	         unit_explain(unit_durations, error, options->at, message, sizeof(message)));
	return false;
}

bool
options_jobs(const struct options *options, unsigned *jobs)
{
	const char *wrong = NULL;

	*jobs = options->jobs == NULL ? pool_jobs_default()
	                              : (unsigned)strtonum(options->jobs, 1, POOL_JOBS_MAX, &wrong);
	if (wrong != NULL)
		complain("--jobs %s: give a number from 1 to %d", options->jobs, POOL_JOBS_MAX);
	return wrong == NULL;
}

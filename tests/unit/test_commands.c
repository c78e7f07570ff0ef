/* SPDX-License-Identifier: ISC
 *
 * The tables of commands and options fit each other, and are what the commands' words are read by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/cli/cli.h"
#include "sim/scenario/keys.h"

#define WORDS_MAX 16

/* A line as the shell would split it, with the command in front; no quotes. */
static bool
reads(struct options *options, const char *command, const char *line)
{
	static char text[256];
	char *words[WORDS_MAX + 2] = {(char *)command}, *rest = text, *word;
	int count = 1;

	strlcpy(text, line, sizeof(text));
	/* What stands in quotes is one word. */
	while (rest != NULL) {
		bool quoted = rest[0] == '\'';
		rest += quoted;
		word = strsep(&rest, quoted ? "'" : " ");
		if (*word != '\0' && count < WORDS_MAX)
			words[count++] = word;
	}
	return options_read(options, count, words);
}

static void
test_every_option_is_some_commands(void **state)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < command_count; i++)
		taken |= commands[i].options;
	for (int i = 0; i < OPTIONS; i++) {
		if ((taken & UINT64_C(1) << i) == 0)
			fail_msg("no command takes --%s", option_rows[i].name);
		assert_true((option_rows[i].kind == OPTION_FLAG) == (option_rows[i].value == NULL));
	}
}

/* Two options may have one name if no command takes both. */
static bool
are_taken_together(int i, int j)
{
	for (size_t command = 0; command < command_count; command++)
		if ((commands[command].options & UINT64_C(1) << i) != 0 &&
		    (commands[command].options & UINT64_C(1) << j) != 0)
			return true;
	return false;
}

static void
test_names_are_different(void **state)
{
	for (size_t i = 0; i < command_count; i++)
		assert_ptr_equal(command_find(commands[i].name), &commands[i]);
	for (int i = 0; i < OPTIONS; i++)
		for (int j = 0; j < i; j++) {
			if (are_taken_together(i, j))
				assert_string_not_equal(option_rows[i].name, option_rows[j].name);
			if (option_rows[i].letter != 0)
				assert_int_not_equal(option_rows[i].letter, option_rows[j].letter);
		}
}

static void
test_examples_are_taken(void **state)
{
	struct options options;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		assert_non_null(command->example[0].what);
		for (size_t j = 0; j < COMMAND_EXAMPLES_MAX && command->example[j].what; j++)
			if (!reads(&options, command->name, command->example[j].words))
				fail_msg("%s %s", command->name, command->example[j].words);
	}
}

static void
test_values_of_overrides_are_the_scenarios(void **state)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct key *key;
		if (option_rows[i].kind != OPTION_OVERRIDE)
			continue;
		key = key_find("", option_rows[i].name);
		assert_non_null(key);
		if (key->words != NULL)
			assert_string_equal(option_rows[i].value, key->words);
	}
}

static void
test_what_is_kept(void **state)
{
	struct options options;

	assert_true(
	    reads(&options, "run", "--set a=b x.yaml --seed 7 -q --json --trace - --set c=d"));
	assert_int_equal(options.words, 1);
	assert_string_equal(options.word[0], "x.yaml");
	assert_int_equal(options.sets, 3);
	assert_string_equal(options.set[0], "a=b");
	assert_string_equal(options.set[1], "seed=7");
	assert_string_equal(options.set[2], "c=d");
	assert_true(options.quiet && options.json && !options.control && !options.audit);
	assert_string_equal(options.trace, "-");
	assert_null(options.run_dir);
	assert_true(reads(&options, "generate", "weblog -ofile --records=5"));
	assert_string_equal(options.output, "file");
	assert_string_equal(options.records, "5");
	assert_true(reads(&options, "torture", "run -w a --work b -c 'x y' -- d -e --same"));
	assert_string_equal(options.work[0], "a");
	assert_string_equal(options.work[1], "b");
	assert_null(options.work[2]);
	assert_string_equal(options.check, "x y");
	assert_null(options.same[0]);
	assert_int_equal(options.words, 4);
	assert_string_equal(options.word[3], "--same");
	assert_true(reads(&options, "check", "a b c d"));
	assert_int_equal(options.words, 4);
	assert_true(reads(&options, "fuzz", ""));
	assert_int_equal(options.words, 0);
}

static void
test_what_is_refused(void **state)
{
	static const struct {
		const char *command, *line, *why;
	} cases[] = {
	    {"run", "", "a word is missing"},
	    {"run", "a b", "a word too many"},
	    {"points", "a", "no word is taken"},
	    {"fuzz", "a b", "only one may be there"},
	    {"check", "", "one must be there"},
	    {"run", "a --follow", "an option of another command"},
	    {"run", "a -o b", "a letter of another command"},
	    {"run", "a --nonsense", "no option at all"},
	    {"run", "a -z", "no letter at all"},
	    {"run", "a --trace", "a value is missing"},
	    {"generate", "sales --records 5 -o", "a letter's value is missing"},
	    {"run", "a --json=yes", "a value that is not taken"},
	    {"generate", "sales --records 5", "a required option is missing"},
	    {"worker", "", "the only one that is required is missing"},
	};
	struct options options;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (reads(&options, cases[i].command, cases[i].line))
			fail_msg("taken, although %s: %s %s", cases[i].why, cases[i].command,
			         cases[i].line);
}

static void
test_overrides_have_a_bound(void **state)
{
	static char set[] = "--set", value[] = "a=b", file[] = "x.yaml", run[] = "run";
	char *words[2 + 2 * (OPTION_SETS_MAX + 1)] = {run, file};
	struct options options;
	int count = 2;

	for (int i = 0; i < OPTION_SETS_MAX; i++) {
		words[count++] = set;
		words[count++] = value;
	}
	assert_true(options_read(&options, count, words));
	assert_int_equal(options.sets, OPTION_SETS_MAX);
	words[0] = run;
	words[count++] = set;
	words[count++] = value;
	assert_false(options_read(&options, count, words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_option_is_some_commands),
	    cmocka_unit_test(test_names_are_different),
	    cmocka_unit_test(test_examples_are_taken),
	    cmocka_unit_test(test_values_of_overrides_are_the_scenarios),
	    cmocka_unit_test(test_what_is_kept),
	    cmocka_unit_test(test_what_is_refused),
	    cmocka_unit_test(test_overrides_have_a_bound),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * What help, version and points print from tables.
 */
#include <jansson.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/fault/points.h"
#include "sim/scenario/guess.h"
#include "sim/util/fail.h"

#define VERSION "0.1.0"

static void
print_options(const struct command *command)
{
	char text[64];

	if (command->options != 0)
		printf("\n");
	for (unsigned i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];
		if ((command->options & UINT64_C(1) << i) == 0)
			continue;
		snprintf(text, sizeof(text), "--%s%s%s%s", row->name,
		         option_takes_word(row) ? " "
		         : row->value != NULL   ? "[="
		                                : "",
		         row->value != NULL ? row->value : "",
		         row->value != NULL && !option_takes_word(row) ? "]" : "");
		printf("  %c%c%c %-22s %s\n", row->letter != 0 ? '-' : ' ',
		       row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ',' : ' ', text,
		       row->meaning);
	}
}

static void
print_command(const struct command *command)
{
	usage_print(command, stdout);
	printf("\n  %s\n", command->summary);
	print_options(command);
	printf("\nfor example:\n");
	for (size_t i = 0; i < COMMAND_EXAMPLES_MAX && command->example[i].what != NULL; i++)
		printf("  graveshift %s%s%s\n      %s\n", command->name,
		       command->example[i].words[0] != '\0' ? " " : "", command->example[i].words,
		       command->example[i].what);
}

static void
print_commands(void)
{
	printf(
	    "graveshift: a chaos lab for batch jobs\n\n"
	    "  graveshift run scenarios/00-hello.yaml      a first run\n"
	    "  graveshift test scenarios                   every scenario, as TAP\n"
	    "  graveshift status latest                    what the last run has done\n"
	    "  graveshift help run                         one command's options and examples\n\n");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].summary);
	printf("\nRUN is a run directory, its name, or `latest`.  Exit codes: 0 all promises kept, "
	       "1 one broken,\n"
	       "2 bad usage or scenario, 3 inconclusive, 4 nothing selected, 5 a fault in "
	       "graveshift or below it.\n");
}

void
command_unknown(const char *name)
{
	char guessed[80];
	struct guess guess;

	guess_init(&guess, name);
	for (size_t i = 0; i < command_count; i++)
		guess_try(&guess, commands[i].name);
	complain("no command %s: `graveshift help` lists them%s", name,
	         guess_text(&guess, guessed, sizeof(guessed)));
}

int
command_help(int argc, char **argv)
{
	struct options options;
	const struct command *command;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (options.words == 0) {
		print_commands();
		return EXIT_MET;
	}
	command = command_find(options.word[0]);
	if (command == NULL) {
		command_unknown(options.word[0]);
		return EXIT_USAGE;
	}
	print_command(command);
	return EXIT_MET;
}

int
command_version(int argc, char **argv)
{
	struct options options;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	printf("graveshift %s\n", VERSION);
	return EXIT_MET;
}

static int
points_json(void)
{
	json_t *list = json_array();
	int failed = 0;

	for (unsigned i = 0; i < POINTS; i++)
		failed |= json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s}", "name", point_name(i), "process",
		                    point_process(i), "meaning", point_meaning(i)));
	if (failed == 0)
		failed = json_dumpf(list, stdout, JSON_INDENT(2));
	json_decref(list);
	if (failed != 0)
		return EXIT_INTERNAL;
	putchar('\n');
	return EXIT_MET;
}

int
command_points(int argc, char **argv)
{
	struct options options;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (options.json)
		return points_json();
	for (unsigned i = 0; i < POINTS; i++)
		printf("%-38s %-10s %s\n", point_name(i), point_process(i), point_meaning(i));
	return EXIT_MET;
}

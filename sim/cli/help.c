/* SPDX-License-Identifier: ISC
 *
 * The table of commands, and what help, version and points print from tables.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/fault/points.h"
#include "sim/util/fail.h"

#define VERSION "0.1.0"

const struct command commands[] = {
    {"run",
     "FILE [--run-dir DIR] [--set KEY=VALUE]... [--seed N] [--control] [--json] [-q] "
     "[--world real|virtual] [--trace FILE] [--audit]",
     "run a scenario and judge it", command_run},
    {"resume", "RUN [--json] [-q]", "go on with a run that was killed or stopped", command_resume},
    {"redrive", "RUN [--set KEY=VALUE]... [--json] [-q]",
     "try the dead letters of a failed run again", command_redrive},
    {"test", "PATH... [--set KEY=VALUE]... [--seed N] [--world real|virtual]",
     "run scenarios, one TAP point per promise", command_test},
    {"sweep",
     "FILE [--points GLOB] [--pairs] [--budget 60s] [--jobs N] [--set KEY=VALUE]... "
     "[--seed N]",
     "kill a run at every point it reaches, each time in a fresh run", command_sweep},
    {"fuzz", "[FILE] [--seeds 1..1000] [--budget 5m] [--jobs N] [--set KEY=VALUE]...",
     "draw runs from seeds and play them in the virtual world", command_fuzz},
    {"shrink",
     "RUN|FILE|SEED [-o FILE] [--budget 5m] [--set KEY=VALUE]... [--seed N] "
     "[--world real|virtual]",
     "make a failing run small, as a scenario file", command_shrink},
    {"check", "FILE... [--set KEY=VALUE]...", "read scenarios and name every error; run nothing",
     command_check},
    {"plan", "FILE [--set KEY=VALUE]... [--seed N]", "say what would happen; start nothing",
     command_plan},
    {"status", "RUN [--json]", "what is done, what is not, which records", command_status},
    {"log", "RUN [--json] [--follow] [--task N] [--slot wN] [--kind NAME]", "print the event log",
     command_log},
    {"worker", "--join RUN", "add a worker to a live run", command_worker},
    {"generate", "sales|weblog --records N [--seed S] [--bad K] -o FILE", "make up input",
     command_generate},
    {"points", "[--json]", "list the places at which faults can be injected", command_points},
    {"doctor", "[--json]", "which faults this host can do", command_doctor},
    {"help", "[COMMAND]", "this, or one command's usage", command_help},
    {"version", "", "the version", command_version},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

void
usage_print(const char *name)
{
	const struct command *command = find(name);

	if (command != NULL)
		fprintf(stderr, "usage: graveshift %s %s\n", command->name, command->arguments);
}

int
command_help(int argc, char **argv)
{
	if (argc == 2 && find(argv[1]) != NULL) {
		const struct command *command = find(argv[1]);
		printf("usage: graveshift %s %s\n\n  %s\n", command->name, command->arguments,
		       command->summary);
		return EXIT_MET;
	}
	if (argc > 1) {
		complain("no command %s; `graveshift help` lists them", argv[1]);
		return EXIT_USAGE;
	}
	printf("graveshift: a chaos lab for batch jobs\n\n"
	       "  graveshift run scenarios/00-hello.yaml      a first run\n"
	       "  graveshift test scenarios                   every scenario, as TAP\n"
	       "  graveshift status latest                    what the last run has done\n\n");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].summary);
	printf("\nRUN is a run directory, its name, or `latest`.  Exit codes: 0 all promises kept, "
	       "1 one broken,\n"
	       "2 bad usage or scenario, 3 inconclusive, 4 nothing selected, 5 a fault in "
	       "graveshift or below it.\n");
	return EXIT_MET;
}

int
command_version(int argc, char **argv)
{
	struct options options;

	if (!options_read(&options, argc, argv, 0, 0, 0))
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

	if (!options_read(&options, argc, argv, OPTION_JSON, 0, 0))
		return EXIT_USAGE;
	if (options.json)
		return points_json();
	for (unsigned i = 0; i < POINTS; i++)
		printf("%-38s %-10s %s\n", point_name(i), point_process(i), point_meaning(i));
	return EXIT_MET;
}

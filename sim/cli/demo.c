/* SPDX-License-Identifier: ISC
 *
 * graveshift demo: a shipped scenario, slowed by what scenarios have for it, and told while it goes
 * on.  The program carries the scenario with it, so that it needs nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/show.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "tui/screen/terminal.h"

#define DEMO_FILE "scenarios/11-nightly.yaml"

/* Whoever stops it and resumes it has one supervisor more. */
static const char *const changes[] = {"job.work=120ms", "expect[2].generations='>= 2'"};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

__asm__(".section .rodata\n"
        "demo_text:\n"
        ".incbin \"" DEMO_FILE "\"\n"
        "demo_text_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char demo_text[], demo_text_end[];

struct demo {
	struct run run;
	struct life life;
};

static int
live(void *context)
{
	struct demo *demo = context;

	return life_first(&demo->run, &demo->life);
}

/* What the person said comes last, and holds. */
static int
load(struct demo *demo, const struct options *options)
{
	const char *set[CHANGES + OPTION_SETS_MAX];
	size_t length;

	memcpy(set, changes, sizeof(changes));
	memcpy(set + CHANGES, options->set, options->sets * sizeof(set[0]));
	run_init(&demo->run);
	/* The linker puts the one behind the other. */
	/* cppcheck-suppress comparePointers */
	length = (size_t)(demo_text_end - demo_text);
	if (scenario_load_text(&demo->run.scenario, DEMO_FILE, demo_text, length, set,
	                       CHANGES + options->sets, stderr) != 0)
		return EXIT_USAGE;
	return life_prepare_loaded(&demo->run, options->run_dir);
}

static void
print_beginning(const struct run *run)
{
	printf("This is a real run of " DEMO_FILE ", with job.work set to %.0f ms for each chunk,\n"
	       "so that it can be watched. It is kept in %s.\n",
	       (double)run->scenario.job.task_ns / (double)NS_PER_MS, run->dir.path);
	fflush(stdout);
}

static void
print_next(const char *name, const char *path)
{
	static const char *const next[][2] = {
	    {"replay", "see it again, forward and back; ] goes from fault to fault"},
	    {"log", "every lease, commit, fence and fault; --kind fault, or --task 45"},
	    {"status", "what is done, and by whom"},
	    {"report", "the verdict again; --html demo.html is a page of it"}};

	printf("\nWhere to look next:\n");
	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++)
		printf("  graveshift %s %s\n      %s\n", next[i][0], name, next[i][1]);
	printf("  graveshift run " DEMO_FILE "\n      the same at full speed\n"
	       "  graveshift sweep scenarios/00-hello.yaml\n      a small job killed at every "
	       "point it reaches\n"
	       "  rm -r %s\n      gives the disk back what this run took\n",
	       path);
}

int
command_demo(int argc, char **argv)
{
	struct demo demo = {.life = {.output = OUTPUT_TEXT, .out = stdout}};
	struct options options;
	enum show_how how;
	int code;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	how = options.accessible ? SHOW_SENTENCES : show_is_possible() ? SHOW_SCREEN : SHOW_LINES;
	code = load(&demo, &options);
	if (code == 0) {
		print_beginning(&demo.run);
		code = show_beside(demo.run.dir.path, how, true, &demo.life, live, &demo);
		if (code == EXIT_MET || code == EXIT_UNMET || code == EXIT_INCONCLUSIVE)
			print_next(options.run_dir != NULL ? demo.run.dir.path : "latest",
			           demo.run.dir.path);
	}
	run_fini(&demo.run);
	return code;
}

/* SPDX-License-Identifier: ISC
 *
 * graveshift run, resume and redrive.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/control.h"
#include "sim/cli/dead.h"
#include "sim/cli/exclusive.h"
#include "sim/cli/life.h"
#include "sim/cli/look.h"
#include "sim/cli/player.h"
#include "sim/cli/show.h"
#include "sim/cli/torture_scenario.h"
#include "sim/cli/virtual.h"
#include "sim/process/run_power.h"
#include "sim/util/fail.h"

static struct life
life_of(const struct options *options)
{
	return (struct life){.output = options->json ? OUTPUT_JSON : OUTPUT_TEXT,
	                     .out = stdout,
	                     .quiet = options->quiet,
	                     .readonly = options->readonly};
}

/* What --progress asks for; *screen: the screen.  Without it there is a screen where there can be
 * one, unless the person wants quiet or JSON. */
static bool
read_progress(const struct options *options, struct life *life, bool *screen)
{
	const char *wanted = options->progress == NULL ? "auto" : options->progress;
	bool able = show_is_possible();

	*screen = strcmp(wanted, "tui") == 0 ||
	          (strcmp(wanted, "auto") == 0 && able && !options->quiet && !options->json);
	life->quiet |= strcmp(wanted, "none") == 0;
	life->lines = strcmp(wanted, "lines") == 0;
	if (*screen && !able) {
		complain("--progress tui: this is no terminal in the foreground that can show "
		         "screens");
		return false;
	}
	if (*screen || life->quiet || life->lines || strcmp(wanted, "auto") == 0)
		return true;
	complain("--progress %s: it is auto, tui, lines or none", wanted);
	return false;
}

/* A torture says TAP, and is no run that somebody could look at or join. */
static bool
fits_torture(const struct options *options, const struct life *life)
{
	if (options->trace == NULL && !options->audit && !options->again && !options->control &&
	    !options->readonly && life->output == OUTPUT_TEXT)
		return true;
	complain("a job of kind torture says TAP and keeps no run: it takes --set, --seed, "
	         "--run-dir, --progress none and --quiet alone");
	return false;
}

/* Options that mean nothing in that world are refused. */
static bool
fits_world(const struct options *options, enum player world)
{
	if (world == PLAYER_REAL && (options->trace != NULL || options->audit)) {
		complain("--trace and --audit belong to the virtual world: add --world virtual");
		return false;
	}
	if (world == PLAYER_VIRTUAL && options->again) {
		complain("--again belongs to the real world: no run of the virtual one is "
		         "exclusive");
		return false;
	}
	if (world == PLAYER_VIRTUAL && options->control) {
		complain("--control belongs to the real world: `graveshift fork` shows what a "
		         "fault changes in the virtual one");
		return false;
	}
	return true;
}

/* A run that is prepared, and how it is to be told. */
struct first {
	struct run *run;
	struct life *life;
	bool with_operator;
};

static int
live_first(void *context)
{
	struct first *first = context;

	return first->with_operator ? life_with_operator(first->run, first->life)
	                            : life_first(first->run, first->life);
}

struct next {
	const char *name;
	struct life *life;
};

static int
live_next(void *context)
{
	struct next *next = context;

	return life_next(next->name, next->life);
}

int
command_run(int argc, char **argv)
{
	struct options options;
	struct life life;
	struct run run;
	struct first first = {.run = &run, .life = &life};
	bool screen, complete;
	int code, player;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	life = life_of(&options);
	if (!read_progress(&options, &life, &screen))
		return EXIT_USAGE;
	player = player_wanted(options.word[0], &options);
	if (player == PLAYER_TORTURE)
		return fits_torture(&options, &life)
		           ? torture_scenario_play(options.word[0], &options, options.run_dir, NULL)
		           : EXIT_USAGE;
	if (player < 0 || !fits_world(&options, (enum player)player))
		return EXIT_USAGE;
	if (player == PLAYER_VIRTUAL)
		return virtual_play(options.word[0], &options, &life, true);
	life.again = options.again;
	code = life_prepare_job(&run, options.word[0], options.set, options.sets, options.run_dir,
	                        options.again, &complete);
	if (complete) {
		run_fini(&run);
		return code;
	}
	if (code == 0) {
		first.with_operator = options.control || life_needs_operator(&run.scenario);
		code = screen ? show_beside(run.dir.path, SHOW_SCREEN, false, &life, live_first,
		                            &first)
		              : live_first(&first);
	}
	if (code == EXIT_MET && options.control)
		code = control_compare(&run, &options);
	run_fini(&run);
	return code;
}

int
command_resume(int argc, char **argv)
{
	struct options options;
	struct life life;
	struct next next = {.life = &life};
	bool screen;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	life = life_of(&options);
	if (!read_progress(&options, &life, &screen))
		return EXIT_USAGE;
	next.name = options.word[0];
	return screen ? show_beside(next.name, SHOW_SCREEN, false, &life, live_next, &next)
	              : live_next(&next);
}

static int
reopen_run(struct run *run, const struct store_run *info)
{
	struct store *store;
	uint64_t tasks = 0;
	int error;

	if (info->state != RUN_FAILED) {
		complain("run %s has not failed: there is nothing to redrive%s", run->dir.path,
		         info->state == RUN_OPEN ? "; `graveshift resume` goes on" : "");
		return EXIT_USAGE;
	}
	/* The run's scenario with the overrides takes the old one's place. */
	if (run_scenario_write(run) != 0)
		return EXIT_INTERNAL;
	error = store_open(&store, run->db, run->scenario.durability, 2000);
	if (error == 0) {
		error = run->scenario.core.graph != NULL
		            ? store_graph_redrive(store, run->scenario.core.graph, &tasks)
		            : store_redrive(store, info->input, !run->scenario.job.durable, &tasks);
		store_close(store);
	}
	if (error != 0) {
		complain("cannot reopen %s: %s", run->dir.path, strerror(-error));
		return EXIT_INTERNAL;
	}
	point_reach(POINT_DIRECTOR_AFTER_REDRIVE);
	complain("%llu tasks are open", (unsigned long long)tasks);
	return 0;
}

static bool
refuses_stream(const struct run *run)
{
	bool refuses = !dead_can_be_redriven(&run->scenario.job);

	if (refuses)
		complain("what a stream job gave up cannot be done later, behind what came after "
		         "it: start a new run with a larger recovery.dead_letters.max");
	return refuses;
}

int
command_redrive(int argc, char **argv)
{
	struct options options;
	struct store_run info;
	struct life life;
	struct run run;
	char error[PATH_MAX + 256], holder[128];
	int code = EXIT_USAGE;

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	life = life_of(&options);
	run_init(&run);
	if (rundir_open(&run.dir, options.word[0], error, sizeof(error)) != 0) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	run.lock_fd = rundir_lock(&run.dir, 0, holder, sizeof(holder));
	if (run.lock_fd < 0)
		complain("run %s is held by %s", run.dir.path,
		         holder[0] != '\0' ? holder : strerror(-run.lock_fd));
	else if (run_load(&run, options.set, options.sets) == 0 &&
	         !look_refuses_virtual(&run, "redrive") && !refuses_stream(&run) &&
	         exclusive_resume(&run) == 0 && run_faults_early(&run) == 0 &&
	         run_power_restore(&run) == 0 && run_reopen(&run, &info, true) == 0)
		code = reopen_run(&run, &info);
	strlcpy(error, run.dir.path, sizeof(error));
	run_fini(&run);
	return code != 0 ? code : life_next(error, &life);
}

/* SPDX-License-Identifier: ISC
 *
 * A scenario into the options of a torture, which is played in a process of its own: it takes
 * namespaces that nobody comes out of again.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/torture_scenario.h"
#include "sim/rundir/rundir.h"
#include "sim/scenario/scenario.h"
#include "sim/torture/torture.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

struct scene {
	struct scenario scenario;
	struct torture_options options;
	char *command[SCENARIO_TEXTS_MAX + 1];
	const char *same[SCENARIO_TEXTS_MAX + 1];
	struct torture_expectation expect[SCENARIO_EXPECTATIONS_MAX];
	char cases[PATH_MAX], html[PATH_MAX];
	int code;
};

static void
set_expectations(struct scene *scene)
{
	for (size_t i = 0; i < scene->scenario.expectations; i++) {
		const struct expectation *from = &scene->scenario.expect[i];
		scene->expect[i] = (struct torture_expectation){
		    .of = from->what == EXPECT_EXPLORED ? TORTURE_EXPLORED
		          : from->what == EXPECT_LITTER ? TORTURE_LITTER
		                                        : TORTURE_UNSAFE,
		    .compare = from->compare,
		    .value = from->value,
		    .text = from->text,
		};
	}
}

static void
set_options(struct scene *scene, const char *folder, FILE *out)
{
	const struct scenario *scenario = &scene->scenario;
	const struct scenario_job *job = &scenario->job;
	bool is_part = out != NULL;

	memcpy(scene->command, job->command, sizeof(job->command));
	memcpy(scene->same, job->same, sizeof(job->same));
	scene->options = (struct torture_options){
	    .command = scene->command,
	    .work = (const char *const *)job->work_in,
	    .works = (unsigned)job->works_in,
	    .setup = job->setup,
	    .check = job->check,
	    .recover = job->recover,
	    .same = scene->same,
	    .jobs = scenario->core.workers,
	    .budget_ns = job->budget_ns > 0 ? job->budget_ns : INT64_MAX,
	    .all = job->all,
	    .again = job->again,
	    .one_process = job->one_process,
	    .real_kill = job->real_kill,
	    .pid_reuse = job->pid_reuse,
	    .power = (enum power_model)job->power,
	    .seed = scenario->seed,
	    .limit_ns = job->limit_ns < scenario->wall_ns ? job->limit_ns : scenario->wall_ns,
	    .wall_ns = scenario->wall_ns,
	    .save = folder != NULL ? scene->cases : NULL,
	    .html = folder != NULL ? scene->html : NULL,
	    .expect = scene->expect,
	    .expectations = scenario->expectations,
	    .out = out,
	    .name = is_part ? scenario->name : NULL,
	};
}

/* New, or empty; *made is its path from everywhere. */
static int
make_folder(const char *folder, char made[PATH_MAX])
{
	if ((mkdir(folder, 0700) != 0 &&
	     (errno != EEXIST || rmdir(folder) != 0 || mkdir(folder, 0700) != 0)) ||
	    realpath(folder, made) == NULL) {
		complain("cannot make %s: %s", folder, strerror(errno));
		return EXIT_USAGE;
	}
	return EXIT_MET;
}

static int
keep_scenario(const struct scenario *scenario, const char *folder)
{
	char path[PATH_MAX + 32];
	FILE *out;
	int error;

	snprintf(path, sizeof(path), "%s/%s", folder, RUN_SCENARIO);
	out = fopen(path, "wex");
	error = out == NULL ? -errno : scenario_print(scenario, out);
	if (out != NULL && fclose(out) != 0 && error == 0)
		error = -errno;
	if (error == 0)
		return EXIT_MET;
	complain("cannot write %s: %s", path, strerror(-error));
	return EXIT_INTERNAL;
}

static int
prepare(struct scene *scene, const char *folder)
{
	char made[PATH_MAX];
	int code = scenario_resolve_input(&scene->scenario) == 0 ? EXIT_MET : EXIT_USAGE;

	if (code != EXIT_MET || folder == NULL)
		return code;
	code = make_folder(folder, made);
	if (code == EXIT_MET &&
	    (snprintf(scene->cases, sizeof(scene->cases), "%s/cases", made) >= PATH_MAX ||
	     snprintf(scene->html, sizeof(scene->html), "%s/report.html", made) >= PATH_MAX)) {
		complain("%s: the path is too long", made);
		code = EXIT_USAGE;
	}
	return code == EXIT_MET ? keep_scenario(&scene->scenario, made) : code;
}

static int
play(void *context, size_t index, unsigned lane)
{
	struct scene *scene = context;
	const char *folder = scene->scenario.job.folder;

	if (chdir(folder) != 0) {
		complain("cannot enter %s: %s", folder, strerror(errno));
		return EXIT_USAGE;
	}
	return torture_run(&scene->options);
}

static bool
note_code(void *context, size_t index, unsigned lane, int code)
{
	struct scene *scene = context;

	scene->code = code;
	return false;
}

static int
play_apart(struct scene *scene)
{
	const struct pool pool = {.count = 1,
	                          .jobs = 1,
	                          .until_ns = INT64_MAX,
	                          .work = play,
	                          .done = note_code,
	                          .context = scene};
	int number = 0;
	int64_t played = pool_run(&pool, &number);

	if (number != 0)
		return 128 + number;
	if (played == 1 && scene->code < 128)
		return scene->code;
	complain("the torture was ended from outside, or by a fault of ours");
	return EXIT_INTERNAL;
}

int
torture_scenario_play(const char *file, const struct options *options, const char *folder,
                      FILE *out)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	int code = EXIT_USAGE;

	if (scene == NULL)
		return EXIT_INTERNAL;
	if (scenario_load(&scene->scenario, file, options->set, options->sets, stderr) == 0)
		code = prepare(scene, folder);
	if (code == EXIT_MET) {
		set_expectations(scene);
		set_options(scene, folder, out);
		code = play_apart(scene);
	}
	scenario_fini(&scene->scenario);
	free(scene);
	return code;
}

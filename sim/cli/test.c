/* SPDX-License-Identifier: ISC
 *
 * graveshift test: scenarios as a test suite.  TAP 13 on standard output, one point per promise;
 * each scenario runs in processes and a run directory of its own, which is removed when all its
 * points hold.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/life.h"
#include "sim/cli/player.h"
#include "sim/cli/repeat.h"
#include "sim/cli/torture_scenario.h"
#include "sim/cli/virtual.h"
#include "sim/util/fail.h"
#include "sim/util/scratch.h"
#include "sim/util/tree.h"

/* Folders of scenarios that are only run when they are named. */
static const struct {
	const char *name, *why;
} left_out[] = {{"servers", "it takes servers"},
                {"programs", "it takes programs"},
                {"lessons", "they are broken on purpose"}};

struct suite {
	const struct options *options;
	struct scratch scratch; /* for the run directories */
	unsigned next;          /* number of the next point */
	unsigned scenarios;
	int worst; /* exit code so far */
};

/* What outweighs what: a broken promise is known for certain, a fault of ours makes all the rest
 * doubtful. */
static int
worse(int a, int b)
{
	static const int order[] = {EXIT_MET, EXIT_INCONCLUSIVE, EXIT_UNMET, EXIT_USAGE,
	                            EXIT_INTERNAL};
	size_t rank_a = 0, rank_b = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i] == a)
			rank_a = i;
		if (order[i] == b)
			rank_b = i;
	}
	if (a >= 128 || b >= 128)
		return a >= 128 ? a : b;
	return rank_a > rank_b ? a : b;
}

/* Numbers the points that the processes of one scenario wrote. */
static unsigned
copy_points(FILE *from, unsigned *next)
{
	char *line = NULL;
	size_t room = 0;
	unsigned points = 0;

	rewind(from);
	while (getline(&line, &room, from) > 0) {
		unsigned number, shift = 0;
		int skip = 0;
		if (strncmp(line, "not ", 4) == 0)
			shift = 4;
		if (sscanf(line + shift, "ok %u%n", &number, &skip) == 1) {
			printf("%.*sok %u%s", (int)shift, line, (*next)++, line + shift + skip);
			points++;
		} else {
			fputs(line, stdout);
		}
	}
	free(line);
	fflush(stdout);
	return points;
}

static int
run_in_its_world(const struct options *options, struct run *run, const char *file, const char *path,
                 const struct life *life)
{
	int player = player_wanted(file, options), code;

	run_init(run);
	if (player < 0)
		return EXIT_USAGE;
	if (player == PLAYER_TORTURE)
		return torture_scenario_play(file, options, path, life->out);
	if (player == PLAYER_VIRTUAL)
		return virtual_play(file, options, life, false);
	code = life_prepare(run, file, options->set, options->sets, path);
	return code == 0 ? life_with_operator(run, life) : code;
}

static void
keep_run(struct suite *suite, const char *path)
{
	scratch_keep(&suite->scratch);
	printf("# run directory: %s\n", path);
}

/* One point more: the job is over, and is run again. */
static int
run_again(struct suite *suite, const char *path, const char *name, int code)
{
	char finding[PATH_MAX + 64];
	int again = repeat_play(path, code, finding, sizeof(finding));

	if (again == EXIT_INCONCLUSIVE)
		return code;
	printf("%s %u - %s: " AGAIN_PROMISE "\n", again == EXIT_MET ? "ok" : "not ok",
	       suite->next++, name);
	if (again == EXIT_UNMET)
		printf("# %s\n", finding);
	else if (again != EXIT_MET)
		printf("# exit code %d\n", again);
	fflush(stdout);
	return worse(code, again);
}

static void
run_one(struct suite *suite, const char *file)
{
	FILE *points = tmpfile();
	struct life life = {.output = OUTPUT_TAP, .out = points, .quiet = true};
	char path[PATH_MAX];
	struct run run;
	int code;

	suite->scenarios++;
	if (points == NULL) {
		complain("cannot make a temporary file: %s", strerror(errno));
		suite->worst = worse(suite->worst, EXIT_INTERNAL);
		return;
	}
	snprintf(path, sizeof(path), "%s/%u", suite->scratch.path, suite->scenarios);
	code = run_in_its_world(suite->options, &run, file, path, &life);
	if (copy_points(points, &suite->next) == 0 ||
	    (code != EXIT_MET && code != EXIT_UNMET && code != EXIT_INCONCLUSIVE))
		printf("not ok %u - %s: runs and is judged\n# exit code %d\n", suite->next++, file,
		       code);
	else if (run.dir.fd >= 0 && access(path, F_OK) == 0)
		code = run_again(suite, path, run.scenario.name, code);
	if (code == EXIT_MET)
		tree_remove(path);
	else if (access(path, F_OK) == 0)
		keep_run(suite, path);
	suite->worst = worse(suite->worst, code);
	run_fini(&run);
	fclose(points);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A signal is for all that is left to do, not for one scenario. */
static bool
is_stopped(const struct suite *suite)
{
	return suite->worst >= 128;
}

/* NULL: it is not. */
static const char *
why_left_out(const char *folder)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (strcmp(left_out[i].name, folder) == 0)
			return left_out[i].why;
	return NULL;
}

static int
run_path(struct suite *suite, const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	int error = 0;

	if (tree == NULL)
		return -errno;
	while (!is_stopped(suite) && (entry = fts_read(tree)) != NULL) {
		const char *suffix = strrchr(entry->fts_name, '.'), *why;
		if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR) {
			complain("cannot read %s: %s", entry->fts_path, strerror(entry->fts_errno));
			error = -entry->fts_errno;
		} else if (entry->fts_info == FTS_F &&
		           (entry->fts_level == 0 ||
		            (suffix != NULL && strcmp(suffix, ".yaml") == 0))) {
			run_one(suite, entry->fts_path);
		} else if (entry->fts_info == FTS_D && entry->fts_level > 0 &&
		           (why = why_left_out(entry->fts_name)) != NULL) {
			printf("# %s: left out, as %s; name it to run it\n", entry->fts_path, why);
			fts_set(tree, entry, FTS_SKIP);
		}
	}
	fts_close(tree);
	return error;
}

int
command_test(int argc, char **argv)
{
	struct options options;
	struct suite suite = {.options = &options, .next = 1};

	if (!options_read(&options, argc, argv))
		return EXIT_USAGE;
	if (scratch_init(&suite.scratch, "test") != 0)
		return EXIT_INTERNAL;
	printf("TAP version 13\n");
	for (size_t i = 0; i < options.words && !is_stopped(&suite); i++)
		if (run_path(&suite, options.word[i]) != 0)
			suite.worst = worse(suite.worst, EXIT_USAGE);
	if (is_stopped(&suite))
		printf("Bail out! stopped\n");
	else
		printf("1..%u\n", suite.next - 1);
	scratch_fini(&suite.scratch);
	if (suite.scenarios == 0 && suite.worst == EXIT_MET) {
		complain("no scenario (*.yaml) there");
		return EXIT_NOTHING;
	}
	return suite.worst;
}

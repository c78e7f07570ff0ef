/* SPDX-License-Identifier: ISC
 *
 * Everything up to the first run: which strategies, with which scenario, and one input for all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/compare/comparison.h"
#include "sim/job/made_input.h"
#include "sim/util/fail.h"

#define SETS_MAX 80

static bool
is_named(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (; *list != '\0'; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && strncmp(list, name, length) == 0)
			return true;
	return false;
}

static bool
is_known(const char *name, size_t length)
{
	for (unsigned id = 0; id < STRATEGY_IDS; id++)
		if (strlen(strategy_name(id)) == length &&
		    strncmp(strategy_name(id), name, length) == 0)
			return true;
	complain("--strategies: there is no strategy '%.*s'; there are:", (int)length, name);
	for (unsigned id = 0; id < STRATEGY_IDS; id++)
		complain("  %s", strategy_name(id));
	return false;
}

static int
choose(struct comparison *comparison)
{
	const char *list = comparison->options->strategies;
	bool all = list == NULL || strcmp(list, "all") == 0;

	for (const char *name = list; !all && *name != '\0';) {
		size_t length = strcspn(name, ",");
		if (!is_known(name, length))
			return EXIT_USAGE;
		name += length + (name[length] == ',');
	}
	for (unsigned id = 0; id < STRATEGY_IDS; id++)
		if (all || is_named(list, strategy_name(id)))
			comparison->side[comparison->sides++] =
			    (struct side){.strategy = id, .code = code_size_of(id)};
	if (comparison->sides > 0)
		return 0;
	complain("--strategies names none");
	return EXIT_USAGE;
}

/* The file as it is, so that its mistakes are told once. */
static int
load_file(struct comparison *comparison)
{
	const struct compare_options *options = comparison->options;

	if (scenario_load(&comparison->scenario, options->file, options->set, options->sets,
	                  stderr) != 0)
		return EXIT_USAGE;
	if (comparison->scenario.job.kind != JOB_ETL || comparison->scenario.world != WORLD_REAL) {
		complain("%s: only jobs of kind etl in the real world have a choice of strategies",
		         options->file);
		return EXIT_USAGE;
	}
	if (comparison->scenario.verdict != VERDICT_FULL) {
		complain("%s: without 'verdict: full' nobody knows what was lost", options->file);
		return EXIT_USAGE;
	}
	if (options->grid && comparison->scenario.faults > SCENARIO_FAULTS_MAX - 2) {
		complain("%s has %zu faults; the grid needs room for one of its own, of %d",
		         options->file, comparison->scenario.faults, SCENARIO_FAULTS_MAX);
		return EXIT_USAGE;
	}
	return 0;
}

static bool
grows(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].what == FAULT_GROW)
			return true;
	return false;
}

/* Once, in the comparison's own folder: each run reads the same bytes.  What grows meanwhile is
 * each run's own. */
static int
make_input(struct comparison *comparison)
{
	const struct scenario *scenario = &comparison->scenario;
	int fd, error;

	if (scenario_generated(&scenario->job) == 0 || grows(scenario))
		return 0;
	snprintf(comparison->input, sizeof(comparison->input), "%s/input.csv",
	         comparison->scratch.path);
	fd = open(comparison->input, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("cannot make %s: %s", comparison->input, strerror(errno));
		return EXIT_INTERNAL;
	}
	error = made_input_write(scenario, fd);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error != 0)
		complain("cannot write %s: %s", comparison->input, strerror(-error));
	return error == 0 ? 0 : EXIT_INTERNAL;
}

/* Its first line, without the place and what stands behind. */
static void
note_refusal(struct side *side, const char *said)
{
	const char *problem = strstr(said, "error: ");

	problem = problem != NULL ? problem + strlen("error: ") : said;
	snprintf(side->refused, sizeof(side->refused), "%.*s", (int)strcspn(problem, "\n"),
	         problem);
	if (side->refused[0] == '\0')
		strlcpy(side->refused, "the scenario cannot be read", sizeof(side->refused));
}

/* What the file expects is meant for its own strategy: here only the ledger's word counts. */
static int
load_side(struct comparison *comparison, struct side *side)
{
	const struct compare_options *options = comparison->options;
	const char *set[SETS_MAX];
	char strategy[64], *said = NULL;
	size_t sets = 0, length;
	FILE *errors = open_memstream(&said, &length);

	if (errors == NULL)
		return EXIT_INTERNAL;
	for (; sets < options->sets && sets < SETS_MAX - 2; sets++)
		set[sets] = options->set[sets];
	snprintf(strategy, sizeof(strategy), "recovery.strategy=%s", strategy_name(side->strategy));
	set[sets++] = strategy;
	set[sets++] = "expect=[{job: done}]";
	side->loaded = scenario_load(&side->scenario, options->file, set, sets, errors) == 0;
	if (fclose(errors) == 0 && !side->loaded)
		note_refusal(side, said);
	free(said);
	return 0;
}

static int
give_input(const struct comparison *comparison, struct side *side)
{
	if (!side->loaded)
		return 0;
	if (comparison->input[0] == '\0')
		return scenario_resolve_input(&side->scenario) == 0 ? 0 : EXIT_USAGE;
	side->scenario.job.generate_sales = side->scenario.job.generate_events = 0;
	side->scenario.job.generate_late = side->scenario.job.generate_bad = 0;
	side->scenario.job.input = strdup(comparison->input);
	return side->scenario.job.input != NULL ? 0 : EXIT_INTERNAL;
}

/* A strategy that was asked for by name must be able to. */
static int
load_sides(struct comparison *comparison)
{
	const char *list = comparison->options->strategies;
	bool any = false;

	for (size_t i = 0; i < comparison->sides; i++) {
		struct side *side = &comparison->side[i];
		int code = load_side(comparison, side);

		if (code == 0)
			code = give_input(comparison, side);
		if (code != 0)
			return code;
		any |= side->loaded;
		if (!side->loaded && list != NULL && strcmp(list, "all") != 0) {
			complain("%s: %s", strategy_name(side->strategy), side->refused);
			return EXIT_USAGE;
		}
	}
	if (!any)
		complain("%s: no strategy can play this", comparison->options->file);
	return any ? 0 : EXIT_USAGE;
}

static int
share_memory(struct comparison *comparison)
{
	void *memory = mmap(NULL, comparison->options->jobs * sizeof(*comparison->played),
	                    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		complain("no memory: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	comparison->played = memory;
	return 0;
}

int
comparison_init(struct comparison *comparison, const struct compare_options *options)
{
	int code;

	comparison->options = options;
	code = choose(comparison);
	if (code == 0)
		code = load_file(comparison);
	if (code == 0)
		code = share_memory(comparison);
	if (code == 0 && scratch_init(&comparison->scratch, "compare") != 0)
		code = EXIT_INTERNAL;
	if (code == 0)
		code = make_input(comparison);
	return code == 0 ? load_sides(comparison) : code;
}

void
comparison_fini(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->sides; i++)
		scenario_fini(&comparison->side[i].scenario);
	scenario_fini(&comparison->scenario);
	if (comparison->played != NULL)
		munmap(comparison->played, comparison->options->jobs * sizeof(*comparison->played));
	scratch_fini(&comparison->scratch);
}

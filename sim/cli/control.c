/* SPDX-License-Identifier: ISC
 *
 * The control run and what is compared.
 */
#include <stdio.h>
#include <string.h>

#include "sim/cli/control.h"
#include "sim/cli/life.h"
#include "sim/util/fail.h"

static int
facts_of(const char *path, struct facts *facts)
{
	struct run run;
	struct store_run info;
	char error[PATH_MAX + 256];
	int failed;

	run_init(&run);
	failed = rundir_open(&run.dir, path, error, sizeof(error));
	if (failed == 0)
		failed = run_load(&run, NULL, 0);
	if (failed == 0)
		failed = run_reopen(&run, &info, false);
	if (failed == 0)
		failed = facts_gather(facts, &run);
	run_fini(&run);
	return failed;
}

static int
print_differences(const struct facts *with, const struct facts *without, FILE *out)
{
	const struct {
		const char *name;
		uint64_t with, without;
	} rows[] = {
	    {"generations", with->generations, without->generations},
	    {"workers that died", with->deaths, without->deaths},
	    {"takeovers", with->takeovers, without->takeovers},
	    {"retries", with->retries, without->retries},
	    {"attempts lost to data", with->counts.attempts[CAUSE_DATA],
	     without->counts.attempts[CAUSE_DATA]},
	    {"attempts lost to hangs", with->counts.attempts[CAUSE_HANG],
	     without->counts.attempts[CAUSE_HANG]},
	    {"stale commits refused", with->fenced, without->fenced},
	    {"dead letters", with->counts.dead_records, without->counts.dead_records},
	    {"suspicions", with->suspected, without->suspected},
	    {"losses of power", with->power_losses, without->power_losses},
	    {"final state of the run", with->run.state, without->run.state},
	};
	int differences = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].with == rows[i].without)
			continue;
		fprintf(out, "control: %s: %llu with the faults, %llu without\n", rows[i].name,
		        (unsigned long long)rows[i].with, (unsigned long long)rows[i].without);
		differences++;
	}
	return differences;
}

static int
run_without_faults(const struct run *run, struct facts *facts)
{
	static const char *const set[] = {"faults=[]"};
	FILE *nowhere = fopen("/dev/null", "we");
	struct life life = {.output = OUTPUT_TEXT, .out = nowhere, .quiet = true};
	char file[PATH_MAX], path[PATH_MAX];
	struct run control;
	int code;

	if (nowhere == NULL)
		return EXIT_INTERNAL;
	snprintf(path, sizeof(path), "%.*s.control", PATH_MAX - 16, run->dir.path);
	code = life_prepare(&control, rundir_file(&run->dir, RUN_SCENARIO, file), set, 1, path);
	if (code == 0)
		code = life_first(&control, &life);
	/* Its expectations may well fail: they were made for the faults. */
	if (code == EXIT_MET || code == EXIT_UNMET || code == EXIT_INCONCLUSIVE)
		code = facts_of(path, facts) == 0 ? 0 : EXIT_INTERNAL;
	run_fini(&control);
	fclose(nowhere);
	return code;
}

int
control_compare(const struct run *run, const struct options *options)
{
	struct facts with, without;
	int code;

	if (run->scenario.faults == 0) {
		complain("--control: the scenario has no faults to leave out");
		return EXIT_INCONCLUSIVE;
	}
	code =
	    facts_of(run->dir.path, &with) == 0 ? run_without_faults(run, &without) : EXIT_INTERNAL;
	if (code != 0)
		return code;
	if (print_differences(&with, &without, options->json ? stderr : stdout) > 0)
		return EXIT_MET;
	complain("--control: without the faults everything was the same: they prove nothing "
	         "(inconclusive)");
	return EXIT_INCONCLUSIVE;
}

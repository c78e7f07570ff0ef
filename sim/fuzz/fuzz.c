/* SPDX-License-Identifier: ISC
 *
 * Running seeds side by side.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/fuzz/fuzz.h"
#include "sim/fuzz/fuzz_tally.h"
#include "sim/fuzz/keep.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

#define BATCH 64 /* seeds in one child process */

struct fuzz {
	const struct fuzz_options *options;
	struct scenario base;
	bool has_base;
	struct tally *lane; /* shared with the children */
	struct tally sum;
	unsigned points;
	bool broken;
};

static int
run_seed(const struct fuzz *fuzz, uint64_t seed, struct drawn *drawn, struct tally *tally)
{
	struct virtual_report report;
	struct virtual_plan plan;
	int error;

	tally->seed = seed;
	drawn_init(drawn, seed, fuzz->has_base ? &fuzz->base : NULL);
	error = virtual_plan_init(&plan, &drawn->scenario);
	if (error != 0)
		return error;
	error = virtual_run(&drawn->scenario, &plan, &drawn->options, &report);
	virtual_plan_fini(&plan);
	if (error == 0)
		tally_run(tally, seed, drawn, &report);
	return error;
}

static int
run_batch(void *context, size_t index, unsigned lane)
{
	struct fuzz *fuzz = context;
	struct tally *tally = &fuzz->lane[lane];
	uint64_t first = fuzz->options->first + index * BATCH;
	struct drawn *drawn = malloc(sizeof(*drawn));
	int error = drawn == NULL ? -ENOMEM : 0;

	memset(tally, 0, sizeof(*tally));
	for (uint64_t seed = first;
	     error == 0 && seed < first + BATCH && seed <= fuzz->options->last; seed++)
		error = run_seed(fuzz, seed, drawn, tally);
	free(drawn);
	if (error != 0)
		complain("cannot run seed %" PRIu64 ": %s", tally->seed, strerror(-error));
	return error == 0 ? EXIT_MET : EXIT_INTERNAL;
}

/* dies: its process did, and so would each one in which shrinking tried it. */
static void
report_failure(struct fuzz *fuzz, uint64_t seed, const char *what, const char *finding, bool dies)
{
	char path[PATH_MAX];
	int error = keep_seed(seed, fuzz->has_base ? &fuzz->base : NULL, path);

	printf("not ok %u - seed %" PRIu64 ": %s\n# %s\n", ++fuzz->points, seed, what, finding);
	if (error == 0)
		printf("# kept as %s\n# again: graveshift run %s\n", path, path);
	if (error == 0 && !dies)
		printf("# smaller: graveshift shrink %s\n", path);
	if (error != 0)
		printf("# it could not be kept as %s: %s\n", path, strerror(-error));
	fflush(stdout);
}

static bool
batch_done(void *context, size_t index, unsigned lane, int code)
{
	struct fuzz *fuzz = context;
	const struct tally *tally = &fuzz->lane[lane];
	char finding[64];

	for (uint64_t i = 0; i < tally->failures && i < TALLY_FAILURES_MAX; i++)
		report_failure(fuzz, tally->failure[i].seed, tally->failure[i].invariant,
		               tally->failure[i].finding, false);
	if (code != EXIT_MET) {
		snprintf(finding, sizeof(finding), "the process ended with %d", code);
		report_failure(fuzz, tally->seed, "a fault in graveshift", finding, true);
		fuzz->broken = true;
	}
	tally_add(&fuzz->sum, tally);
	return false;
}

static int
run_all(struct fuzz *fuzz)
{
	const struct fuzz_options *options = fuzz->options;
	uint64_t seeds = options->last - options->first + 1;
	int64_t began_ns = clock_now_ns(), ran;
	struct pool pool = {
	    .count = (seeds + BATCH - 1) / BATCH,
	    .jobs = options->jobs,
	    .until_ns = options->budget_ns == INT64_MAX ? INT64_MAX : began_ns + options->budget_ns,
	    .work = run_batch,
	    .done = batch_done,
	    .context = fuzz};
	int signal = 0;

	printf("TAP version 13\n");
	if (fuzz->base.faults > 0)
		printf("# %zu of the scenario's own faults are left out: each seed draws its own\n",
		       fuzz->base.faults);
	ran = pool_run(&pool, &signal);
	if (ran < 0)
		return signal != 0 ? 128 + signal : EXIT_INTERNAL;
	if (fuzz->sum.runs == 0 && !fuzz->broken)
		printf("not ok %u - no seed was tried\n", ++fuzz->points);
	else if (fuzz->sum.failures == 0 && !fuzz->broken)
		printf("ok %u - %" PRIu64 " seeds from %" PRIu64 " on break no invariant\n",
		       ++fuzz->points, fuzz->sum.runs, options->first);
	if (fuzz->sum.runs < seeds)
		printf("# %" PRIu64 " seeds were not tried: %s\n", seeds - fuzz->sum.runs,
		       fuzz->broken ? "a process that should have ended early"
		                    : "the budget is used up");
	tally_print(&fuzz->sum, (double)(clock_now_ns() - began_ns) / (double)NS_PER_S,
	            options->jobs);
	printf("1..%u\n", fuzz->points);
	if (fuzz->broken)
		return EXIT_INTERNAL;
	if (fuzz->sum.runs == 0)
		return EXIT_INCONCLUSIVE;
	return fuzz->sum.failures > 0 ? EXIT_UNMET : EXIT_MET;
}

int
fuzz_run(const struct fuzz_options *options)
{
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	int code;

	if (fuzz == NULL)
		return EXIT_INTERNAL;
	fuzz->options = options;
	fuzz->lane = mmap(NULL, POOL_JOBS_MAX * sizeof(*fuzz->lane), PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fuzz->lane == MAP_FAILED) {
		free(fuzz);
		return EXIT_INTERNAL;
	}
	fuzz->has_base = options->file != NULL;
	if (fuzz->has_base &&
	    (scenario_load(&fuzz->base, options->file, options->set, options->sets, stderr) != 0 ||
	     scenario_refuses_torture(&fuzz->base, "be drawn faults for") ||
	     scenario_resolve_input(&fuzz->base) != 0))
		code = EXIT_USAGE;
	else
		code = run_all(fuzz);
	scenario_fini(&fuzz->base);
	munmap(fuzz->lane, POOL_JOBS_MAX * sizeof(*fuzz->lane));
	free(fuzz);
	return code;
}

/* SPDX-License-Identifier: ISC
 *
 * graveshift shrink: a failing run, scenario or seed of the fuzzer becomes a small scenario file.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/cli.h"
#include "sim/fuzz/draw.h"
#include "sim/rundir/rundir.h"
#include "sim/shrink/oracle.h"
#include "sim/shrink/shrink.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

struct shrinking {
	const char *what;       /* as it was called: run, file or seed */
	struct scenario loaded; /* owns the texts */
	struct drawn drawn;     /* from a seed */
	struct scenario *scenario;
};

static bool
is_number(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < 20 && strspn(text, "0123456789") == length;
}

/* A run's scenario is the one it was run with; anything else is a file. */
static int
load(struct shrinking *shrinking, const struct options *options)
{
	const char *path = shrinking->what;
	char error[PATH_MAX + 256], file[PATH_MAX];
	struct rundir run;
	struct stat status;

	if (is_number(shrinking->what)) {
		if (options->sets > 0) {
			complain("a seed draws all of its scenario: --set, --seed and --world "
			         "belong to a run or a file");
			return EXIT_USAGE;
		}
		drawn_init(&shrinking->drawn, strtoull(shrinking->what, NULL, 10), NULL);
		shrinking->scenario = &shrinking->drawn.scenario;
		return 0;
	}
	shrinking->scenario = &shrinking->loaded;
	if (stat(path, &status) != 0 || S_ISDIR(status.st_mode)) {
		if (rundir_open(&run, path, error, sizeof(error)) != 0) {
			complain("%s", error);
			return EXIT_USAGE;
		}
		path = rundir_file(&run, RUN_SCENARIO, file);
		rundir_close(&run);
	}
	if (scenario_load(&shrinking->loaded, path, options->set, options->sets, stderr) != 0 ||
	    scenario_refuses_torture(&shrinking->loaded, "be made smaller"))
		return EXIT_USAGE;
	/* What is left of it may be written into another folder. */
	return scenario_resolve_input(&shrinking->loaded) == 0 ? 0 : EXIT_USAGE;
}

static int
write_out(const struct shrinking *shrinking, const struct oracle *oracle,
          const struct shrink *shrink, FILE *out)
{
	fprintf(out, "# %s fails: %s\n# Shrunk from %s in %u tries; %s\n", oracle->signature,
	        oracle->finding, shrinking->what, shrink->tries,
	        clock_now_ns() < shrink->until_ns
	            ? "nothing left in it can be left out."
	            : "then the time was up: it may still be made smaller.");
	return scenario_print(shrinking->scenario, out);
}

static int
save(const struct shrinking *shrinking, const struct oracle *oracle, const struct shrink *shrink,
     const char *path)
{
	FILE *out = path == NULL ? stdout : fopen(path, "we");
	int error = out == NULL ? -errno : write_out(shrinking, oracle, shrink, out);

	if (out != NULL && out != stdout && fclose(out) != 0 && error == 0)
		error = -errno;
	if (error != 0) {
		complain("cannot write %s: %s", path != NULL ? path : "the result",
		         strerror(-error));
		return EXIT_INTERNAL;
	}
	complain("%s: %zu fault%s left after %u tries%s%s", oracle->signature,
	         shrinking->scenario->faults, shrinking->scenario->faults == 1 ? "" : "s",
	         shrink->tries, path != NULL ? "; written to " : "", path != NULL ? path : "");
	return EXIT_MET;
}

static int
shrink_it(struct shrinking *shrinking, int64_t budget_ns, const char *path)
{
	struct oracle oracle;
	struct shrink shrink = {.fails = oracle_fails,
	                        .context = &oracle,
	                        .until_ns = budget_ns == INT64_MAX ? INT64_MAX
	                                                           : clock_now_ns() + budget_ns};
	int code = EXIT_INTERNAL, error = oracle_init(&oracle, shrinking->scenario->world);

	if (error == 0)
		error = oracle_learn(&oracle, shrinking->scenario);
	if (oracle.stopped != 0) {
		code = 128 + oracle.stopped;
	} else if (error != 0) {
		complain("cannot play %s: %s", shrinking->what, strerror(-error));
	} else if (oracle.signature[0] == '\0') {
		complain("%s does not fail: there is nothing to shrink", shrinking->what);
		code = EXIT_INCONCLUSIVE;
	} else {
		shrink_run(&shrink, shrinking->scenario);
		code = oracle.stopped != 0 ? 128 + oracle.stopped
		                           : save(shrinking, &oracle, &shrink, path);
	}
	oracle_fini(&oracle);
	return code;
}

int
command_shrink(int argc, char **argv)
{
	struct options options;
	struct shrinking *shrinking;
	int64_t budget_ns;
	int code;

	if (!options_read(&options, argc, argv) || !options_budget(&options, &budget_ns))
		return EXIT_USAGE;
	shrinking = calloc(1, sizeof(*shrinking));
	if (shrinking == NULL)
		return EXIT_INTERNAL;
	shrinking->what = options.word[0];
	code = load(shrinking, &options);
	if (code == 0)
		code = shrink_it(shrinking, budget_ns, options.output);
	scenario_fini(&shrinking->loaded);
	free(shrinking);
	return code;
}

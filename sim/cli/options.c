/* SPDX-License-Identifier: ISC
 *
 * Reading the words behind a command.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/scenario/units.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

static const struct option names[] = {
    {"set", required_argument, NULL, OPTION_SET},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"run-dir", required_argument, NULL, OPTION_RUN_DIR},
    {"control", no_argument, NULL, OPTION_CONTROL},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {"task", required_argument, NULL, OPTION_FILTER},
    {"slot", required_argument, NULL, OPTION_FILTER},
    {"kind", required_argument, NULL, OPTION_FILTER},
    {"join", required_argument, NULL, OPTION_JOIN},
    {"records", required_argument, NULL, OPTION_GENERATE},
    {"bad", required_argument, NULL, OPTION_GENERATE},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"points", required_argument, NULL, OPTION_SWEEP},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"seeds", required_argument, NULL, OPTION_SEEDS},
    {"pairs", no_argument, NULL, OPTION_PAIRS},
    {"world", required_argument, NULL, OPTION_WORLD},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"audit", no_argument, NULL, OPTION_AUDIT},
    {NULL, 0, NULL, 0},
};

static bool
add_set(struct options *options, const char *text)
{
	if (options->sets == OPTION_SETS_MAX) {
		complain("more than %d --set", OPTION_SETS_MAX);
		return false;
	}
	options->set[options->sets++] = text;
	return true;
}

static void
keep_text(struct options *options, const char *name)
{
	const struct {
		const char *name;
		const char **field;
	} fields[] = {{"task", &options->task},     {"slot", &options->slot},
	              {"kind", &options->kind},     {"records", &options->records},
	              {"bad", &options->bad},       {"output", &options->output},
	              {"join", &options->join},     {"run-dir", &options->run_dir},
	              {"points", &options->points}, {"budget", &options->budget},
	              {"jobs", &options->jobs},     {"seeds", &options->seeds},
	              {"trace", &options->trace}};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			*fields[i].field = optarg;
}

static bool
take(struct options *options, const char *name, int value)
{
	switch (value) {
	case OPTION_SET:
		return add_set(options, optarg);
	case OPTION_SEED:
		snprintf(options->seed, sizeof(options->seed), "seed=%s", optarg);
		return add_set(options, options->seed);
	case OPTION_WORLD:
		snprintf(options->world, sizeof(options->world), "world=%s", optarg);
		return add_set(options, options->world);
	case OPTION_AUDIT:
		options->audit = true;
		break;
	case OPTION_CONTROL:
		options->control = true;
		break;
	case OPTION_JSON:
		options->json = true;
		break;
	case OPTION_QUIET:
		options->quiet = true;
		break;
	case OPTION_PAIRS:
		options->pairs = true;
		break;
	case OPTION_FOLLOW:
		options->follow = true;
		break;
	default:
		keep_text(options, name);
	}
	return true;
}

bool
options_read(struct options *options, int argc, char **argv, unsigned allowed, size_t min,
             size_t max)
{
	int value, index = 0;

	memset(options, 0, sizeof(*options));
	optind = 0; /* getopt starts over */
	opterr = 0;
	while ((value = getopt_long(argc, argv, "qo:", names, &index)) != -1) {
		const char *name =
		    value == 'o' ? "output" : (value == 'q' ? "quiet" : names[index].name);
		unsigned option =
		    value == 'o' ? OPTION_OUTPUT : (value == 'q' ? OPTION_QUIET : (unsigned)value);
		if (value == '?' || (option & allowed) == 0) {
			complain("%s: %s is no option of this command, or lacks its value", argv[0],
			         optind > 0 && optind <= argc ? argv[optind - 1] : "that");
			usage_print(argv[0]);
			return false;
		}
		if (!take(options, name, (int)option))
			return false;
	}
	options->word = (const char **)(argv + optind);
	options->words = (size_t)(argc - optind);
	if (options->words < min || options->words > max) {
		complain("%s: %s", argv[0],
		         options->words < min ? "something is missing" : "too many words");
		usage_print(argv[0]);
		return false;
	}
	return true;
}

bool
options_budget(const struct options *options, int64_t *budget_ns)
{
	char message[160];
	uint64_t value = INT64_MAX;
	enum unit_error error =
	    options->budget == NULL ? UNIT_OK : unit_parse(unit_durations, options->budget, &value);

	if (error != UNIT_OK)
		complain("--budget: %s", unit_explain(unit_durations, error, options->budget,
		                                      message, sizeof(message)));
	*budget_ns = (int64_t)value;
	return error == UNIT_OK;
}

bool
options_jobs(const struct options *options, unsigned *jobs)
{
	const char *wrong = NULL;

	*jobs = options->jobs == NULL ? pool_jobs_default()
	                              : (unsigned)strtonum(options->jobs, 1, POOL_JOBS_MAX, &wrong);
	if (wrong != NULL)
		complain("--jobs %s: give a number from 1 to %d", options->jobs, POOL_JOBS_MAX);
	return wrong == NULL;
}

/* SPDX-License-Identifier: ISC
 *
 * graveshift fork: a virtual run once more with another fault at some moment, and what that
 * changed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/look.h"
#include "sim/history/why.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/virtual/branch.h"

/* A run, played to its end and judged. */
struct side {
	struct playing *playing;
	struct verdict verdict;
};

struct forking {
	struct run parent;
	struct playing again; /* the parent's */
	struct branch branch;
	struct side before, after;
};

/* "record 214, 2.503 s: w2 exited with SIGKILL." */
static int
print_record(const char *lead, const struct playing *playing, uint64_t number)
{
	struct history *history;
	struct moment *moment = NULL;
	char text[512];
	int error = playing_history(playing, &history);

	if (error != 0)
		return error;
	if (number >= history_count(history)) {
		printf("%s nothing: it is over\n", lead);
	} else if ((error = history_seek(history, &moment, number)) == 0) {
		why_text(moment, history_record(history, number), text, sizeof(text));
		printf("%s %.6f s: %s\n", lead,
		       (double)history_time(history, number) / (double)NS_PER_S, text);
	}
	moment_free(moment);
	history_close(history);
	return error;
}

static int
print_difference(struct forking *forking)
{
	const struct branch *branch = &forking->branch;
	int error;

	printf("the same up to %.6f s: %" PRIu64 " records\n",
	       (double)branch->at_ns / (double)NS_PER_S, branch->same);
	if (branch->differs == UINT64_MAX) {
		printf("and behind it: nothing differs\n");
		return 0;
	}
	printf("the first that differs is record %" PRIu64 "\n", branch->differs);
	error = print_record("  before:", &forking->again, branch->differs);
	return error != 0 ? error : print_record("  now:   ", &branch->playing, branch->differs);
}

static const char *
result_text(const struct verdict *verdict)
{
	switch (verdict->exit_code) {
	case EXIT_MET:
		return "passed";
	case EXIT_UNMET:
		return "failed";
	case EXIT_INCONCLUSIVE:
		return "inconclusive";
	default:
		return "broken";
	}
}

static void
print_numbers(const char *name, uint64_t before, uint64_t after)
{
	printf("  %-12s %14" PRIu64 " %14" PRIu64 "\n", name, before, after);
}

static const char *
outcome_text(const struct side *side)
{
	static const char *const words[] = {[OUTCOME_NONE] = "no end",
	                                    [OUTCOME_DONE] = "done",
	                                    [OUTCOME_DEAD_LETTERS] = "failed",
	                                    [OUTCOME_QUARANTINED] = "failed",
	                                    [OUTCOME_DRAINED] = "stopped"};

	return words[side->playing->report.outcome];
}

static void
print_ends(const struct forking *forking)
{
	const struct facts *before = &forking->before.verdict.facts,
			   *after = &forking->after.verdict.facts;

	printf("  %-12s %14s %14s\n", "", "before", forking->branch.fault);
	printf("  %-12s %14s %14s\n", "verdict", result_text(&forking->before.verdict),
	       result_text(&forking->after.verdict));
	printf("  %-12s %14s %14s\n", "job", outcome_text(&forking->before),
	       outcome_text(&forking->after));
	printf("  %-12s %12.6f s %12.6f s\n", "time", (double)before->job_ns / (double)NS_PER_S,
	       (double)after->job_ns / (double)NS_PER_S);
	print_numbers("redone", before->rework, after->rework);
	print_numbers("leases", before->leased, after->leased);
	print_numbers("deaths", before->deaths, after->deaths);
	print_numbers("takeovers", before->takeovers, after->takeovers);
	print_numbers("retries", before->retries, after->retries);
	print_numbers("dead letters", before->counts.dead_records, after->counts.dead_records);
	print_numbers("generations", before->generations, after->generations);
}

/* What does not hold in the branch. */
static void
print_open_lines(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->lines; i++)
		if (verdict->line[i].result != LINE_OK)
			printf("%s %s%s%s\n",
			       verdict->line[i].result == LINE_FAILED ? "FAIL" : "open",
			       verdict->line[i].name,
			       verdict->line[i].detail[0] != '\0' ? "  -- " : "",
			       verdict->line[i].detail);
}

static int
judge_and_print(struct forking *forking)
{
	struct branch *branch = &forking->branch;
	char text[256];

	forking->before.playing = &forking->again;
	forking->after.playing = &branch->playing;
	playing_judge(&forking->again, &forking->before.verdict);
	playing_judge(&branch->playing, &forking->after.verdict);
	fault_describe(&branch->run.scenario, branch->run.scenario.faults - 1, text, sizeof(text));
	printf("%s\n", text);
	if (print_difference(forking) != 0) {
		complain("no memory to read the two histories");
		return EXIT_INTERNAL;
	}
	print_ends(forking);
	print_open_lines(&forking->after.verdict);
	printf("run directory: %s\nto see it: graveshift replay %s\n", branch->run.dir.path,
	       branch->run.dir.path);
	return forking->after.verdict.exit_code;
}

static int
fork_it(struct forking *forking, const struct options *options, int64_t at_ns)
{
	int code = branch_make(&forking->branch, &forking->parent, at_ns, options->word[1],
	                       options->run_dir);

	if (code == 0)
		code = playing_init(&forking->again, &forking->parent);
	if (code == 0) {
		code = playing_again(&forking->again);
		if (code == 0)
			code = judge_and_print(forking);
		playing_fini(&forking->again);
	}
	branch_fini(&forking->branch);
	return code;
}

int
command_fork(int argc, char **argv)
{
	struct options options;
	struct forking *forking;
	struct store_run info;
	int64_t at_ns = 0;
	int code;

	if (!options_read(&options, argc, argv) || !options_at(&options, &at_ns))
		return EXIT_USAGE;
	forking = calloc(1, sizeof(*forking));
	if (forking == NULL)
		return EXIT_INTERNAL;
	code = look_open(&forking->parent, options.word[0], &info);
	if (code == 0)
		code = fork_it(forking, &options, at_ns);
	run_fini(&forking->parent);
	free(forking);
	return code;
}

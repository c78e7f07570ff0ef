/* SPDX-License-Identifier: ISC
 *
 * graveshift run and test in the virtual world: play, judge, report.  A run leaves its directory, a
 * test nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/virtual.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

/* Names the first line in which the two histories differ; false if there is none. */
static bool
find_difference(FILE *first, FILE *second)
{
	char *a = NULL, *b = NULL;
	size_t a_room = 0, b_room = 0;
	bool differ = false;

	rewind(first);
	rewind(second);
	for (uint64_t number = 1; !differ; number++) {
		bool more_a = getline(&a, &a_room, first) > 0,
		     more_b = getline(&b, &b_room, second) > 0;
		if (!more_a && !more_b)
			break;
		differ = more_a != more_b || strcmp(a, b) != 0;
		if (differ)
			complain("the same seed gave two histories; event %" PRIu64
			         " was\n  %sand then\n  %s",
			         number, more_a ? a : "none\n", more_b ? b : "none\n");
	}
	free(a);
	free(b);
	return differ;
}

/* Plays it twice: the same seed must give the same history.  0 or an exit code. */
static int
play_twice(struct playing *playing, FILE *trace, bool kept)
{
	FILE *first = tmpfile(), *second = tmpfile();
	uint64_t hash = 0;
	int code = first == NULL || second == NULL ? EXIT_INTERNAL : 0;

	if (code != 0)
		complain("cannot make a temporary file: %s", strerror(errno));
	if (code == 0)
		code = playing_play(playing, true, first, false);
	hash = playing->report.trace_hash;
	if (code == 0)
		code = playing_play(playing, true, second, kept);
	if (code == 0 && (find_difference(first, second) || hash != playing->report.trace_hash))
		code = EXIT_INTERNAL;
	if (code == 0 && trace != NULL) {
		char bytes[1 << 14];
		size_t count;
		rewind(first);
		while ((count = fread(bytes, 1, sizeof(bytes), first)) > 0)
			fwrite(bytes, 1, count, trace);
	}
	if (first != NULL)
		fclose(first);
	if (second != NULL)
		fclose(second);
	return code;
}

void
virtual_print(const struct playing *playing, const struct verdict *verdict, FILE *out)
{
	const struct virtual_report *report = &playing->report;
	const struct facts *facts = &verdict->facts;
	const struct scenario *scenario = &playing->run->scenario;
	double virtual_s = (double)report->end_ns / (double)NS_PER_S;
	double took_s = (double)playing->took_ns / (double)NS_PER_S;

	fprintf(out, "%s: the job %s (virtual world)\n", scenario->name,
	        verdict_outcome_text(facts));
	fprintf(out,
	        "  %" PRIu64 " records in %u tasks; %" PRIu64 " leases, %u generations, %u lives\n",
	        playing->plan.total, playing->plan.tasks, facts->leased, report->generations,
	        report->lives);
	fprintf(out,
	        "  %" PRIu64 " commits accepted, %" PRIu64 " refused; %" PRIu64 " retries, %" PRIu64
	        " found done, %" PRIu64 " workers died, %" PRIu64 " records redone\n",
	        report->accepted, report->refused, facts->retries, facts->found_done, facts->deaths,
	        facts->rework);
	fprintf(out,
	        "  attempts lost to data %" PRIu64 ", crash %" PRIu64 ", hang %" PRIu64
	        "; to infrastructure (not charged) %" PRIu64 "\n",
	        report->charged[CAUSE_DATA], report->charged[CAUSE_CRASH],
	        report->charged[CAUSE_HANG], report->charged[CAUSE_INFRA]);
	placing_print(&facts->placing, scenario->core.placement, out);
	fprintf(out,
	        "  time: %.6f s in the model, %.6f s of work for %" PRIu64
	        " events of the coordinator\n",
	        virtual_s, took_s, report->events);
	if (report->lost_acknowledged > 0)
		fprintf(out,
		        "  durability: process promises nothing for a power cut; %" PRIu64
		        " commits that were reported were gone with it\n",
		        report->lost_acknowledged);
	fprintf(out, "  history: %016" PRIx64 "\n", report->trace_hash);
	verdict_print_lines(verdict, out);
	verdict_print_result(verdict, out);
	if (playing->run->dir.fd >= 0)
		fprintf(out, "run directory: %s\n", playing->run->dir.path);
	fprintf(out, "reproduce: graveshift run %s --world virtual --seed %" PRIu64 "\n",
	        scenario->path, scenario->seed);
}

static int
print_json(const struct playing *playing, const struct verdict *verdict, FILE *out)
{
	const struct virtual_report *report = &playing->report;
	const struct facts *facts = &verdict->facts;
	bool kept = playing->run->dir.fd >= 0;
	char hash[20];
	json_t *object;
	int failed;

	snprintf(hash, sizeof(hash), "%016" PRIx64, report->trace_hash);
	object = json_pack(
	    "{s:i, s:s, s:s, s:s, s:i, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:f, s:s*, s:o}",
	    "version", 1, "world", "virtual", "scenario", playing->run->scenario.name, "outcome",
	    verdict_outcome_text(facts), "exit", verdict->exit_code, "agree",
	    verdict_agree_json(facts), "records", (json_int_t)facts->run.plan.records, "tasks",
	    (json_int_t)facts->run.plan.tasks, "leases", (json_int_t)facts->leased, "retries",
	    (json_int_t)facts->retries, "reassigned", (json_int_t)facts->reassigned, "fenced",
	    (json_int_t)facts->fenced, "found_done", (json_int_t)facts->found_done, "dead_records",
	    (json_int_t)facts->counts.dead_records, "deaths", (json_int_t)facts->deaths, "refused",
	    (json_int_t)report->refused, "generations", (json_int_t)report->generations, "lives",
	    (json_int_t)report->lives, "events", (json_int_t)report->events, "rework",
	    (json_int_t)report->rework, "lost_acknowledged", (json_int_t)report->lost_acknowledged,
	    "history", hash, "invariant", report->invariant, "finding", report->finding, "model_s",
	    (double)report->end_ns / (double)NS_PER_S, "run", kept ? playing->run->dir.path : NULL,
	    "lines", verdict_lines_json(verdict));
	if (object == NULL)
		return -1;
	failed = json_dumpf(object, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(object);
	return failed;
}

static int
report_played(const struct playing *playing, const struct verdict *verdict, const struct life *life)
{
	int code = verdict->exit_code;
	unsigned next = 1;

	if (life->output == OUTPUT_JSON)
		code = print_json(playing, verdict, life->out) == 0 ? code : EXIT_INTERNAL;
	else if (life->output == OUTPUT_TAP)
		verdict_print_tap(verdict, playing->run, &next, life->out);
	else
		virtual_print(playing, verdict, life->out);
	fflush(life->out);
	return code;
}

static FILE *
open_trace(const char *name)
{
	FILE *file = strcmp(name, "-") == 0 ? stdout : fopen(name, "we");

	if (file == NULL)
		complain("cannot write the history to %s: %s", name, strerror(errno));
	return file;
}

/* 0 or an exit code. */
static int
play(struct playing *playing, const struct options *options, bool kept)
{
	FILE *trace = options->trace != NULL ? open_trace(options->trace) : NULL;
	int code;

	if (options->trace != NULL && trace == NULL)
		return EXIT_USAGE;
	if (options->audit)
		code = play_twice(playing, trace, kept);
	else
		code = playing_play(playing, false, trace, kept);
	if (trace != NULL && (fflush(trace) != 0 || ferror(trace))) {
		complain("cannot write the history to %s", options->trace);
		code = EXIT_INTERNAL;
	}
	if (trace != NULL && trace != stdout)
		fclose(trace);
	return code;
}

static int
play_and_judge(struct run *run, const struct options *options, const struct life *life, bool kept)
{
	struct verdict *verdict = malloc(sizeof(*verdict));
	struct playing playing;
	int code = verdict == NULL ? EXIT_INTERNAL : playing_init(&playing, run);

	if (code == 0) {
		if (kept)
			code = playing_keep(run, options->run_dir, run->scenario.name);
		if (code == 0)
			code = play(&playing, options, kept);
		if (code == 0) {
			playing_judge(&playing, verdict);
			code = report_played(&playing, verdict, life);
		}
		playing_fini(&playing);
	}
	free(verdict);
	return code;
}

int
virtual_play(const char *file, const struct options *options, const struct life *life, bool kept)
{
	struct run run;
	int code = EXIT_USAGE;

	run_init(&run);
	if (scenario_load(&run.scenario, file, options->set, options->sets, stderr) == 0)
		code = play_and_judge(&run, options, life, kept);
	run_fini(&run);
	return code;
}

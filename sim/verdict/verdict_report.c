/* SPDX-License-Identifier: ISC
 *
 * The verdict in words, as TAP 13 and as JSON.
 */
#include <jansson.h>
#include <string.h>

#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"
#include "sim/verdict/verdict.h"

typedef unsigned long long ull;

static const char *const outcomes[] = {
    [OUTCOME_NONE] = "is not finished",
    [OUTCOME_DONE] = "is done",
    [OUTCOME_DEAD_LETTERS] =
	"FAILED: more was given up than it can do without (recovery.dead_letters.max)",
    [OUTCOME_QUARANTINED] = "FAILED: every worker crashed again and again and was quarantined",
    [OUTCOME_DRAINED] = "was stopped on request",
};

const char *
verdict_outcome_text(const struct facts *facts)
{
	unsigned outcome = facts->run.outcome;

	return outcome < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[outcome] : "?";
}

static double
seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

static double
milliseconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_MS;
}

/* Text from outside (a key, a file name) reaches the terminal only like this. */
static void
print_safe(const char *text, FILE *out)
{
	char safe[4 * sizeof(((struct verdict_line *)0)->detail) + 1];

	fputs(safe_text(safe, sizeof(safe), text, strlen(text)), out);
}

static void
print_numbers(const struct verdict *verdict, FILE *out)
{
	const struct facts *facts = &verdict->facts;

	fprintf(out,
	        "  %llu records in %u tasks, %llu leases, %llu generations of the supervisor\n",
	        (ull)facts->run.plan.records, facts->run.plan.tasks, (ull)facts->leased,
	        (ull)facts->generations);
	fprintf(out,
	        "  %llu retries, %llu reassigned, %llu found done, %llu fenced, %llu handed back; "
	        "%llu workers died, "
	        "%llu hung, %llu quarantined\n",
	        (ull)facts->retries, (ull)facts->reassigned, (ull)facts->found_done,
	        (ull)facts->fenced, (ull)facts->returned, (ull)facts->deaths,
	        (ull)facts->counts.attempts[CAUSE_HANG], (ull)facts->quarantined);
	fprintf(out,
	        "  attempts lost to data %llu, crash %llu, hang %llu; to infrastructure (not "
	        "charged) %llu\n",
	        (ull)facts->counts.attempts[CAUSE_DATA], (ull)facts->counts.attempts[CAUSE_CRASH],
	        (ull)facts->counts.attempts[CAUSE_HANG], (ull)facts->counts.attempts[CAUSE_INFRA]);
	if (facts->recoveries > 0)
		fprintf(out,
		        "  recovery: a lost task was leased again after %.2f ms (mean), %.2f ms "
		        "(longest)\n",
		        milliseconds(facts->recovery_ns[1] / (int64_t)facts->recoveries),
		        milliseconds(facts->recovery_ns[0]));
	if (facts->detect_ns > 0)
		fprintf(out, "  detection: a fault was noticed after at most %.2f ms\n",
		        milliseconds(facts->detect_ns));
	if (facts->supervisor_ns > 0)
		fprintf(out,
		        "  recovery: the first lease after a supervisor's end came after at most "
		        "%.1f ms\n",
		        milliseconds(facts->supervisor_ns));
	if (facts->copies > 0)
		fprintf(
		    out,
		    "  speculation: %llu slow attempts were copied; %llu copies were quicker, %llu "
		    "came to nothing\n",
		    (ull)facts->copies, (ull)facts->copies_won,
		    (ull)(facts->copies - facts->copies_won));
	fprintf(out, "  redone work: %llu records\n", (ull)facts->rework);
	if (facts->damaged > 0)
		fprintf(out, "  frames that arrived damaged and were dropped: %llu\n",
		        (ull)facts->damaged);
}

static void
print_stream(const struct flow_facts *flow, FILE *out)
{
	const struct flow_stats *stats = &flow->stats;

	if (stats->events == 0)
		return;
	fprintf(out,
	        "  stream: %llu events appended in %llu writes; from appended to committed p50 "
	        "%.3f ms, p99 %.3f ms (%llu measured)\n",
	        (ull)flow->appended, (ull)flow->groups,
	        milliseconds(flow_stats_percentile(stats, 0.5)),
	        milliseconds(flow_stats_percentile(stats, 0.99)), (ull)stats->events);
	fprintf(out, "  cost: %.4f transactions and %.2f us of the processor an event\n",
	        (double)stats->transactions / (double)stats->events,
	        (double)stats->processor_ns / 1000 / (double)stats->events);
	if (stats->counter[FLOW_CALLS] > 0)
		fprintf(out, "  user service: %llu calls, %llu failed, circuit opened %llu times\n",
		        (ull)stats->counter[FLOW_CALLS], (ull)stats->counter[FLOW_CALLS_FAILED],
		        (ull)stats->counter[FLOW_CIRCUITS]);
	if (stats->counter[FLOW_REBUILDS] > 0)
		fprintf(
		    out,
		    "  local stores: rebuilt %llu times, in %.3f ms and from %llu events of the "
		    "tail on average\n",
		    (ull)stats->counter[FLOW_REBUILDS],
		    (double)stats->counter[FLOW_REBUILD_US] / 1000 /
			(double)stats->counter[FLOW_REBUILDS],
		    (ull)(stats->counter[FLOW_REBUILT] / stats->counter[FLOW_REBUILDS]));
	if (flow->repairs > 0)
		fprintf(out, "  torn tails of logs cut off: %llu, of %llu bytes\n",
		        (ull)flow->repairs, (ull)flow->repaired_bytes);
}

void
verdict_print_lines(const struct verdict *verdict, FILE *out)
{
	static const char *const words[] = {[LINE_OK] = "ok  ",
	                                    [LINE_FAILED] = "FAIL",
	                                    [LINE_OPEN] = "open",
	                                    [LINE_SKIPPED] = "skip"};

	for (size_t i = 0; i < verdict->lines; i++) {
		const struct verdict_line *line = &verdict->line[i];
		fprintf(out, "%s ", words[line->result]);
		print_safe(line->name, out);
		if (line->detail[0] != '\0') {
			fputs("  -- ", out);
			print_safe(line->detail, out);
		}
		fputc('\n', out);
	}
}

static size_t
count_lines(const struct verdict *verdict, enum line_result result)
{
	size_t count = 0;

	for (size_t i = 0; i < verdict->lines; i++)
		count += verdict->line[i].result == result;
	return count;
}

void
verdict_print_result(const struct verdict *verdict, FILE *out)
{
	switch (verdict->exit_code) {
	case EXIT_MET:
		fprintf(out, "PASSED: all %zu points hold\n", verdict->lines);
		break;
	case EXIT_UNMET:
		fprintf(out, "FAILED: %zu of %zu points do not hold\n",
		        count_lines(verdict, LINE_FAILED), verdict->lines);
		break;
	default:
		fprintf(out, "INCONCLUSIVE: %zu of %zu points could not be judged\n",
		        count_lines(verdict, LINE_OPEN) + count_lines(verdict, LINE_SKIPPED),
		        verdict->lines);
	}
}

static const char *
durability_text(const struct run *run)
{
	return run->scenario.durability == DURABILITY_POWER
	           ? "power (a commit survives kill -9 and, as far as the disk keeps its word, a "
	             "power cut)"
	           : "process (a commit survives kill -9 of everything; a power cut is not "
	             "promised)";
}

static size_t
count_by_hand(const struct run *run)
{
	size_t count = 0;

	for (size_t i = scenario_scripted(&run->scenario); i < run->scenario.faults; i++)
		count += atomic_load(&run->faults->fault[i].injected) > 0;
	return count;
}

/* Nobody is to take it for what the scenario alone would have come to. */
static void
print_by_hand(const struct run *run, FILE *out)
{
	size_t count = count_by_hand(run);

	if (count > 0)
		fprintf(out,
		        "  by hand: %zu %s injected by hand, which the scenario does not have; to "
		        "have them in one: graveshift report %s --save-faults FILE\n",
		        count, count == 1 ? "fault was" : "faults were", run->dir.path);
	if (atomic_load(&run->faults->was_held) != 0)
		fprintf(out, "  by hand: the fault script was held%s\n",
		        atomic_load(&run->faults->held) != 0 ? ", and still was at the end"
		                                             : " for some time");
}

void
verdict_print(const struct verdict *verdict, const struct run *run, FILE *out)
{
	const struct facts *facts = &verdict->facts;

	fprintf(out, "%s: the job %s\n", run->scenario.name, verdict_outcome_text(facts));
	print_numbers(verdict, out);
	print_stream(&facts->flow, out);
	placing_print(&facts->placing, run->scenario.core.placement, out);
	fprintf(out, "  time: %.3f s in the job, %.3f s in the verdict\n", seconds(facts->job_ns),
	        seconds(verdict->verdict_ns));
	fprintf(out, "  durability: %s\n", durability_text(run));
	print_by_hand(run, out);
	verdict_print_lines(verdict, out);
	verdict_print_result(verdict, out);
	fprintf(out, "run directory: %s\n", run->dir.path);
	fprintf(out, "reproduce: graveshift run %s/%s --seed %llu%s\n", run->dir.path, RUN_SCENARIO,
	        (ull)run->scenario.seed, run->scenario.exclusive ? " --again" : "");
}

void
verdict_print_tap(const struct verdict *verdict, const struct run *run, unsigned *next, FILE *out)
{
	for (size_t i = 0; i < verdict->lines; i++) {
		const struct verdict_line *line = &verdict->line[i];
		bool skipped = line->result == LINE_SKIPPED;
		fprintf(out, "%s %u - %s: ", line->result == LINE_OK || skipped ? "ok" : "not ok",
		        (*next)++, run->scenario.name);
		/* A # would begin a directive. */
		for (const char *c = line->name; *c != '\0'; c++)
			fputc(*c == '#' ? '.' : *c, out);
		if (skipped) {
			fputs(" # SKIP ", out);
			print_safe(line->detail, out);
		}
		fputc('\n', out);
		if (line->result != LINE_OK && !skipped) {
			fprintf(out, "# %s", line->result == LINE_OPEN ? "inconclusive: " : "");
			print_safe(line->detail, out);
			fprintf(out, "\n# reproduce: graveshift run %s%s --seed %llu\n",
			        run->scenario.path,
			        run->scenario.world == WORLD_VIRTUAL ? " --world virtual" : "",
			        (ull)run->scenario.seed);
		}
	}
	fflush(out);
}

json_t *
verdict_lines_json(const struct verdict *verdict)
{
	static const char *const words[] = {[LINE_OK] = "ok",
	                                    [LINE_FAILED] = "failed",
	                                    [LINE_OPEN] = "open",
	                                    [LINE_SKIPPED] = "skipped"};
	json_t *lines = json_array();

	for (size_t i = 0; i < verdict->lines; i++)
		json_array_append_new(
		    lines, json_pack("{s:s, s:s, s:s%}", "result", words[verdict->line[i].result],
		                     "name", verdict->line[i].name, "detail",
		                     verdict->line[i].detail, strlen(verdict->line[i].detail)));
	return lines;
}

json_t *
verdict_agree_json(const struct facts *facts)
{
	const struct store_counts *counts = &facts->counts;

	return json_pack(
	    "{s:s, s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I}, s:I, s:I}", "outcome",
	    verdict_outcome_text(facts), "tasks", "done", (json_int_t)counts->tasks[TASK_DONE],
	    "dead", (json_int_t)counts->tasks[TASK_DEAD], "skipped",
	    (json_int_t)counts->tasks[TASK_SKIPPED], "open", (json_int_t)counts->tasks[TASK_READY],
	    "charged", "data", (json_int_t)counts->attempts[CAUSE_DATA], "crash",
	    (json_int_t)counts->attempts[CAUSE_CRASH], "hang",
	    (json_int_t)counts->attempts[CAUSE_HANG], "dead_records",
	    (json_int_t)counts->dead_records, "sink_records", (json_int_t)counts->effect_records);
}

static json_t *
stream_json(const struct facts *facts, const struct ledger_finding *ledger)
{
	const struct flow_stats *stats = &facts->flow.stats;
	double events = stats->events > 0 ? (double)stats->events : 1;

	return json_pack(
	    "{s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:f, s:I}", "events", (json_int_t)stats->events,
	    "p50_ms", milliseconds(flow_stats_percentile(stats, 0.5)), "p99_ms",
	    milliseconds(flow_stats_percentile(stats, 0.99)), "transactions_per_event",
	    (double)stats->transactions / events, "processor_us_per_event",
	    (double)stats->processor_ns / 1000 / events, "calls",
	    (json_int_t)stats->counter[FLOW_CALLS], "rebuilds",
	    (json_int_t)stats->counter[FLOW_REBUILDS], "rebuild_ms",
	    (double)stats->counter[FLOW_REBUILD_US] / 1000, "stale", (json_int_t)ledger->stale);
}

int
verdict_print_json(const struct verdict *verdict, const struct run *run, FILE *out)
{
	const struct facts *facts = &verdict->facts;
	json_t *object = json_pack(
	    "{s:i, s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, "
	    "s:f, s:f, s:f, s:o, s:I, s:b, s:s, s:o}",
	    "version", 1, "scenario", run->scenario.name, "outcome", verdict_outcome_text(facts),
	    "exit", verdict->exit_code, "records", (json_int_t)facts->run.plan.records, "tasks",
	    (json_int_t)facts->run.plan.tasks, "leases", (json_int_t)facts->leased, "generations",
	    (json_int_t)facts->generations, "retries", (json_int_t)facts->retries, "reassigned",
	    (json_int_t)facts->reassigned, "fenced", (json_int_t)facts->fenced, "found_done",
	    (json_int_t)facts->found_done, "dead_records", (json_int_t)facts->counts.dead_records,
	    "rework", (json_int_t)facts->rework, "deaths", (json_int_t)facts->deaths, "damaged",
	    (json_int_t)facts->damaged, "job_s", seconds(facts->job_ns), "verdict_s",
	    seconds(verdict->verdict_ns), "recovery_ms_longest",
	    milliseconds(facts->recovery_ns[0]), "supervisor_recovery_ms",
	    milliseconds(facts->supervisor_ns), "agree", verdict_agree_json(facts), "by_hand",
	    (json_int_t)count_by_hand(run), "script_held", atomic_load(&run->faults->was_held) != 0,
	    "run", run->dir.path, "lines", verdict_lines_json(verdict));
	int failed;

	if (object != NULL && run->scenario.job.kind == JOB_STREAM)
		json_object_set_new(object, "stream", stream_json(facts, &verdict->ledger));
	if (object != NULL && facts->copies > 0)
		json_object_set_new(object, "speculation",
		                    json_pack("{s:I, s:I}", "copies", (json_int_t)facts->copies,
		                              "won", (json_int_t)facts->copies_won));
	if (object == NULL)
		return -1;
	failed = json_dumpf(object, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(object);
	return failed;
}

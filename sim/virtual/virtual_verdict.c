/* SPDX-License-Identifier: ISC
 *
 * A virtual run's report as lines of a verdict, named as the real world's are.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/virtual/virtual_verdict.h"

struct judging {
	struct verdict *verdict;
	struct run *run; /* of it only the scenario */
	const struct virtual_plan *plan;
	const struct virtual_report *report;
};

/* The report as the facts that expectations are judged by. */
static void
fill_facts(struct judging *judging)
{
	const struct virtual_report *report = judging->report;
	struct facts *facts = &judging->verdict->facts;

	facts->run.outcome = report->outcome;
	facts->run.state =
	    report->outcome == OUTCOME_DONE ? RUN_DONE
	    : report->outcome == OUTCOME_DEAD_LETTERS || report->outcome == OUTCOME_QUARANTINED
		? RUN_FAILED
		: RUN_OPEN;
	facts->run.plan.tasks = judging->plan->tasks;
	facts->run.plan.records = judging->plan->total;
	memcpy(facts->counts.tasks, report->state, sizeof(facts->counts.tasks));
	memcpy(facts->counts.attempts, report->charged, sizeof(facts->counts.attempts));
	facts->counts.charged_max = report->charged_max;
	facts->counts.dead_records = report->dead_records;
	/* Tasks of a noop job have no effects in the real world. */
	if (judging->run->scenario.job.kind != JOB_NOOP &&
	    judging->run->scenario.job.kind != JOB_GRAPH)
		facts->counts.effect_records = report->effect_records;
	facts->leased = report->stats.leased;
	facts->retries = report->retries;
	facts->takeovers = report->takeovers;
	facts->reassigned = report->recoveries;
	facts->fenced = report->stats.fenced;
	facts->copies = report->stats.copies;
	facts->copies_won = report->stats.copies_won;
	facts->returned = report->stats.returned;
	facts->found_done = report->stats.found_done;
	facts->restarts = report->restarts;
	facts->deaths = report->deaths;
	facts->hangs = report->stats.hangs;
	facts->quarantined = report->stats.quarantined;
	facts->isolated = report->stats.isolated;
	facts->generations = report->generations;
	facts->placing = report->placing;
	facts->skipped = report->skipped;
	facts->rework = report->rework;
	facts->taken_back = report->lost_acknowledged;
	facts->recoveries = report->recoveries;
	facts->recovery_ns[0] = report->recovery_longest_ns;
	facts->recovery_ns[1] = report->recovery_sum_ns;
	facts->supervisor_ns = report->supervisor_ns;
	facts->job_ns = report->end_ns;
}

static const struct {
	const char *invariants; /* names in the report, each followed by a space */
	const char *line;
	bool of_records; /* said of graphs in other words */
} promises[] = {
    {"I2 ", "I2 one effect for each task that is done, none for others", true},
    {"I3 generation ", "I3 no commit with a stale token", false},
    {"I4 ", "I4 no task before what it depends on", false},
    {"I5 ", "I5 charged attempts stay within the budget, others are not charged", false},
    {"I7 ", "I7 the sink is made of the effects of all tasks", false},
    {"slow-is-dead ", "nobody is given up who gets on", false},
    {"lease-twice ", "no lease is begun twice", false},
    {"unreaped ", "every death is seen", false},
    {"A13 store ", "the job ends as its tasks did", false},
};

/* What takes the place of some of them in a graph, as in the real world. */
static const struct {
	const char *invariants, *line;
} graph_promises[] = {
    {"I1 ", "I1 every step of every order is done, given up or skipped for a reason"},
    {"I2 ", "I2 every step that is done has happened once, no other has"},
    {"I4 ", "I4 no step has happened before those that it waits for"},
};

static bool
is_about(const char *invariants, const char *broken)
{
	char name[40];

	snprintf(name, sizeof(name), "%s ", broken);
	return broken[0] != '\0' && strstr(invariants, name) != NULL;
}

static void
judge_promise(struct judging *judging, const char *invariants, const char *line)
{
	bool broken = is_about(invariants, judging->report->invariant);

	verdict_add(judging->verdict, broken ? LINE_FAILED : LINE_OK, line, "%s",
	            broken ? judging->report->finding : "");
}

static void
judge_orders(struct judging *judging)
{
	bool ended = judging->verdict->facts.run.state == RUN_DONE ||
	             judging->report->outcome == OUTCOME_DEAD_LETTERS;

	for (size_t i = 0; i < sizeof(graph_promises) / sizeof(graph_promises[0]); i++)
		if (ended || is_about(graph_promises[i].invariants, judging->report->invariant))
			judge_promise(judging, graph_promises[i].invariants,
			              graph_promises[i].line);
}

/* A job that is not done promises nothing about its sink, but what is found on the way counts. */
static void
judge_records(struct judging *judging)
{
	uint64_t dead = judging->report->dead_records;
	uint64_t max = judging->run->scenario.core.dead_letters_max;
	bool done = judging->verdict->facts.run.state == RUN_DONE;

	if (judging->run->scenario.job.kind == JOB_GRAPH)
		judge_orders(judging);
	else if (done || is_about("I1 ", judging->report->invariant))
		judge_promise(judging, "I1 ",
		              "I1 every record is in the sink or in dead letters, once");
	if (done && dead > 0)
		verdict_add(judging->verdict, dead <= max ? LINE_OK : LINE_FAILED,
		            "I1 dead letters stay within their maximum", "%" PRIu64, dead);
}

static void
judge_acknowledged(struct judging *judging)
{
	static const char name[] = "acknowledged work survives a loss of power";
	const struct scenario *scenario = &judging->run->scenario;
	bool broken = is_about("durability ", judging->report->invariant);
	uint32_t losses = 0;

	for (size_t i = 0; i < scenario->faults; i++)
		if (scenario->fault[i].what == FAULT_POWER)
			losses += judging->report->fault[i].injected;
	if (!broken && (losses == 0 || !scenario->job.durable))
		return;
	if (broken || scenario->durability == DURABILITY_POWER)
		judge_promise(judging, "durability ", name);
	else
		verdict_add(judging->verdict, LINE_OK, name,
		            "not promised: %" PRIu64 " acknowledged tasks were lost with the power",
		            judging->report->lost_acknowledged);
}

/* Only a run that is kept has one. */
static void
judge_log(struct judging *judging)
{
	const struct virtual_report *report = judging->report;

	if (report->log_records == 0)
		return;
	verdict_add(judging->verdict, report->log_differs == 0 ? LINE_OK : LINE_FAILED,
	            "I10 replaying the event log gives the final state",
	            "%" PRIu64 " events; %" PRIu64 " tasks differ", report->log_records,
	            report->log_differs);
}

static void
judge_placement(struct judging *judging)
{
	const struct placing *placing = &judging->report->placing;

	bool held = placing->beyond == 0 && !is_about("lease-twice ", judging->report->invariant);

	if (placing->changes > 0)
		verdict_add(judging->verdict, held ? LINE_OK : LINE_FAILED,
		            "I11 a rebalance moves no leased task and no more than its share",
		            "%" PRIu64 " changes, %" PRIu64
		            " beyond it; most moved at once: %" PRIu64 " of %" PRIu64
		            " queued tasks, %" PRIu64 " may",
		            placing->changes, placing->beyond, placing->moved, placing->queued,
		            placing->allowed);
}

static void
judge_invariants(struct judging *judging, bool audit)
{
	const struct virtual_report *report = judging->report;
	bool check = strncmp(report->invariant, "CHECK", 5) == 0;
	bool endless = strcmp(report->invariant, "progress") == 0;
	bool graph = judging->run->scenario.job.kind == JOB_GRAPH;

	judge_records(judging);
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		if (!graph || !promises[i].of_records)
			judge_promise(judging, promises[i].invariants, promises[i].line);
	judge_acknowledged(judging);
	verdict_add(judging->verdict,
	            !endless                                              ? LINE_OK
	            : report->end_ns < judging->run->scenario.wall_ns / 2 ? LINE_FAILED
	                                                                  : LINE_OPEN,
	            "I9 the job ends within its bound", "%s", endless ? report->finding : "");
	judge_log(judging);
	judge_placement(judging);
	verdict_add(judging->verdict, check ? LINE_FAILED : LINE_OK,
	            "the coordinator does not contradict itself", "%s%s",
	            check ? report->finding : "",
	            audit ? "" : (check ? "" : "seen from inside; --audit looks after every step"));
}

static void
judge_faults(struct judging *judging)
{
	const struct scenario *scenario = &judging->run->scenario;

	for (size_t i = 0; i < scenario->faults; i++) {
		const struct virtual_fault *became = &judging->report->fault[i];
		char name[112];
		snprintf(name, sizeof(name), "fault %s landed", scenario->fault[i].id);
		if (became->landed > 0 && became->landed >= became->injected)
			verdict_add(judging->verdict, LINE_OK, name,
			            "%" PRIu32 " times, first after %.3f ms", became->landed,
			            (double)became->first_ns / (double)NS_PER_MS);
		else if (!scenario->fault[i].optional)
			verdict_add(judging->verdict, LINE_OPEN, name,
			            "injected %" PRIu32 " times, proven %" PRIu32 " times%s",
			            became->injected, became->landed,
			            became->injected == 0 ? ": its moment never came" : "");
	}
}

static int
exit_code_of(const struct judging *judging)
{
	int code = EXIT_MET;

	if (strncmp(judging->report->invariant, "CHECK", 5) == 0)
		return EXIT_INTERNAL;
	for (size_t i = 0; i < judging->verdict->lines; i++) {
		if (judging->verdict->line[i].result == LINE_FAILED)
			return EXIT_UNMET;
		if (judging->verdict->line[i].result == LINE_OPEN)
			code = EXIT_INCONCLUSIVE;
	}
	return code;
}

void
virtual_judge(struct verdict *verdict, struct run *run, const struct virtual_plan *plan,
              const struct virtual_report *report, bool audit)
{
	struct judging judging = {.verdict = verdict, .run = run, .plan = plan, .report = report};

	memset(verdict, 0, sizeof(*verdict));
	fill_facts(&judging);
	judge_invariants(&judging, audit);
	judge_faults(&judging);
	verdict_expectations(verdict, run);
	verdict->exit_code = exit_code_of(&judging);
}

/* SPDX-License-Identifier: ISC
 *
 * What only jobs with a sink promise, and the promises that a naive strategy is there to break.
 */
#include <stdio.h>
#include <string.h>

#include "sim/verdict/verdict.h"

typedef unsigned long long ull;

static void
check_keys(struct verdict *verdict, const struct run *run)
{
	static const char name[] = "I2 at most one row and one effect for each key";
	const struct sink_counts *sink = &verdict->facts.sink;
	const struct ledger_finding *ledger = &verdict->ledger;
	char first[64] = "";

	if (sink->conflicts > 0)
		snprintf(first, sizeof(first), "; first record %llu", (ull)sink->first_conflict);
	if (!verdict->ledger_read) {
		verdict_add(verdict, sink->conflicts == 0 ? LINE_OK : LINE_FAILED, name,
		            "%llu keys that came with two payloads%s; the input was not read again",
		            (ull)sink->conflicts, first);
		return;
	}
	verdict_add(
	    verdict,
	    ledger->doubled == 0 && ledger->effects_doubled == 0 && ledger->effects_lost == 0 &&
		    ledger->effects_unfounded == 0 && sink->conflicts == 0
		? LINE_OK
		: LINE_FAILED,
	    name,
	    "%llu rows too many; of %llu effects %llu too many, %llu missing; %llu keys that "
	    "came with two payloads%s%s%s",
	    (ull)ledger->doubled, (ull)sink->effects,
	    (ull)ledger->effects_doubled + (ull)ledger->effects_unfounded,
	    (ull)ledger->effects_lost, (ull)sink->conflicts, first,
	    ledger->example[0] != '\0' ? "; " : "", ledger->example);
}

/* By the trigger of the table itself, which sees every writer. */
static void
check_marks(struct verdict *verdict)
{
	const struct sink_counts *sink = &verdict->facts.sink;
	char first[96] = "", whose[32] = "the stream";

	if (sink->back_task != SINK_NO_TASK)
		snprintf(whose, sizeof(whose), "task %llu", (ull)sink->back_task);
	if (sink->marks_back > 0)
		snprintf(first, sizeof(first), "; %s: from %llu back to %llu", whose,
		         (ull)sink->back_from, (ull)sink->back_to);
	verdict_add(verdict, sink->marks_back == 0 ? LINE_OK : LINE_FAILED,
	            "I6 what is known of progress never goes back", "%llu moves, %llu back%s",
	            (ull)sink->marks_moved, (ull)sink->marks_back, first);
}

/* Late events are those that the order of the input makes late, whatever died on the way. */
static void
check_windows(struct verdict *verdict, const struct run *run)
{
	const struct store_window_counts *windows = &verdict->facts.windows;
	const struct ledger_finding *ledger = &verdict->ledger;
	char by_ledger[80] = "";
	bool met = windows->unsettled == 0;

	if (run->scenario.strategy != STRATEGY_ID_WATERMARK)
		return;
	if (verdict->facts.redriven)
		strlcpy(by_ledger, "; redriven: which ones are late is the run's own account",
		        sizeof(by_ledger));
	else
		snprintf(by_ledger, sizeof(by_ledger), "; late by the input: %llu",
		         (ull)ledger->late);
	if (verdict->ledger_read)
		met = met && windows->dropped == ledger->dropped;
	else
		by_ledger[0] = '\0';
	verdict_add(verdict, met ? LINE_OK : LINE_FAILED,
	            "I1 late events are in their window's rows, or dropped and counted",
	            "%llu windows; %llu late events restated in %llu restatements, %llu dropped, "
	            "%llu left open%s",
	            (ull)windows->windows, (ull)windows->restated, (ull)windows->restatements,
	            (ull)windows->dropped, (ull)windows->unsettled, by_ledger);
}

void
verdict_etl(struct verdict *verdict, const struct run *run)
{
	if (!job_has_sink(run->scenario.job.kind))
		return;
	if (verdict->facts.run.state == RUN_DONE)
		check_keys(verdict, run);
	if (verdict->facts.run.state == RUN_DONE)
		check_windows(verdict, run);
	check_marks(verdict);
	if (run->scenario.job.pattern == PATTERN_CLAIM_CHECK &&
	    verdict->facts.run.state == RUN_DONE)
		verdict_add(verdict, verdict->facts.flow.payloads == 0 ? LINE_OK : LINE_FAILED,
		            "I8 no payload is left that no event refers to", "%lld",
		            (long long)verdict->facts.flow.payloads);
	if (run->scenario.job.pattern == PATTERN_KAPPA && verdict->ledger_read)
		verdict_add(verdict, verdict->ledger.views_differ == 0 ? LINE_OK : LINE_FAILED,
		            "I7 the streaming view and the replayed one agree", "%llu keys differ",
		            (ull)verdict->ledger.views_differ);
}

/* The first line of that promise that does not hold, or NULL. */
static struct verdict_line *
find_broken(struct verdict *verdict, const char *promise)
{
	for (size_t i = 0; i < verdict->lines; i++)
		if (verdict->line[i].result == LINE_FAILED &&
		    strncmp(verdict->line[i].name, promise, strlen(promise)) == 0)
			return &verdict->line[i];
	return NULL;
}

void
verdict_breaks(struct verdict *verdict, const struct run *run)
{
	for (size_t i = 0; i < run->scenario.expectations; i++) {
		const struct expectation *expect = &run->scenario.expect[i];
		const char *promise = strstr(expect->text, ": ");
		struct verdict_line *line;
		char name[sizeof(line->name)];

		if (expect->what != EXPECT_BREAKS || promise == NULL)
			continue;
		line = find_broken(verdict, promise + 2);
		if (line == NULL) {
			verdict_add(verdict, verdict->ledger_read ? LINE_FAILED : LINE_OPEN,
			            expect->text,
			            "the promise was not broken: this run shows nothing");
			continue;
		}
		snprintf(name, sizeof(name), "breaks, as expected: %.80s", line->name);
		strlcpy(line->name, name, sizeof(line->name));
		line->result = LINE_OK;
	}
}

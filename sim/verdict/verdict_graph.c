/* SPDX-License-Identifier: ISC
 *
 * What only graphs promise: every step of every order is done, given up, or skipped for a reason
 * that has a name; nothing happens twice, and nothing before what it waits for.
 */
#include "sim/verdict/verdict.h"

typedef unsigned long long ull;

static enum line_result
held(bool condition)
{
	return condition ? LINE_OK : LINE_FAILED;
}

static void
by_the_books(struct verdict *verdict)
{
	const struct facts *facts = &verdict->facts;

	if (facts->run.state != RUN_DONE)
		return;
	verdict_add(verdict, held(facts_books_balance(facts, JOB_GRAPH)),
	            "I1 every step of every order is done, given up or skipped for a reason",
	            "by the store's own books: %llu steps = %llu done + %llu dead letters + %llu "
	            "skipped; nobody has followed the orders",
	            (ull)facts->run.plan.tasks, (ull)facts->counts.tasks[TASK_DONE],
	            (ull)facts->counts.dead_records, (ull)facts->counts.tasks[TASK_SKIPPED]);
}

void
verdict_graph(struct verdict *verdict, const struct run *run)
{
	const struct facts *facts = &verdict->facts;
	const struct ledger_finding *ledger = &verdict->ledger;
	const char *example = ledger->example, *colon = example[0] != '\0' ? ": " : "";

	if (run->scenario.job.kind != JOB_GRAPH)
		return;
	if (!verdict->ledger_read) {
		by_the_books(verdict);
		return;
	}
	verdict_add(verdict, held(ledger->astray == 0 && ledger->unnamed == 0),
	            "I1 every step of every order is done, given up or skipped for a reason",
	            "%llu steps = %llu done + %llu dead letters + %llu skipped for them + %llu not "
	            "needed; %llu ended otherwise, %llu without a reason%s%s",
	            (ull)ledger->records, (ull)facts->counts.tasks[TASK_DONE],
	            (ull)facts->counts.dead_records, (ull)facts->skipped,
	            (ull)(facts->counts.tasks[TASK_SKIPPED] - facts->skipped), (ull)ledger->astray,
	            (ull)ledger->unnamed, colon, example);
	verdict_add(verdict,
	            held(ledger->effects_doubled == 0 && ledger->effects_lost == 0 &&
	                 ledger->effects_unfounded == 0),
	            "I2 every step that is done has happened once, no other has",
	            "%llu must have; %llu too often, %llu not at all, %llu must not have%s%s",
	            (ull)ledger->counted, (ull)ledger->effects_doubled, (ull)ledger->effects_lost,
	            (ull)ledger->effects_unfounded, colon, example);
	verdict_add(verdict, held(ledger->early == 0),
	            "I4 no step has happened before those that it waits for", "%llu too early%s%s",
	            (ull)ledger->early, colon, example);
}

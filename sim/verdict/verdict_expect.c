/* SPDX-License-Identifier: ISC
 *
 * The scenario's expectations, and whether its faults landed.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/fault/probe.h"
#include "sim/fault/wire.h"
#include "sim/scenario/compare.h"
#include "sim/util/clock.h"
#include "sim/verdict/verdict.h"

typedef unsigned long long ull;

static uint64_t
count_of(const struct facts *facts, enum expect_what what)
{
	switch (what) {
	case EXPECT_DEAD_LETTERS:
		return facts->counts.dead_records;
	case EXPECT_FENCED:
		return facts->fenced;
	case EXPECT_RETRIES:
		return facts->retries;
	case EXPECT_TAKEOVERS:
		return facts->takeovers;
	case EXPECT_GENERATIONS:
		return facts->generations;
	case EXPECT_QUARANTINED:
		return facts->quarantined;
	case EXPECT_RESTARTS:
		return facts->restarts;
	case EXPECT_LATE_RESTATED:
		return facts->windows.restated;
	case EXPECT_LATE_DROPPED:
		return facts->windows.dropped;
	case EXPECT_REMADE:
		return facts->remade;
	case EXPECT_TAKEN_BACK:
		return facts->taken_back;
	case EXPECT_SPECULATED:
		return facts->copies;
	case EXPECT_SPECULATION_WON:
		return facts->copies_won;
	case EXPECT_CONFLICTS:
		return facts->sink.conflicts;
	case EXPECT_SKIPPED:
		return facts->skipped;
	case EXPECT_HANGS:
		return facts->counts.attempts[CAUSE_HANG];
	default:
		return 0;
	}
}

/* What was promised and is not so may yet become so while the job has not ended. */
static enum line_result
judged(const struct facts *facts, bool met)
{
	if (met)
		return LINE_OK;
	return facts->run.state == RUN_DONE || facts->run.state == RUN_FAILED ? LINE_FAILED
	                                                                      : LINE_OPEN;
}

static void
expect_records(struct verdict *verdict, const struct expectation *expect, enum job_kind kind)
{
	const struct ledger_finding *ledger = &verdict->ledger;
	const struct facts *facts = &verdict->facts;

	if (facts->run.state != RUN_DONE)
		verdict_add(verdict, judged(facts, false), expect->text,
		            "the job is not done, so there is no sink");
	else if (!verdict->ledger_read)
		verdict_add(
		    verdict, judged(facts, facts_books_balance(facts, kind)), expect->text,
		    "%llu tasks done once by the store's account; the input was not read again",
		    (ull)facts->counts.tasks[TASK_DONE]);
	else
		verdict_add(
		    verdict,
		    judged(facts, ledger->lost == 0 && ledger->doubled == 0 &&
		                      ledger->wrong_lines == 0 && ledger->unreadable == 0 &&
		                      ledger->effects_doubled == 0 && ledger->effects_lost == 0 &&
		                      ledger->effects_unfounded == 0 && ledger->astray == 0),
		    expect->text, "%llu lost, %llu doubled, %llu lines wrong%s%s",
		    (ull)ledger->lost, (ull)ledger->doubled, (ull)ledger->wrong_lines,
		    ledger->example[0] != '\0' ? ": " : "", ledger->example);
}

static void
expect_rework(struct verdict *verdict, const struct expectation *expect)
{
	uint64_t records = verdict->facts.run.plan.records;
	uint64_t ppm = records == 0 ? 0 : verdict->facts.rework * 1000000 / records;

	verdict_add(verdict,
	            judged(&verdict->facts, compare_holds(ppm, expect->compare, expect->value)),
	            expect->text, "%llu records worked on in vain, %llu.%04llu%%",
	            (ull)verdict->facts.rework, (ull)(ppm / 10000), (ull)(ppm % 10000));
}

static void
expect_recovery(struct verdict *verdict, const struct expectation *expect)
{
	const struct facts *facts = &verdict->facts;
	int64_t longest_ns = facts->recovery_ns[0] > facts->supervisor_ns ? facts->recovery_ns[0]
	                                                                  : facts->supervisor_ns;

	if (facts->recoveries == 0 && facts->supervisor_ns == 0)
		verdict_add(verdict, LINE_OPEN, expect->text, "nothing had to be recovered");
	else
		verdict_add(verdict,
		            judged(facts, compare_holds((uint64_t)longest_ns, expect->compare,
		                                        expect->value)),
		            expect->text, "longest %.3f ms from a death noticed to leased again",
		            (double)longest_ns / (double)NS_PER_MS);
}

static void
expect_job(struct verdict *verdict, const struct expectation *expect)
{
	static const char *const states[] = {"not planned", "not finished", "done", "failed"};
	enum run_state wanted = expect->value == 1 ? RUN_DONE : RUN_FAILED;
	enum run_state state = verdict->facts.run.state;

	verdict_add(verdict, judged(&verdict->facts, state == wanted), expect->text,
	            "the job is %s", states[state]);
}

static void
expect_ledger(struct verdict *verdict, const struct expectation *expect)
{
	const struct ledger_finding *ledger = &verdict->ledger;
	uint64_t measured = expect->what == EXPECT_LOST      ? ledger->lost
	                    : expect->what == EXPECT_DOUBLED ? ledger->doubled
	                    : expect->what == EXPECT_STALE   ? ledger->stale
	                                                     : ledger->effects_doubled;

	if (!verdict->ledger_read)
		verdict_add(verdict, LINE_OPEN, expect->text,
		            "nobody has compared the sink with the input");
	else
		verdict_add(verdict,
		            judged(&verdict->facts,
		                   compare_holds(measured, expect->compare, expect->value)),
		            expect->text, "%llu%s%s", (ull)measured,
		            ledger->example[0] != '\0' ? ": " : "", ledger->example);
}

void
verdict_expectations(struct verdict *verdict, struct run *run)
{
	for (size_t i = 0; i < run->scenario.expectations; i++) {
		const struct expectation *expect = &run->scenario.expect[i];
		uint64_t measured;
		switch (expect->what) {
		case EXPECT_JOB:
			expect_job(verdict, expect);
			break;
		case EXPECT_RECORDS:
			expect_records(verdict, expect, run->scenario.job.kind);
			break;
		case EXPECT_REWORK:
			expect_rework(verdict, expect);
			break;
		case EXPECT_RECOVERY:
			expect_recovery(verdict, expect);
			break;
		case EXPECT_LOST:
		case EXPECT_DOUBLED:
		case EXPECT_EFFECTS_DOUBLED:
		case EXPECT_STALE:
			expect_ledger(verdict, expect);
			break;
		case EXPECT_BREAKS: /* verdict_breaks(), when all else is said */
		case EXPECT_UNSAFE: /* of tortures, which have no verdict like this */
		case EXPECT_LITTER:
		case EXPECT_EXPLORED:
			break;
		default:
			measured = count_of(&verdict->facts, expect->what);
			verdict_add(verdict,
			            judged(&verdict->facts,
			                   compare_holds(measured, expect->compare, expect->value)),
			            expect->text, "%llu", (ull)measured);
		}
	}
}

/* What became of the call: one that has no bytes is a sync or a rename. */
static void
describe_call(const struct fault *fault, int64_t evidence, char *text, size_t size)
{
	ull length = (ull)fault_call_length(evidence);
	char call[96];

	if (length > 0)
		snprintf(call, sizeof(call), "%s of %llu bytes at %llu", point_name(fault->point),
		         length, (ull)fault_call_offset(evidence));
	else
		snprintf(call, sizeof(call), "%s", point_name(fault->point));
	if (fault->what == FAULT_FAIL)
		snprintf(text, size, "%s failed: %s", call, strerror(fault->error));
	else
		snprintf(text, size, "%s wrote %llu of them%s", call, length / 2,
		         fault->what == FAULT_TEAR ? ", and its process was killed" : "");
}

/* Over by itself, or ended by whoever watches. */
static void
describe_standstill(const struct fault *fault, int64_t evidence, char *text, size_t size)
{
	if (evidence < FAULT_TIME_MIN_NS)
		snprintf(text, size, "given up and ended by signal %d (%s)",
		         WTERMSIG((int)evidence), strsignal(WTERMSIG((int)evidence)));
	else
		snprintf(text, size, "%.1f ms %s", (double)evidence / (double)NS_PER_MS,
		         fault->what == FAULT_SPIN ? "of the processor burnt" : "without progress");
}

static void
describe_evidence(const struct fault *fault, int64_t evidence, char *text, size_t size)
{
	int status = (int)evidence;

	switch (fault->what) {
	case FAULT_FAIL:
	case FAULT_SHORT:
	case FAULT_TEAR:
		describe_call(fault, evidence, text, size);
		break;
	case FAULT_POWER:
		snprintf(text, size,
		         "everybody was killed, %lld bytes that were not synced are gone",
		         (long long)evidence);
		break;
	case FAULT_BAD_CHUNK:
		snprintf(text, size, "byte %lld of the chunk flipped", (long long)evidence);
		break;
	case FAULT_LOSE_PART:
		snprintf(text, size, "%lld bytes of the part removed", (long long)evidence);
		break;
	case FAULT_SPOIL_PART:
		snprintf(text, size, "byte %lld of the part flipped", (long long)evidence);
		break;
	case FAULT_FLAKY:
		snprintf(text, size, "record %lld failed", (long long)evidence);
		break;
	case FAULT_SLOW:
		snprintf(text, size, "%.1f ms more a record", (double)evidence / (double)NS_PER_MS);
		break;
	case FAULT_DROP:
	case FAULT_DELAY:
	case FAULT_DUPLICATE:
	case FAULT_REORDER:
	case FAULT_CORRUPT:
	case FAULT_PARTITION:
		wire_describe(fault->what, evidence, text, size);
		break;
	case FAULT_QUIET:
		snprintf(text, size, "nothing began for %.1f ms",
		         (double)evidence / (double)NS_PER_MS);
		break;
	case FAULT_HEAL:
		snprintf(text, size, "%lld pauses ended, and all that slows, hangs or parts",
		         (long long)evidence);
		break;
	case FAULT_CLOCK:
		snprintf(text, size, "a process read the clock, by then %+.1f s off",
		         (double)evidence / (double)NS_PER_S);
		break;
	case FAULT_GROW:
		snprintf(text, size, "%lld bytes came in behind the input", (long long)evidence);
		break;
	case FAULT_BOARD:
		snprintf(text, size, "%lld bytes flipped; plan.jsonl has them, before and after",
		         (long long)evidence);
		break;
	case FAULT_SPLIT:
		snprintf(text, size,
		         "the old supervisor ended by itself, superseded (exit code %d); "
		         "commits of workers of a superseded one refused so far: %lld",
		         WEXITSTATUS(status), (long long)(evidence >> 32));
		break;
	case FAULT_SCALE:
		snprintf(text, size, "%lld workers then", (long long)evidence);
		break;
	case FAULT_DRAIN:
		snprintf(text, size, "it left by itself, with exit code 0");
		break;
	case FAULT_HANG:
	case FAULT_SPIN:
		describe_standstill(fault, evidence, text, size);
		break;
	default:
		if (fault_ends_director(fault))
			snprintf(text, size, "the director was gone and was resumed");
		else if (WIFSTOPPED(status))
			snprintf(text, size, "stopped by signal %d (%s)", WSTOPSIG(status),
			         strsignal(WSTOPSIG(status)));
		else if (WIFSIGNALED(status))
			snprintf(text, size, "ended by signal %d (%s)", WTERMSIG(status),
			         strsignal(WTERMSIG(status)));
		else
			snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
	}
}

static const char *
why_not(const struct run *run, size_t index)
{
	const struct fault_state *state = &run->faults->fault[index];

	if (atomic_load(&state->injected) > 0)
		return "";
	if ((atomic_load(&run->faults->due) >> index) & 1)
		return ": the fault script was held when its moment came";
	if (atomic_load(&state->sought) > 0)
		return ": its target was never there";
	return ": its moment never came";
}

void
verdict_faults(struct verdict *verdict, struct run *run)
{
	for (size_t i = 0; i < run->scenario.faults; i++) {
		const struct fault *fault = &run->scenario.fault[i];
		const struct fault_state *state = &run->faults->fault[i];
		uint32_t victims = atomic_load(&state->victims),
			 landed = atomic_load(&state->landed);
		char name[112], evidence[160] = "";
		const char *cannot = landed > 0 ? NULL : fault_probe(&run->scenario, fault);
		bool by_hand = fault->when == WHEN_HAND;

		snprintf(name, sizeof(name), "fault %s landed%s", fault->id,
		         by_hand ? ", injected by hand" : "");
		if (landed > 0)
			describe_evidence(fault, atomic_load(&state->evidence), evidence,
			                  sizeof(evidence));
		if (landed > 0 && landed >= victims)
			verdict_add(verdict, LINE_OK, name, "%u times; last: %s", landed, evidence);
		else if (cannot != NULL)
			verdict_add(verdict, LINE_SKIPPED, name, "this host cannot: %s", cannot);
		else if (by_hand ? victims > 0 : !fault->optional)
			verdict_add(verdict, LINE_OPEN, name,
			            "injected %u times, proven %u times%s", victims, landed,
			            why_not(run, i));
	}
}

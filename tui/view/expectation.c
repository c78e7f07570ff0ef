/* SPDX-License-Identifier: ISC
 *
 * Judging what only grows.
 */
#include <stdio.h>

#include "tui/view/axis.h"
#include "tui/view/expectation.h"

static bool
is_over(const struct moment *moment)
{
	return moment->outcome != OUTCOME_NONE && moment->outcome != OUTCOME_DRAINED;
}

/* The number only grows: at most and exactly may be missed any time, at least can be reached. */
static enum expectation_state
judge_growing(const struct moment *moment, const struct expectation *expect, uint64_t measured)
{
	bool over = is_over(moment), below = measured < expect->value,
	     equal = measured == expect->value;

	switch (expect->compare) {
	case COMPARE_GE:
	case COMPARE_GT:
		if (!below && (!equal || expect->compare == COMPARE_GE))
			return EXPECTATION_OK;
		return over ? EXPECTATION_FAILED : EXPECTATION_OPEN;
	case COMPARE_EQ:
		if (!below && !equal)
			return EXPECTATION_FAILED;
		return !over ? EXPECTATION_OPEN : equal ? EXPECTATION_OK : EXPECTATION_FAILED;
	default:
		if (!below && (!equal || expect->compare == COMPARE_LT))
			return EXPECTATION_FAILED;
		return over ? EXPECTATION_OK : EXPECTATION_OPEN;
	}
}

/* False: it is not in the log, and for the verdict to say. */
static bool
count_of(const struct moment *moment, enum expect_what what, uint64_t *count)
{
	const struct moment_counts *counts = &moment->counts;

	switch (what) {
	case EXPECT_DEAD_LETTERS:
		*count = moment_books(moment).dead;
		return true;
	case EXPECT_FENCED:
		*count = counts->fenced;
		return true;
	case EXPECT_RETRIES:
		*count = counts->retries;
		return true;
	case EXPECT_TAKEOVERS:
		*count = counts->takeovers;
		return true;
	case EXPECT_GENERATIONS:
		*count = counts->generations;
		return true;
	case EXPECT_QUARANTINED:
		*count = counts->quarantined;
		return true;
	case EXPECT_RESTARTS:
		*count = counts->restarts;
		return true;
	case EXPECT_HANGS:
		*count = counts->failed[CAUSE_HANG];
		return true;
	case EXPECT_TAKEN_BACK:
		*count = counts->taken_back;
		return true;
	default:
		return false;
	}
}

static enum expectation_state
judge_job(const struct moment *moment, const struct expectation *expect, char *text, size_t size)
{
	bool done = moment->outcome == OUTCOME_DONE;

	if (!is_over(moment)) {
		snprintf(text, size, "not finished");
		return EXPECTATION_OPEN;
	}
	snprintf(text, size, done ? "done" : "failed");
	return done == (expect->value == 1) ? EXPECTATION_OK : EXPECTATION_FAILED;
}

static enum expectation_state
judge_recovery(const struct moment *moment, const struct expectation *expect, char *text,
               size_t size)
{
	const struct moment_counts *counts = &moment->counts;
	int64_t longest_ns = counts->recovery_longest_ns > counts->headless_longest_ns
	                         ? counts->recovery_longest_ns
	                         : counts->headless_longest_ns;
	char time[32];

	if (longest_ns <= 0) {
		snprintf(text, size,
		         is_over(moment) ? "nothing to recover" : "nothing to recover yet");
		return is_over(moment) ? EXPECTATION_UNKNOWN : EXPECTATION_OPEN;
	}
	snprintf(text, size, "longest %s", time_text(longest_ns, time, sizeof(time)));
	return judge_growing(moment, expect, (uint64_t)longest_ns);
}

/* What no viewer can tell. */
static enum expectation_state
leave_to_verdict(const struct moment *moment, const char *whose, char *text, size_t size)
{
	if (!is_over(moment)) {
		snprintf(text, size, "the %s's to say", whose);
		return EXPECTATION_OPEN;
	}
	snprintf(text, size, "graveshift report says");
	return EXPECTATION_UNKNOWN;
}

enum expectation_state
expectation_judge(const struct moment *moment, const struct expectation *expect, char *text,
                  size_t size)
{
	uint64_t measured;

	switch (expect->what) {
	case EXPECT_JOB:
		return judge_job(moment, expect, text, size);
	case EXPECT_RECOVERY:
		return judge_recovery(moment, expect, text, size);
	case EXPECT_RECORDS:
		return leave_to_verdict(moment, "ledger", text, size);
	default:
		if (!count_of(moment, expect->what, &measured))
			return leave_to_verdict(moment, "verdict", text, size);
		snprintf(text, size, "%llu", (unsigned long long)measured);
		return judge_growing(moment, expect, measured);
	}
}

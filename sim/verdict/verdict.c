/* SPDX-License-Identifier: ISC
 *
 * Giving the verdict: facts, then the ledger's own account, then line by line what was promised.
 */
#include <stdarg.h>
#include <string.h>

#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/verdict/account.h"
#include "sim/verdict/verdict.h"

void
verdict_add(struct verdict *verdict, enum line_result result, const char *name, const char *format,
            ...)
{
	struct verdict_line *line;
	va_list arguments;

	if (verdict->lines == VERDICT_LINES_MAX)
		return;
	line = &verdict->line[verdict->lines++];
	line->result = result;
	strlcpy(line->name, name, sizeof(line->name));
	va_start(arguments, format);
	vsnprintf(line->detail, sizeof(line->detail), format, arguments);
	va_end(arguments);
}

/* A failed promise outweighs what could not be judged: it is known. */
static int
exit_code_of(const struct verdict *verdict)
{
	int code = EXIT_MET;

	for (size_t i = 0; i < verdict->lines; i++) {
		if (verdict->line[i].result == LINE_FAILED)
			return EXIT_UNMET;
		if (verdict->line[i].result == LINE_OPEN || verdict->line[i].result == LINE_SKIPPED)
			code = EXIT_INCONCLUSIVE;
	}
	return code;
}

/* Can it be said what the job should have led to? */
static bool
has_an_account(const struct verdict *verdict, const struct run *run)
{
	const struct store_run *info = &verdict->facts.run;

	/* What dead letters take with them in a graph is known, be they too many or not. */
	if (run->scenario.job.kind == JOB_GRAPH && info->state == RUN_FAILED)
		return info->outcome == OUTCOME_DEAD_LETTERS;
	return info->state == RUN_DONE && run->scenario.job.kind != JOB_NOOP;
}

int
verdict_give(struct verdict *verdict, struct run *run, enum director_end end)
{
	int64_t started_ns = clock_now_ns();
	int error;

	memset(verdict, 0, sizeof(*verdict));
	error = facts_gather(&verdict->facts, run);
	if (error != 0)
		return error;
	if (has_an_account(verdict, run) && run->scenario.verdict == VERDICT_FULL) {
		error = account_read(verdict, run);
		if (error != 0)
			return error;
	}
	verdict_invariants(verdict, run, end);
	verdict_faults(verdict, run);
	verdict_expectations(verdict, run);
	verdict_breaks(verdict, run);
	verdict->exit_code = exit_code_of(verdict);
	verdict->verdict_ns = clock_now_ns() - started_ns;
	return 0;
}

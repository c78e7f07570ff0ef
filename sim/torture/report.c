/* SPDX-License-Identifier: ISC
 *
 * Lines of TAP.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/compare.h"
#include "sim/scenario/units.h"
#include "sim/torture/advice.h"
#include "sim/torture/report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

#define WINDOWS_SHOWN_MAX 64
#define LINE_SIZE 2048

static void
put_safe(FILE *out, const char *text)
{
	char safe[4 * LINE_SIZE];

	fputs(safe_text(safe, sizeof(safe), text, strlen(text)), out);
}

static void
keep(struct report *report, enum journal_kind kind, bool ok, const char *text)
{
	if (report->is_kept)
		journal_add(&report->journal, kind, ok, text);
}

static void
print_note(struct report *report, const char *line)
{
	fputs("# ", report->out);
	put_safe(report->out, line);
	fputc('\n', report->out);
}

void
report_note(struct report *report, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	keep(report, JOURNAL_NOTE, true, line);
	print_note(report, line);
}

/* A # in a name would be taken for a directive. */
static void
put_name(FILE *out, const char *name)
{
	char safe[4 * LINE_SIZE];

	safe_text(safe, sizeof(safe), name, strlen(name));
	for (const char *c = safe; *c != '\0'; c++) {
		if (*c == '#')
			fputc('\\', out);
		fputc(*c, out);
	}
}

static void
print_test(struct report *report, bool ok, const char *name)
{
	fprintf(report->out, "%s %u - ", ok ? "ok" : "not ok", ++report->tests);
	if (report->name != NULL)
		fprintf(report->out, "%s: ", report->name);
	put_name(report->out, name);
	fputc('\n', report->out);
	report->failed += !ok;
	fflush(report->out);
}

static void
explain(struct report *report, bool ok, const char *why)
{
	if (!ok && why != NULL && why[0] != '\0')
		report_note(report, "  %s", why);
}

void
report_test(struct report *report, bool ok, const char *name, const char *why)
{
	keep(report, JOURNAL_TEST, ok, name);
	print_test(report, ok, name);
	explain(report, ok, why);
}

void
report_finding(struct report *report, bool ok, const char *name, const char *why)
{
	char line[LINE_SIZE];

	report->found += !ok;
	keep(report, JOURNAL_FINDING, ok, name);
	snprintf(line, sizeof(line), "%s%s", ok ? "" : "found: ", name);
	if (report->is_expected)
		print_note(report, line);
	else
		print_test(report, ok, name);
	explain(report, ok, why);
}

void
report_begin(struct report *report, const struct session *session)
{
	char line[LINE_SIZE] = "";

	if (report->name == NULL)
		fputs("TAP version 13\n", report->out);
	for (char *const *word = session->options->command; *word != NULL; word++) {
		strlcat(line, " ", sizeof(line));
		strlcat(line, *word, sizeof(line));
	}
	report_note(report, "torture:%s", line);
	report_note(report, "%s; compared: %s%s",
	            session->world.is_overlay
	                ? "the whole file system is the job's own"
	                : "work folders, /tmp and /dev/shm are the job's own, "
	                  "the rest cannot be written",
	            session->options->check != NULL ? "by the check" : "the files in ",
	            session->options->check != NULL ? "" : session->world.work[0]);
}

/* --- windows */

static const char *
point_name(const struct session *session, uint32_t point, char *text, size_t size)
{
	if (point == session->record->ops)
		strlcpy(text, "the end", size);
	else
		op_text(session->record, &session->record->op[point], text, size);
	return text;
}

static const char *
class_name(const struct session *session, uint32_t point)
{
	const struct record *record = session->record;

	return point == record->ops ? "the end"
	                            : record->classes->label[record->op[point].class].text;
}

/* Between which operations it is. */
static void
window_text(const struct session *session, const struct window *window, char *text, size_t size)
{
	bool to_end = window->last == session->record->ops;

	if (window->first == session->record->ops)
		strlcpy(text, "when the job has finished and nobody knows", size);
	else if (window->first == 0)
		snprintf(text, size, "from the beginning up to %s",
		         class_name(session, window->last));
	else
		snprintf(text, size, "after %s, up to %s%s", class_name(session, window->first - 1),
		         class_name(session, window->last),
		         to_end && window->first < window->last ? ", with it" : "");
}

static const char *
verdict_of(enum judged judged)
{
	return judged == JUDGED_STUCK     ? "stuck"
	       : judged == JUDGED_UNKNOWN ? "not judged"
	                                  : "unsafe";
}

static void
put_details(struct report *report, const struct outcome *outcome)
{
	const char *line = outcome->said;
	int shown = 0;

	while (*line != '\0' && shown++ < 5) {
		size_t length = strcspn(line, "\n");
		report_note(report, "  | %.*s", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static void
report_window(struct report *report, const struct session *session, const struct window *window)
{
	const struct outcome *outcome = &session->outcome[window->shown];
	char name[LINE_SIZE], text[LINE_SIZE], point[OP_NAME_SIZE + 16];
	const char *advice = advice_for(session, window);

	window_text(session, window, text, sizeof(text));
	snprintf(name, sizeof(name), "%s window: %.1500s: %u time%s", verdict_of(window->judged),
	         text, window->times, window->times == 1 ? "" : "s");
	report_finding(report, false, name, NULL);
	report->unknown += window->judged == JUDGED_UNKNOWN;
	report_note(
	    report, "  first before %s: %s",
	    point_name(session, session->candidate[window->shown].point, point, sizeof(point)),
	    outcome->why);
	report_note(report, "  %u point%s, of which %u played and failed", window->points,
	            window->points == 1 ? "" : "s", window->played);
	put_details(report, outcome);
	if (advice != NULL)
		report_note(report, "  advice: %s", advice);
}

static void
report_torn(struct report *report, const struct session *session)
{
	char name[LINE_SIZE], point[OP_NAME_SIZE + 16];

	for (uint32_t i = 0; i < session->candidates; i++) {
		const struct candidate *candidate = &session->candidate[i];
		const struct outcome *outcome = &session->outcome[i];
		if (candidate->torn_end == 0 || outcome->judged < JUDGED_FAIL)
			continue;
		snprintf(name, sizeof(name), "torn write: %s cut at byte %lld",
		         point_name(session, candidate->point, point, sizeof(point)),
		         (long long)candidate->torn_end);
		report_finding(report, false, name, outcome->why);
		report->unknown += outcome->judged == JUDGED_UNKNOWN;
	}
}

static void
report_litter(struct report *report, const struct session *session)
{
	uint32_t states = 0, first = 0;

	for (uint32_t i = 0; i < session->candidates; i++)
		if (session->outcome[i].litter[0] != '\0' && states++ == 0)
			first = i;
	report->litter = states;
	if (states > 0)
		report_note(
		    report,
		    "LITTER: after %u of the states that were played something is left that "
		    "a clean run does not leave: %s; advice: remove leftovers of earlier "
		    "runs at the beginning",
		    states, session->outcome[first].litter);
}

static bool
was_played(const struct session *session, enum engine engine)
{
	for (uint32_t i = 0; i < session->candidates; i++)
		if (session->candidate[i].engine == engine &&
		    session->outcome[i].judged > JUDGED_MISSED)
			return true;
	return false;
}

/* What nobody has looked at. */
static void
report_untested(struct report *report, const struct session *session,
                const struct exploration *exploration)
{
	const struct record *record = session->record;

	report_note(
	    report, "NOT tested: %s%s%s%s%s%s%s",
	    was_played(session, ENGINE_ONE) ? "" : "one-process kills, ",
	    session->options->real_kill && !was_played(session, ENGINE_REAL) ? "real kills, " : "",
	    session->options->power != POWER_NONE ? "sectors within a page" : "loss of power",
	    record->mapped_large > 0 ? ", stores into large mapped files between calls" : "",
	    record->hidden > 0 ? ", what went through sockets and System V shared memory" : "",
	    record->overlapped > 0 ? ", orders within operations that overlapped" : "",
	    exploration->unkept > 0 ? ", points that memory had no room for" : "");
	if (record->outside->used > 0)
		report_note(report, "outside of the job's own files, and not tested: %s",
		            record->outside->label[0].text);
	if (record->lingered)
		report_note(report, "processes of the job went on for long after its command had "
		                    "ended, and were ended");
}

static void
report_counts(struct report *report, const struct session *session,
              const struct exploration *exploration)
{
	uint32_t points = exploration->points;
	const char *rest = "";

	if (exploration->explored < points)
		rest = session->options->all || session->options->budget_ns != INT64_MAX
		           ? "; the budget was used up"
		           : "; --all for the rest";
	report_note(report,
	            "explored %u of %u points, %u classes, %u of %u different states, %u torn%s",
	            exploration->explored, points, exploration->classes, exploration->saved,
	            exploration->states, exploration->torn, rest);
}

void
report_exploration(struct report *report, const struct session *session,
                   const struct exploration *exploration)
{
	struct window *windows = calloc(WINDOWS_SHOWN_MAX, sizeof(*windows));
	char name[LINE_SIZE];
	uint32_t count;

	if (windows == NULL)
		return;
	count = explore_windows(session, exploration, windows, WINDOWS_SHOWN_MAX);
	for (uint32_t i = 0; i < count && i < WINDOWS_SHOWN_MAX; i++)
		report_window(report, session, &windows[i]);
	free(windows);
	if (count > WINDOWS_SHOWN_MAX)
		report_note(report, "and %u windows more", count - WINDOWS_SHOWN_MAX);
	report_torn(report, session);
	if (exploration->saved == 0) {
		report_finding(report, false, "states were played",
		               "the budget was too small for one");
		report->unknown++;
	} else if (count == 0) {
		snprintf(name, sizeof(name), "no unsafe window in %u states", exploration->saved);
		report_finding(report, true, name, NULL);
	}
	report_rerun(report, session, exploration);
	if (session->power != NULL)
		report_power(report, session);
	if (session->closure != NULL)
		report_closure(report, session);
	report_litter(report, session);
	report_counts(report, session, exploration);
	report_untested(report, session, exploration);
}

/* --- expectations */

static uint64_t
measure(const struct report *report, const struct exploration *exploration, enum torture_measure of)
{
	if (of == TORTURE_EXPLORED)
		return UINT64_C(1000000) * exploration->explored / exploration->points;
	return of == TORTURE_LITTER ? report->litter : report->found - report->unknown;
}

static void
tell_measured(const struct torture_expectation *expectation, uint64_t measured, char *why,
              size_t size)
{
	char text[48];

	snprintf(why, size, "measured: %s",
	         unit_format(expectation->of == TORTURE_EXPLORED ? unit_shares : unit_none,
	                     measured, text, sizeof(text)));
}

/* What could not be judged is no finding, and no pass. */
void
report_expectations(struct report *report, const struct session *session,
                    const struct exploration *exploration)
{
	char why[96];

	snprintf(why, sizeof(why), "%u findings could not be judged", report->unknown);
	report_test(report, report->unknown == 0, "all that was played was judged", why);
	report->open += report->unknown > 0;
	for (size_t i = 0; i < session->options->expectations; i++) {
		const struct torture_expectation *expectation = &session->options->expect[i];
		uint64_t measured = measure(report, exploration, expectation->of);
		bool holds = compare_holds(measured, expectation->compare, expectation->value);
		tell_measured(expectation, measured, why, sizeof(why));
		report_test(report, holds, expectation->text, why);
		/* What was not judged may be what is missing. */
		report->open += !holds && report->unknown > 0 && measured < expectation->value;
	}
}

int
report_end(struct report *report)
{
	unsigned open = report->is_expected ? report->open : report->unknown;

	if (report->name == NULL)
		fprintf(report->out, "1..%u\n", report->tests);
	if (report->failed > open)
		return EXIT_UNMET;
	return report->unknown > 0 ? EXIT_INCONCLUSIVE : EXIT_MET;
}

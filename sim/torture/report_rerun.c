/* SPDX-License-Identifier: ISC
 *
 * Lines of TAP about kills of the running command.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/torture/report.h"
#include "sim/util/clock.h"

#define SHOWN_MAX 10
#define LINE_SIZE (OP_NAME_SIZE + 256)

struct tally {
	uint32_t played, missed, bad, unknown, shown;
};

static const char *
name_of(const struct session *session, uint32_t point, char *text, size_t size)
{
	if (point == session->record->ops)
		return "the end";
	return op_text(session->record, &session->record->op[point], text, size);
}

static void
count(struct tally *tally, const struct outcome *outcome)
{
	tally->missed += outcome->judged == JUDGED_MISSED;
	tally->played += outcome->judged > JUDGED_MISSED;
	tally->bad += outcome->judged >= JUDGED_FAIL;
	tally->unknown += outcome->judged == JUDGED_UNKNOWN;
}

/* Points that did not come again are no pass; if none came, nothing is known. */
static void
report_missed(struct report *report, const char *engine, const struct tally *tally)
{
	char name[LINE_SIZE];

	if (tally->missed == 0)
		return;
	if (tally->played == 0) {
		snprintf(name, sizeof(name), "%s: the points come again", engine);
		report_finding(report, false, name,
		               "none of them did when the command was run again");
		report->unknown++;
		return;
	}
	report_note(report,
	            "%s: %u points were not reached when the command was run again, and are "
	            "NOT tested",
	            engine, tally->missed);
}

static bool
is_bad(const struct outcome *outcome)
{
	return outcome->judged >= JUDGED_FAIL;
}

static void
report_difference(struct report *report, const struct session *session, uint32_t point,
                  const struct outcome *real, const struct outcome *saved)
{
	char name[LINE_SIZE], text[OP_NAME_SIZE + 16];

	snprintf(name, sizeof(name), "a real kill before %s is as its saved state",
	         name_of(session, point, text, sizeof(text)));
	report_finding(report, false, name, NULL);
	report_note(report, "  real kill: %s; saved state: %s", is_bad(real) ? real->why : "passes",
	            is_bad(saved) ? saved->why : "passes");
	report_note(report,
	            "  advice: something besides files is part of the state: a process that "
	            "serves others, shared memory, the clock");
}

static void
report_real(struct report *report, const struct session *session,
            const struct exploration *exploration)
{
	struct tally tally = {0};
	char name[LINE_SIZE];

	for (uint32_t i = 0; i < session->candidates; i++) {
		const struct candidate *candidate = &session->candidate[i];
		const struct outcome *real = &session->outcome[i], *saved;
		uint32_t played = exploration->played[candidate->point];
		if (candidate->engine != ENGINE_REAL)
			continue;
		count(&tally, real);
		if (real->judged <= JUDGED_MISSED || played == POINT_UNKNOWN)
			continue;
		saved = &session->outcome[played];
		if (is_bad(real) != is_bad(saved) && tally.shown++ < SHOWN_MAX)
			report_difference(report, session, candidate->point, real, saved);
	}
	report_missed(report, "real kills", &tally);
	if (tally.shown > SHOWN_MAX)
		report_note(report, "and %u more", tally.shown - SHOWN_MAX);
	snprintf(name, sizeof(name), "real kills at %u points agree with the saved states",
	         tally.played);
	if (tally.played > 0 && tally.shown == 0)
		report_finding(report, true, name, NULL);
}

/* Of one class; the first that fails stands for it. */
static void
report_class(struct report *report, const struct session *session, uint32_t class)
{
	const struct outcome *first = NULL;
	struct tally tally = {0};
	char name[LINE_SIZE];

	for (uint32_t i = 0; i < session->candidates; i++) {
		const struct candidate *candidate = &session->candidate[i];
		const struct outcome *outcome = &session->outcome[i];
		if (candidate->engine != ENGINE_ONE ||
		    session->record->op[candidate->point].class != class)
			continue;
		count(&tally, outcome);
		if (first == NULL && is_bad(outcome))
			first = outcome;
	}
	if (first == NULL)
		return;
	snprintf(name, sizeof(name), "one process killed before %s: %u of %u fail",
	         session->record->classes->label[class].text, tally.bad, tally.played);
	report_finding(report, false, name, first->why);
	report->unknown += tally.bad == tally.unknown;
}

static void
report_one(struct report *report, const struct session *session)
{
	struct tally tally = {0};
	char name[LINE_SIZE];

	for (uint32_t i = 0; i < session->candidates; i++)
		if (session->candidate[i].engine == ENGINE_ONE)
			count(&tally, &session->outcome[i]);
	for (uint32_t class = 0; class < session->record->classes->used; class ++)
		report_class(report, session, class);
	report_missed(report, "kills of one process", &tally);
	snprintf(name, sizeof(name), "one process killed, at %u points", tally.played);
	if (tally.bad == 0 && tally.played > 0)
		report_finding(report, true, name, NULL);
}

/* The first to be run again is never killed before its end. */
static int64_t
rerun_time(const struct session *session)
{
	for (uint32_t i = 0; i < session->candidates; i++)
		if (session->candidate[i].engine == ENGINE_REAL &&
		    session->candidate[i].point == session->record->ops)
			return session->outcome[i].rerun_ns;
	return 0;
}

static double
in_ms(int64_t time_ns)
{
	return (double)time_ns / (double)NS_PER_MS;
}

void
report_times(struct report *report, const struct session *session, int64_t start_ns)
{
	int64_t rerun_ns = rerun_time(session);

	if (rerun_ns > 0)
		report_note(report, "the command took %.1f ms traced without being recorded",
		            in_ms(rerun_ns));
	report_note(report, "the command took %.1f ms traced and %.1f ms not; the states %.0f ms",
	            in_ms(session->record->took_ns), in_ms(session->clean.took_ns),
	            in_ms(clock_now_ns() - start_ns));
}

void
report_rerun(struct report *report, const struct session *session,
             const struct exploration *exploration)
{
	if (session->options->real_kill)
		report_real(report, session, exploration);
	if (session->options->one_process)
		report_one(report, session);
}

/* SPDX-License-Identifier: ISC
 *
 * Lines of TAP about recoveries that were killed.
 */
#include <string.h>

#include "sim/torture/closure.h"
#include "sim/torture/report.h"

#define SHOWN_MAX 10

static bool
is_first_of_class(const struct closure *closure, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (closure->state[i].outcome.judged >= JUDGED_FAIL &&
		    strcmp(closure->state[i].class, closure->state[index].class) == 0)
			return false;
	return true;
}

static void
report_state(struct report *report, const struct closure *closure, uint32_t index)
{
	const struct closure_state *state = &closure->state[index];
	uint32_t like = 0;
	char name[512];

	for (uint32_t i = index; i < closure_kept(closure); i++)
		like += closure->state[i].outcome.judged >= JUDGED_FAIL &&
		        strcmp(closure->state[i].class, state->class) == 0;
	snprintf(name, sizeof(name), "killed %u times, the last before %s in a recovery",
	         state->kills, state->point);
	report_finding(report, false, name, state->outcome.why);
	report->unknown += state->outcome.judged == JUDGED_UNKNOWN;
	if (like > 1)
		report_note(report, "  and %u more before %s", like - 1, state->class);
}

void
report_closure(struct report *report, const struct session *session)
{
	const struct closure *closure = session->closure;
	uint32_t kept = closure_kept(closure), played = 0, bad = 0, shown = 0, kills = 1, left;
	char name[256];

	for (uint32_t i = 0; i < kept; i++) {
		const struct outcome *outcome = &closure->state[i].outcome;
		played += outcome->judged != JUDGED_NOT;
		if (outcome->judged != JUDGED_NOT && closure->state[i].kills > kills)
			kills = closure->state[i].kills;
		if (outcome->judged < JUDGED_FAIL)
			continue;
		bad++;
		if (is_first_of_class(closure, i) && shown++ < SHOWN_MAX)
			report_state(report, closure, i);
	}
	left = kept - played + atomic_load(&closure->skipped);
	snprintf(name, sizeof(name), "recoveries that are killed, too: %u new states", played);
	if (bad == 0)
		report_finding(report, true, name, NULL);
	report_note(report,
	            "%u points of recoveries, %u new states, up to %u kills one after the other",
	            atomic_load(&closure->points), played, kills);
	if (left > 0)
		report_note(report, "NOT closed: %u more new states were not played", left);
	else if (bad == 0)
		report_note(report,
		            "closed: of the states that were put right, none has a recovery with "
		            "a state that was not played");
}

/* SPDX-License-Identifier: ISC
 *
 * Lines of TAP about losses of power.
 */
#include <string.h>

#include "sim/torture/loss.h"
#include "sim/torture/report.h"

#define LINE_SIZE 2048

const char *
power_model_name(enum power_model model)
{
	return model == POWER_POSIX ? "posix" : "ext4";
}

static const char *
moment_text(const struct session *session, const struct candidate *candidate, char *text,
            size_t size)
{
	char point[OP_NAME_SIZE + 16] = "the end";
	bool is_end = candidate->point == session->record->ops;

	if (!is_end)
		op_text(session->record, &session->record->op[candidate->point], point,
		        sizeof(point));
	if (candidate->is_acknowledged)
		snprintf(text, size, "acknowledged, then lost: %s%s",
		         is_end ? "the command has ended well" : "what it said before ",
		         is_end ? "" : point);
	else
		snprintf(text, size, "the power fails %s%s", is_end ? "at " : "before ", point);
	return text;
}

static void
report_group(struct report *report, const struct session *session, const struct loss_group *group)
{
	const struct candidate *candidate = &session->candidate[group->loss.candidate];
	const struct outcome *outcome = &session->outcome[group->loss.candidate];
	const char *advice = loss_advice(session, &group->loss);
	char name[LINE_SIZE], text[LINE_SIZE];

	loss_story(session, &group->loss, text, sizeof(text));
	snprintf(name, sizeof(name), "%s: %.1500s: %u state%s",
	         candidate->is_acknowledged ? "power, acknowledged, then lost" : "power", text,
	         group->states, group->states == 1 ? "" : "s");
	report_finding(report, false, name, NULL);
	report->unknown += group->judged == JUDGED_UNKNOWN;
	report_note(report, "  first: %s: %s", moment_text(session, candidate, text, sizeof(text)),
	            outcome->why);
	if (advice != NULL)
		report_note(report, "  advice: %s", advice);
}

/* What was played, and how it came out. */
static void
count(const struct session *session, uint32_t *played, uint32_t *bad)
{
	*played = *bad = 0;
	for (uint32_t i = 0; i < session->candidates; i++) {
		if (session->candidate[i].engine != ENGINE_POWER)
			continue;
		*played += session->outcome[i].judged != JUDGED_NOT;
		*bad += session->outcome[i].judged >= JUDGED_FAIL;
	}
}

void
report_power(struct report *report, const struct session *session)
{
	struct loss_group group[LOSSES_SHOWN_MAX];
	int64_t groups = loss_groups(session, group);
	const char *model = power_model_name(session->power->model);
	uint32_t played, bad;
	char name[LINE_SIZE];

	count(session, &played, &bad);
	snprintf(name, sizeof(name),
	         "power: no loss of it does harm, by what %s loses, in %u states", model, played);
	if (played == 0 && session->power_states > 0) {
		report_finding(report, false, "power: states were played",
		               "the budget was too small");
		report->unknown++;
	} else if (bad == 0) {
		report_finding(report, true, name, NULL);
	}
	for (int64_t i = 0; i < groups && i < LOSSES_SHOWN_MAX; i++)
		report_group(report, session, &group[i]);
	if (groups < 0 || groups > LOSSES_SHOWN_MAX)
		report_note(report, "power: and more, which are not shown");
	report_note(report,
	            "power: %u of %u states at %u moments were played%s; what is not in the work "
	            "folders is taken to be on disk",
	            played, session->power_states, session->power_cuts,
	            played < session->power_states ? "; the budget was used up" : "");
	if (session->power_left > 0)
		report_note(report, "power: %u states more were not kept", session->power_left);
}

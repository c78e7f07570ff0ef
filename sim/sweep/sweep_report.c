/* SPDX-License-Identifier: ISC
 *
 * Printing what a sweep found.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/sweep/sweep_report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

static void
name_trial(const struct trial *trial, char *text, size_t size)
{
	const struct crash_point *first = trial->first, *second = trial->second;
	char also[48] = "";

	if (second != NULL)
		first = second;
	if (first->like > 1)
		snprintf(also, sizeof(also), " and %u like it", first->like - 1);
	if (second != NULL)
		snprintf(text, size, "killed at %s, hit %u, then at %s, hit %u%s",
		         point_name(trial->first->point), trial->first->nth,
		         point_name(second->point), second->nth, also);
	else
		snprintf(text, size, "killed at %s, hit %u%s", point_name(first->point), first->nth,
		         also);
}

static void
note_worst(struct sweep_worst *worst, uint64_t value, const char *where)
{
	if (value <= worst->value)
		return;
	worst->value = value;
	snprintf(worst->where, sizeof(worst->where), "%s", where);
}

bool
sweep_report_is_conclusive(const struct sweep_report *report)
{
	for (unsigned i = 0; i < POINTS; i++)
		if (report->chosen_at[i] > 0 && report->proven_at[i] == 0)
			return false;
	if (report->chosen_pairs > 0 && report->proven_pairs == 0)
		return false;
	return report->unreached_pairs <= report->proven_pairs;
}

void
sweep_report_trial(struct sweep_report *report, const struct trial *trial, int code)
{
	const struct trial_result *result = trial->result;
	char name[128];

	name_trial(trial, name, sizeof(name));
	report->points++;
	report->lost += result->lost;
	report->doubled += result->doubled;
	note_worst(&report->redo, result->rework, name);
	note_worst(&report->recovery, (uint64_t)result->recovery_ns, name);
	if (code == EXIT_MET) {
		report->proven++;
		if (trial->second != NULL)
			report->proven_pairs++;
		else
			report->proven_at[trial->first->point]++;
		printf("ok %u - %s\n", report->points, name);
	} else if (code == EXIT_INCONCLUSIVE) {
		report->unreached++;
		report->unreached_pairs += trial->second != NULL;
		printf("ok %u - %s # SKIP these runs ended before they came there so often\n",
		       report->points, name);
	} else {
		report->failed++;
		report->broken += code != EXIT_UNMET;
		printf("not ok %u - %s\n# %s\n# again: graveshift test %s/scenario.yaml; what was "
		       "said: %s/said\n",
		       report->points, name,
		       result->finding[0] != '\0' ? result->finding : "the trial itself broke",
		       trial->folder, trial->folder);
	}
	fflush(stdout);
}

void
sweep_report_end(const struct sweep_report *report, double seconds, unsigned jobs)
{
	uint64_t done = report->proven + report->failed + report->unreached;

	unsigned points = report->points;

	if (!sweep_report_is_conclusive(report))
		printf("not ok %u - each point that is reached is proven at least once\n"
		       "# inconclusive\n",
		       ++points);
	printf("1..%u\n", points);
	printf("# %" PRIu64 " of %" PRIu64 " crash points proven, %" PRIu64 " lost, %" PRIu64
	       " doubled\n",
	       report->proven, report->chosen, report->lost, report->doubled);
	if (report->failed > 0)
		printf("# %" PRIu64 " failed\n", report->failed);
	if (report->unreached > 0)
		printf("# %" PRIu64 " were not reached again%s\n", report->unreached,
		       sweep_report_is_conclusive(report)
		           ? ": other hits of their points are proven"
		           : ": too many, or all of a point; inconclusive");
	if (done < report->chosen)
		printf("# %" PRIu64 " were not tried: the budget is used up%s\n",
		       report->chosen - done,
		       sweep_report_is_conclusive(report)
		           ? ""
		           : ", and of a point not one hit is proven; inconclusive");
	if (report->hits > report->chosen)
		printf("# %" PRIu64 " hits in all: %" PRIu64
		       " are like another, as nothing durable changed between them\n",
		       report->hits, report->hits - report->chosen);
	if (report->redo.value > 0)
		printf("# most work done again: %" PRIu64 " records, %s\n", report->redo.value,
		       report->redo.where);
	if (report->recovery.value > 0)
		printf("# longest recovery: %.1f ms, %s\n",
		       (double)report->recovery.value / (double)NS_PER_MS, report->recovery.where);
	printf("# %.1f crash points a second, %u side by side\n",
	       seconds > 0 ? (double)done / seconds : 0.0, jobs);
}

/* SPDX-License-Identifier: ISC
 *
 * From runs to figures, and from figures to answers.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/tradeoff/weighing.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define NS_PER_US 1000.0

void
weighed_add(struct weighed *side, const struct trial_result *result)
{
	const struct flow_stats *stats = &result->stream;
	double events = stats->events > 0 ? (double)stats->events : 1;
	unsigned round = side->rounds;
	double(*figure)[WEIGHING_ROUNDS] = side->figure;

	if (result->exit_code != EXIT_MET && side->failed[0] == '\0')
		strlcpy(side->failed, result->failed[0] != '\0' ? result->failed : result->finding,
		        sizeof(side->failed));
	if (result->unlanded[0] != '\0') {
		strlcpy(side->unlanded, result->unlanded, sizeof(side->unlanded));
		side->failed[0] = '\0';
	}
	if (!result->judged || round == WEIGHING_ROUNDS)
		return;
	figure[FIGURE_P50_MS][round] = (double)flow_stats_percentile(stats, 0.5) / NS_PER_MS;
	figure[FIGURE_P99_MS][round] = (double)flow_stats_percentile(stats, 0.99) / NS_PER_MS;
	figure[FIGURE_RATE][round] =
	    result->job_ns > 0 ? (double)stats->events * NS_PER_S / (double)result->job_ns : 0;
	figure[FIGURE_TRANSACTIONS][round] = (double)stats->transactions / events;
	figure[FIGURE_PROCESSOR_US][round] = (double)stats->processor_ns / NS_PER_US / events;
	figure[FIGURE_CALLS][round] = (double)stats->counter[FLOW_CALLS] / events;
	figure[FIGURE_STALE][round] = (double)result->stale;
	figure[FIGURE_REBUILD_MS][round] = (double)stats->counter[FLOW_REBUILD_US] / 1000;
	side->rounds++;
}

static int
compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double
weighed_figure(const struct weighed *side, enum figure figure)
{
	double sorted[WEIGHING_ROUNDS];

	if (side->rounds == 0)
		return 0;
	memcpy(sorted, side->figure[figure], sizeof(sorted));
	qsort(sorted, side->rounds, sizeof(sorted[0]), compare_doubles);
	return sorted[side->rounds / 2];
}

static const struct weighed *
find_side(const struct weighing *weighing, const char *name)
{
	for (size_t i = 0; i < weighing->sides; i++)
		if (strcmp(weighing->side[i].choice->name, name) == 0)
			return &weighing->side[i];
	return NULL;
}

/* Only what was done right was measured. */
static bool
is_sound(const struct weighed *side)
{
	return side != NULL && side->rounds > 0 && side->failed[0] == '\0' &&
	       side->unlanded[0] == '\0';
}

enum answer
claim_answer(const struct weighing *weighing, const struct claim *claim)
{
	const struct weighed *less = find_side(weighing, claim->less),
			     *more = find_side(weighing, claim->more);
	double small, large;

	if (!is_sound(less) || !is_sound(more))
		return ANSWER_OPEN;
	small = weighed_figure(less, claim->figure);
	large = weighed_figure(more, claim->figure);
	if (large > small * WEIGHING_SAME)
		return ANSWER_SO;
	return small > large * WEIGHING_SAME ? ANSWER_OTHERWISE : ANSWER_SAME;
}

const char *
answer_name(enum answer answer)
{
	static const char *const names[] = {[ANSWER_OPEN] = "open",
	                                    [ANSWER_SO] = "so",
	                                    [ANSWER_SAME] = "the same",
	                                    [ANSWER_OTHERWISE] = "otherwise"};

	return names[answer];
}

static void
print_one(const struct weighing *weighing, const char *name, enum figure figure, FILE *out)
{
	const struct weighed *side = find_side(weighing, name);

	if (is_sound(side))
		fprintf(out, "%s %.*f", name, figure_digits(figure), weighed_figure(side, figure));
	else
		fprintf(out, "%s was not measured", name);
}

void
claim_print(const struct weighing *weighing, const struct claim *claim, FILE *out)
{
	enum answer answer = claim_answer(weighing, claim);

	fprintf(out, "%s: ", figure_name(claim->figure));
	print_one(weighing, claim->less, claim->figure, out);
	fputs("; ", out);
	print_one(weighing, claim->more, claim->figure, out);
	if ((answer == ANSWER_SAME || answer == ANSWER_OTHERWISE) && claim->reason != NULL)
		fprintf(out, ". Perhaps %s", claim->reason);
}

int
weighing_exit_code(const struct weighing *weighing)
{
	bool open = false;

	for (size_t i = 0; i < weighing->sides; i++) {
		if (weighing->side[i].failed[0] != '\0')
			return EXIT_UNMET;
		open |= weighing->side[i].unlanded[0] != '\0';
	}
	return open ? EXIT_INCONCLUSIVE : EXIT_MET;
}

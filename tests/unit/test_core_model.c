/* SPDX-License-Identifier: ISC
 *
 * The coordinator in its simulated world, several hundred seeds; both audits after every step.
 */
#include "tests/unit/core_model.h"

#define SEEDS 400

static void
nothing_is_lost_or_doubled(void **state)
{
	struct core_model *model = malloc(sizeof *model);
	struct totals totals = {0};
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		model_run(model, (struct model_options){.seed = seed}, &totals);
	for (enum core_outcome outcome = OUTCOME_DONE; outcome <= OUTCOME_DRAINED; outcome++)
		assert_true(totals.outcomes[outcome] > 0);
	for (enum cause cause = CAUSE_NONE; cause <= CAUSE_INFRA; cause++)
		assert_true(totals.stats.attempts[cause] > 100);
	assert_true(totals.refused > 50 && totals.stats.fenced > 10);
	assert_true(totals.stats.found_done > 50 && totals.stats.stale > 1000);
	assert_true(totals.stats.isolated > 5 && totals.stats.quarantined > 10);
	assert_true(totals.stats.returned > 5 && totals.restarts > 100);
	assert_true(totals.stats.copies > 80 && totals.stats.copies_won > 20);
	assert_true(totals.stats.attempts[CAUSE_SPECULATIVE] > 10);
	free(model);
}

static void
same_seed_gives_the_same_run(void **state)
{
	struct core_model *model = malloc(sizeof *model);
	struct totals totals = {0};
	uint64_t last = 0;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		uint64_t first = model_run(model, (struct model_options){.seed = seed}, &totals);
		assert_true(first ==
		            model_run(model, (struct model_options){.seed = seed}, &totals));
		assert_true(first != last);
		last = first;
	}
	free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_lost_or_doubled),
	    cmocka_unit_test(same_seed_gives_the_same_run),
	};
	return RUN_TAP(tests);
}

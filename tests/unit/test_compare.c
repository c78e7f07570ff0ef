/* SPDX-License-Identifier: ISC
 *
 * Comparing strategies: what is said of one because of its runs, stars, letters, CSV.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/compare/stars.h"
#include "sim/store/store.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

#define RECORDS 1000

static const struct played clean = {
    .trial = {.judged = true,
              .landed = true,
              .records = RECORDS,
              .run_state = RUN_DONE,
              .job_ns = NS_PER_S},
    .written = 5,
};

static struct played
but(void (*change)(struct trial_result *trial))
{
	struct played played = clean;

	change(&played.trial);
	return played;
}

static void
lose(struct trial_result *trial)
{
	trial->lost = 1;
}

static void
lose_effect(struct trial_result *trial)
{
	trial->effects_lost = 1;
}

static void
double_row(struct trial_result *trial)
{
	trial->doubled = 3;
}

static void
double_effect(struct trial_result *trial)
{
	trial->effects_doubled = 2;
}

static void
lose_and_double(struct trial_result *trial)
{
	trial->lost = trial->effects_doubled = 1;
}

static void
go_back(struct trial_result *trial)
{
	strlcpy(trial->finding, "I6 went back", sizeof(trial->finding));
}

static void
fail_job(struct trial_result *trial)
{
	trial->run_state = RUN_FAILED;
}

static void
give_no_verdict(struct trial_result *trial)
{
	trial->judged = false;
}

static void
miss(struct trial_result *trial)
{
	strlcpy(trial->unlanded, "k1", sizeof(trial->unlanded));
}

static void
miss_kill(struct trial_result *trial)
{
	trial->landed = false;
}

static void
redo(struct trial_result *trial)
{
	trial->rework = RECORDS / 2;
}

static const struct {
	void (*change)(struct trial_result *trial);
	enum fate fate;
	char letter;
	enum side_verdict correct, naive;
} cases[] = {
    {lose, FATE_LOST, 'L', SIDE_FAILED, SIDE_CAUGHT},
    {lose_effect, FATE_LOST, 'L', SIDE_FAILED, SIDE_CAUGHT},
    {double_row, FATE_DOUBLED, 'D', SIDE_FAILED, SIDE_CAUGHT},
    {double_effect, FATE_DOUBLED, 'D', SIDE_FAILED, SIDE_CAUGHT},
    {lose_and_double, FATE_BOTH, 'B', SIDE_FAILED, SIDE_CAUGHT},
    {go_back, FATE_BROKEN, 'X', SIDE_FAILED, SIDE_CAUGHT},
    {fail_job, FATE_STUCK, 'S', SIDE_FAILED, SIDE_CAUGHT},
    {give_no_verdict, FATE_STUCK, 'S', SIDE_FAILED, SIDE_CAUGHT},
    {miss, FATE_UNLANDED, '?', SIDE_OPEN, SIDE_OPEN},
    {miss_kill, FATE_UNLANDED, '?', SIDE_OPEN, SIDE_OPEN},
    {redo, FATE_CLEAN, '5', SIDE_CLEAN, SIDE_MISSED},
};

static void
verify_side(const struct comparison *comparison, struct side *side, enum side_verdict wanted)
{
	assert_int_equal(side_verdict_of(comparison, side), wanted);
}

static void
test_fates(void **state)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));

	assert_non_null(comparison);
	comparison->records = RECORDS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct played played = but(cases[i].change);
		struct side side = {.strategy = STRATEGY_ID_CHECKPOINT};
		struct side naive = {.strategy = STRATEGY_ID_NONE};
		struct cell cell = {.planned = 1};

		assert_int_equal(fate_of(&played), cases[i].fate);
		side_tally_add(&side.calm, &clean);
		side_tally_add(&side.hurt, &played);
		naive.hurt = side.hurt;
		verify_side(comparison, &side, cases[i].correct);
		verify_side(comparison, &naive, cases[i].naive);
		cell.landed = cases[i].fate != FATE_UNLANDED;
		if (cell.landed > 0)
			side_tally_add(&cell.tally, &played);
		assert_int_equal(cell_letter(comparison, &cell), cases[i].letter);
	}
	free(comparison);
}

/* What one kill of the grid shows counts as what the scenario's faults show. */
static void
test_grid_counts(void **state)
{
	const struct played doubled = but(double_row);
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	struct side *side, naive = {.strategy = STRATEGY_ID_NAIVE_MANIFEST};

	assert_non_null(comparison);
	side = &comparison->side[0];
	comparison->sides = 1;
	*side = (struct side){.strategy = STRATEGY_ID_MANIFEST};
	side_tally_add(&side->hurt, &clean);
	assert_int_equal(comparison_exit_code(comparison), EXIT_MET);
	side->cell[POINT_WORKER_STARTED] = (struct cell){.planned = 3};
	assert_int_equal(comparison_exit_code(comparison), EXIT_INCONCLUSIVE);
	side->cell[POINT_WORKER_STARTED].landed = 1;
	assert_int_equal(comparison_exit_code(comparison), EXIT_MET);
	side_tally_add(&side->cell[POINT_WORKER_STARTED].tally, &doubled);
	assert_int_equal(comparison_exit_code(comparison), EXIT_UNMET);
	naive.hurt = side->hurt;
	comparison->side[0] = naive;
	assert_int_equal(comparison_exit_code(comparison), EXIT_UNMET);
	side_tally_add(&side->cell[POINT_WORKER_STARTED].tally, &doubled);
	assert_int_equal(comparison_exit_code(comparison), EXIT_MET);
	/* Caught or not: who was not hit by the same faults was not compared. */
	strlcpy(side->hurt.unlanded, "k1", sizeof(side->hurt.unlanded));
	assert_int_equal(comparison_exit_code(comparison), EXIT_INCONCLUSIVE);
	free(comparison);
}

static void
test_medians(void **state)
{
	struct side_tally tally = {0};

	for (int64_t i = 0; i < ROUNDS_MAX + 1; i++) {
		struct played played = clean;
		played.trial.job_ns = (i * 2 + 1) % ROUNDS_MAX;
		played.trial.rework = (uint64_t)i;
		side_tally_add(&tally, &played);
	}
	assert_int_equal(tally.rounds, ROUNDS_MAX);
	assert_int_equal(side_time_ns(&tally), 1);
	assert_int_equal(tally.redone, ROUNDS_MAX);
}

static struct side *
add_side(struct comparison *comparison, enum strategy_id id, int64_t time_ns, uint64_t redone)
{
	struct side *side = &comparison->side[comparison->sides++];
	struct played calm = clean, hurt = clean;

	*side = (struct side){.strategy = id, .loaded = true};
	calm.trial.job_ns = time_ns;
	hurt.trial.rework = redone;
	side_tally_add(&side->calm, &calm);
	side_tally_add(&side->hurt, &hurt);
	return side;
}

static void
test_stars(void **state)
{
	static const unsigned statements[] = {16, 17, 33, 128, 129};
	static const unsigned complexity[] = {1, 2, 3, 4, 5};
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	struct side *fast, *slow;
	const struct played lost = but(lose);

	assert_non_null(comparison);
	comparison->records = RECORDS;
	comparison->scenario.faults = 1;
	fast = add_side(comparison, STRATEGY_ID_CHECKPOINT, 100, RECORDS / 100);
	slow = add_side(comparison, STRATEGY_ID_IDEMPOTENT, 251, RECORDS / 100 + 1);
	assert_int_equal(stars_measured(comparison, fast, STARS_PERFORMANCE), 5);
	assert_int_equal(stars_measured(comparison, slow, STARS_PERFORMANCE), 2);
	assert_int_equal(stars_measured(comparison, fast, STARS_RECOVERY), 5);
	assert_int_equal(stars_measured(comparison, slow, STARS_RECOVERY), 4);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		fast->code.statements = statements[i];
		assert_int_equal(stars_measured(comparison, fast, STARS_COMPLEXITY), complexity[i]);
	}
	/* Who loses records has not recovered, and without faults there was nothing to recover. */
	side_tally_add(&slow->hurt, &lost);
	assert_int_equal(stars_measured(comparison, slow, STARS_RECOVERY), 0);
	comparison->scenario.faults = 0;
	assert_int_equal(stars_measured(comparison, fast, STARS_RECOVERY), 0);
	free(comparison);
}

static void
test_code_is_counted(void **state)
{
	for (unsigned id = 0; id < STRATEGY_IDS; id++) {
		struct code_size size = code_size_of(id);
		assert_true(size.statements > 0);
		assert_true(size.lines > size.statements);
	}
	assert_true(code_size_of(STRATEGY_ID_MANIFEST).statements >
	            code_size_of(STRATEGY_ID_NONE).statements);
}

static void
test_letters_of_clean_cells(void **state)
{
	static const struct {
		uint64_t redone;
		char letter;
	} clean_cells[] = {{0, '.'},   {1, '1'},    {100, '1'},   {101, '2'},
	                   {800, '8'}, {1000, '9'}, {100000, '9'}};
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	struct cell cell = {0};

	assert_non_null(comparison);
	comparison->records = RECORDS;
	assert_int_equal(cell_letter(comparison, &cell), ' ');
	cell = (struct cell){.planned = 1, .landed = 1, .tally = {.worst = FATE_CLEAN}};
	for (size_t i = 0; i < sizeof(clean_cells) / sizeof(clean_cells[0]); i++) {
		cell.tally.redone = clean_cells[i].redone;
		assert_int_equal(cell_letter(comparison, &cell), clean_cells[i].letter);
	}
	free(comparison);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fates),           cmocka_unit_test(test_grid_counts),
	    cmocka_unit_test(test_medians),         cmocka_unit_test(test_stars),
	    cmocka_unit_test(test_code_is_counted), cmocka_unit_test(test_letters_of_clean_cells),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

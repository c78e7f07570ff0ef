/* SPDX-License-Identifier: ISC
 *
 * Every planted bug of the coordinator is found, by the audits, by the simulated world around it
 * alone, or by both, within a number of runs that is stated here.  Without PLANT=1 there are none.
 */
#ifdef PLANTED_BUGS

#include "tests/unit/core_model.h"

#define SEEDS 20
#define MANY 2000 /* for what takes several mishaps at once */

/* Runs until it is found; 0: it is not. */
struct bug {
	enum core_planted bug;
	unsigned by_audit; /* with the step audit after every step */
	unsigned by_world; /* without any audit */
};

static const struct bug bugs[] = {
    {PLANTED_SLOW_TAKEN_FOR_DEAD, SEEDS, 0}, /* harm is done to time and budget alone */
    {PLANTED_STALE_EXIT, SEEDS, SEEDS},         {PLANTED_DOUBLE_REASSIGN, SEEDS, SEEDS},
    {PLANTED_POISON_LOOP, SEEDS, SEEDS},        {PLANTED_RETRY_NOT_CHARGED, SEEDS, SEEDS},
    {PLANTED_CHARGE_OF_INNOCENT, SEEDS, SEEDS}, {PLANTED_LEASE_WITHOUT_FENCE, SEEDS, SEEDS},
    {PLANTED_EPOCH_GOES_BACK, SEEDS, SEEDS},    {PLANTED_BUDGET_OFF_BY_ONE, SEEDS, SEEDS},
    {PLANTED_LOST_WAKEUP, SEEDS, SEEDS},        {PLANTED_EARLY_DONE, SEEDS, SEEDS},
    {PLANTED_DEAD_NOT_COUNTED, 0, MANY},        {PLANTED_LOST_OUTPUT, SEEDS, SEEDS},
    {PLANTED_CHILD_TOO_EARLY, SEEDS, SEEDS},    {PLANTED_DEAD_TAKEN_FOR_DONE, SEEDS, SEEDS},
    {PLANTED_HASH_BY_COUNT, SEEDS, 0}, /* only more moves than has to */
    {PLANTED_COPY_OUTLIVES, MANY, 0},           {PLANTED_COPY_CHARGED, MANY, MANY},
};

static struct {
	jmp_buf back;
	const char *condition;
	const char *file;
	int line;
} found;

static void
note_finding(const char *condition, const char *file, int line)
{
	found.condition = condition;
	found.file = file;
	found.line = line;
	longjmp(found.back, 1);
}

static bool
run_finds(struct core_model *model, uint32_t planted, enum audits audits, uint64_t seed)
{
	static struct totals totals;
	check_hook = note_finding;
	if (setjmp(found.back) == 0) {
		model_run(
		    model,
		    (struct model_options){.seed = seed, .audits = audits, .planted = planted},
		    &totals);
		check_hook = NULL;
		return false;
	}
	check_hook = NULL;
	driver_close(&model->driver);
	return true;
}

/* How many runs it took, or 0. */
static unsigned
runs_until_found(struct core_model *model, uint32_t planted, enum audits audits, unsigned runs)
{
	for (unsigned seed = 1; seed <= runs; seed++)
		if (run_finds(model, planted, audits, seed))
			return seed;
	return 0;
}

static void
nothing_is_found_where_nothing_is_planted(void **state)
{
	struct core_model *model = malloc(sizeof *model);
	assert_int_equal(runs_until_found(model, 0, AUDITS_STEP, SEEDS), 0);
	assert_int_equal(runs_until_found(model, 0, AUDITS_NONE, MANY), 0);
	free(model);
}

static void
say_finding(const char *who, unsigned runs)
{
	if (runs > 0)
		print_message("#   %s: run %u, %s:%d: %s\n", who, runs, found.file, found.line,
		              found.condition);
	else
		print_message("#   %s: not in %u runs\n", who, SEEDS);
}

/* What is said not to be found is looked for all the same. */
static unsigned
most(unsigned runs)
{
	return runs > 0 ? runs : SEEDS;
}

static void
every_planted_bug_is_found(void **state)
{
	struct core_model *model = malloc(sizeof *model);
	assert_int_equal(sizeof bugs / sizeof bugs[0], CORE_PLANTED_BUGS);
	for (unsigned i = 0; i < CORE_PLANTED_BUGS; i++) {
		const struct bug *bug = &bugs[i];
		assert_int_equal(bug->bug, i);
		print_message("# %s: %s\n", core_planted_name(i), core_planted_mistake(i));
		unsigned by_audit =
		    runs_until_found(model, 1u << i, AUDITS_STEP, most(bug->by_audit));
		say_finding("audit", by_audit);
		unsigned by_world =
		    runs_until_found(model, 1u << i, AUDITS_NONE, most(bug->by_world));
		say_finding("world", by_world);
		assert_int_equal(by_audit > 0, bug->by_audit > 0);
		assert_true(by_audit <= bug->by_audit);
		assert_true(bug->by_world == 0 || (by_world > 0 && by_world <= bug->by_world));
	}
	free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_found_where_nothing_is_planted),
	    cmocka_unit_test(every_planted_bug_is_found),
	};
	return RUN_TAP(tests);
}

#else

#include <stdio.h>

int
main(void)
{
	puts("TAP version 13\n1..1\nok 1 - planted bugs # SKIP not in this build: make PLANT=1");
	return 0;
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * Stages, restored state and the end of the job.
 */
#include "tests/unit/core_driver.h"

static void
higher_stages_wait_for_lower_ones(void **state)
{
	struct core_config config = config_of(5, 2, 2);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 3, TASK_READY, 1, 1, 0);
	restored(&driver, 4, TASK_BLOCKED, 5, 3, 0);
	assert_stale(&driver, (struct core_step){.kind = EV_TASK_RESTORED,
	                                         .task = 4,
	                                         .epoch = 9,
	                                         .value = core_restored(TASK_DONE, 0, 0, false)});
	plan_ready(&driver);
	assert_int_equal(state_of(&driver, 2), TASK_READY);
	assert_int_equal(state_of(&driver, 3), TASK_BLOCKED);
	assert_int_equal(state_of(&driver, 4), TASK_BLOCKED);
	joined(&driver, 0);
	joined(&driver, 1);
	for (uint32_t task = 0; task < 3; task++) {
		assert_int_equal(state_of(&driver, 3), TASK_BLOCKED);
		done(&driver, core_task(driver.core, task).slot, task);
	}
	assert_int_equal(the(&driver, ACT_ASSIGN).task, 3);
	done(&driver, core_task(driver.core, 3).slot, 3);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, 4);
	assert_int_equal(the(&driver, ACT_ASSIGN).epoch, 3);
	assert_int_equal(core_task(driver.core, 4).stage, 5);
	done(&driver, core_task(driver.core, 4).slot, 4);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	assert_stale(&driver, (struct core_step){.kind = EV_PLAN_READY});
	driver_close(&driver);
}

/* Gives task 0 up: attempts 1, isolation fails. */
static void
bury(struct driver *driver, uint32_t task, uint64_t records)
{
	for (int i = 0; i < 2; i++) {
		failed(driver, core_task(driver->core, task).slot, task, CAUSE_DATA);
		taken_over(driver, task, false);
	}
	assert_int_equal(the(driver, ACT_BURY).task, task);
	feed(driver, (struct core_step){.kind = EV_TASK_BURIED, .task = task, .value = records});
}

static void
dead_task_skips_what_depends_on_it(void **state)
{
	enum { TASKS = 5000 };
	struct core_config config = config_of(TASKS, 1, 2);
	struct driver driver;
	size_t skipped = 0, steps = 0;
	config.attempts = 1;
	config.dead_letters_max = 2;
	driver_open(&driver, &config);
	for (uint32_t task = 2; task < TASKS; task++)
		core_step(
		    driver.core,
		    &(struct core_step){.kind = EV_TASK_RESTORED,
		                        .task = task,
		                        .epoch = 1,
		                        .value = core_restored(TASK_READY, 1 + task % 3, 0, false)},
		    driver.actions);
	plan_ready(&driver);
	joined(&driver, 0);
	bury(&driver, 1, 3);
	assert_int_equal(acted(&driver, ACT_SKIP), 0); /* its neighbour is not at its end yet */
	done(&driver, 0, 0);
	do {
		assert_true(driver.count <= core_actions_max(&config));
		for (size_t i = 0; i < driver.count; i++)
			if (driver.actions[i].kind == ACT_SKIP)
				assert_int_equal(driver.actions[i].record, 1);
		skipped += acted(&driver, ACT_SKIP);
		steps++;
	} while (core_outcome(driver.core) == OUTCOME_NONE && tick_when_due(&driver));
	assert_int_equal(skipped, TASKS - 2);
	assert_true(steps > 1);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DEAD_LETTERS);
	assert_int_equal(core_stats(driver.core)->tasks[TASK_SKIPPED], TASKS - 2);
	driver_close(&driver);
}

/* What is given up within the maximum is left out of the result; the result itself never is. */
static void
dead_task_of_a_later_stage_is_a_failure(void **state)
{
	for (uint32_t dead = 0; dead < 2; dead++) {
		struct core_config config = config_of(2, 1, 1);
		struct driver driver;
		config.attempts = 1;
		config.dead_letters_max = UINT64_MAX;
		driver_open(&driver, &config);
		restored(&driver, 1, TASK_READY, 1, 1, 0);
		plan_ready(&driver);
		joined(&driver, 0);
		for (uint32_t task = 0; task < 2; task++) {
			if (task == dead)
				bury(&driver, task, task == 0 ? 3 : 0);
			else
				done(&driver, 0, task);
		}
		assert_int_equal(core_outcome(driver.core),
		                 dead == 0 ? OUTCOME_DONE : OUTCOME_DEAD_LETTERS);
		assert_int_equal(core_stats(driver.core)->tasks[TASK_SKIPPED], 0);
		driver_close(&driver);
	}
}

static void
too_many_dead_records_doom_the_job(void **state)
{
	for (uint64_t max = 4; max <= 5; max++) {
		struct core_config config = config_of(3, 1, 3);
		struct driver driver;
		config.dead_letters_max = max;
		driver_open(&driver, &config);
		restored(&driver, 2, TASK_READY, 1, 1, 0);
		plan_ready(&driver);
		joined(&driver, 0);
		struct core_step event = says(&driver, EV_TASK_DONE, 0, 0);
		event.value = 5;
		feed(&driver, event);
		assert_int_equal(state_of(&driver, 1),
		                 TASK_LEASED); /* runs to its end all the same */
		done(&driver, 0, 1);
		if (max == 4) {
			assert_int_equal(the(&driver, ACT_SKIP).task, 2);
			assert_int_equal(the(&driver, ACT_SKIP).record, 0);
			assert_int_equal(core_outcome(driver.core), OUTCOME_DEAD_LETTERS);
		} else {
			done(&driver, 0, 2);
			assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
		}
		driver_close(&driver);
	}
}

static void
dead_records_of_all_lower_stages_count(void **state)
{
	struct core_config config = config_of(3, 1, 1);
	struct driver driver;
	config.dead_letters_max = 3;
	driver_open(&driver, &config);
	restored(&driver, 1, TASK_READY, 1, 1, 0);
	restored(&driver, 2, TASK_READY, 2, 1, 0);
	plan_ready(&driver);
	joined(&driver, 0);
	for (uint32_t task = 0; task < 2; task++) {
		struct core_step event = says(&driver, EV_TASK_DONE, 0, task);
		event.value = 2;
		feed(&driver, event);
	}
	assert_int_equal(the(&driver, ACT_SKIP).task, 2);
	assert_int_equal(the(&driver, ACT_SKIP).record, 1);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DEAD_LETTERS);
	driver_close(&driver);
}

static void
dead_task_within_the_maximum_is_no_failure(void **state)
{
	for (uint64_t max = 2; max <= 3; max++) {
		struct core_config config = config_of(2, 1, 2);
		struct driver driver;
		config.attempts = 1;
		config.dead_letters_max = max;
		driver_start(&driver, &config);
		bury(&driver, 0, 3);
		done(&driver, 0, 1);
		assert_int_equal(core_outcome(driver.core),
		                 max == 2 ? OUTCOME_DEAD_LETTERS : OUTCOME_DONE);
		driver_close(&driver);
	}
}

static void
restored_state_is_taken_up(void **state)
{
	struct core_config config = config_of(6, 1, 6);
	struct driver driver;
	config.dead_letters_max = 4;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_DONE, 0, 3, 2);
	restored(&driver, 1, TASK_LEASED, 0, 4, 3);
	restored(&driver, 2, TASK_READY, 0, 5, 4);
	restored(&driver, 3, TASK_DEAD, 0, 6, 4);
	feed(&driver, (struct core_step){.kind = EV_TASK_RESTORED,
	                                 .task = 4,
	                                 .epoch = 2,
	                                 .record = 3,
	                                 .value = core_restored(TASK_READY, 0, 0, true)});
	for (uint32_t bad = 0; bad < 3; bad++)
		assert_stale(&driver,
		             (struct core_step){
				 .kind = EV_TASK_RESTORED,
				 .task = 5,
				 .epoch = bad != 0,
				 .value = core_restored(bad == 1 ? TASK_STATES : TASK_READY,
		                                        bad == 2 ? CORE_STAGES_MAX : 0, 0, false)});
	assert_int_equal(core_stats(driver.core)->dead_records, 4);
	plan_ready(&driver);
	joined(&driver, 0);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 4);
	for (size_t i = 0; i < driver.count; i++) {
		const struct core_step *assign = &driver.actions[i];
		static const uint8_t flags[] = {0, 0, CORE_ASSIGN_ISOLATE, 0, CORE_ASSIGN_SKIPS, 0};
		static const uint32_t epochs[] = {0, 4, 5, 0, 2, 1};
		assert_int_equal(assign->cause, flags[assign->task]);
		assert_int_equal(assign->epoch, epochs[assign->task]);
		assert_int_equal(assign->value, 1);
	}
	assert_int_equal(core_task(driver.core, 1).charged, 3);
	failed(&driver, 0, 1, CAUSE_DATA);
	taken_over(&driver, 1, false);
	assert_int_equal(the(&driver, ACT_ASSIGN).cause, CORE_ASSIGN_ISOLATE);
	for (uint32_t task = 1; task < 6; task++)
		if (task != 3)
			done(&driver, 0, task);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
finished_job_run_again_does_nothing(void **state)
{
	struct core_config config = config_of(2, 2, 2);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_DONE, 0, 1, 0);
	restored(&driver, 1, TASK_DONE, 1, 1, 0);
	plan_ready(&driver);
	assert_int_equal(driver.count, 1);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	driver_close(&driver);
}

static void
redriven_stage_below_a_finished_one(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_READY, 0, 7, 0);
	restored(&driver, 1, TASK_DONE, 1, 1, 0);
	plan_ready(&driver);
	joined(&driver, 0);
	done(&driver, 0, 0);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
restored_doom_still_skips(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_DEAD, 0, 7, 4);
	restored(&driver, 1, TASK_READY, 1, 1, 0);
	plan_ready(&driver);
	assert_int_equal(the(&driver, ACT_SKIP).record, 0);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DEAD_LETTERS);
	driver_close(&driver);
}

/* There is nothing below it that could have doomed it: run.db is damaged. */
static void
restored_skip_of_the_first_stage_is_a_failure(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_SKIPPED, 0, 7, 0);
	restored(&driver, 1, TASK_READY, 1, 1, 0);
	plan_ready(&driver);
	assert_int_equal(the(&driver, ACT_SKIP).record, 0);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DEAD_LETTERS);
	driver_close(&driver);
}

static void
dead_letters_of_this_stage_do_not_stop_it(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	restored(&driver, 0, TASK_DEAD, 1, 7, 4);
	restored(&driver, 1, TASK_READY, 1, 1, 0);
	plan_ready(&driver);
	joined(&driver, 0);
	done(&driver, 0, 1);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DEAD_LETTERS);
	assert_int_equal(core_stats(driver.core)->tasks[TASK_SKIPPED], 0);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(higher_stages_wait_for_lower_ones),
	    cmocka_unit_test(dead_task_skips_what_depends_on_it),
	    cmocka_unit_test(dead_task_of_a_later_stage_is_a_failure),
	    cmocka_unit_test(too_many_dead_records_doom_the_job),
	    cmocka_unit_test(dead_records_of_all_lower_stages_count),
	    cmocka_unit_test(dead_task_within_the_maximum_is_no_failure),
	    cmocka_unit_test(restored_state_is_taken_up),
	    cmocka_unit_test(finished_job_run_again_does_nothing),
	    cmocka_unit_test(redriven_stage_below_a_finished_one),
	    cmocka_unit_test(restored_doom_still_skips),
	    cmocka_unit_test(restored_skip_of_the_first_stage_is_a_failure),
	    cmocka_unit_test(dead_letters_of_this_stage_do_not_stop_it),
	};
	return RUN_TAP(tests);
}

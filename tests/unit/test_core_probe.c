/* SPDX-License-Identifier: ISC
 *
 * Records that kill their worker: two deaths at one record, the probe, both its ends and its
 * accidents.
 */
#include "tests/unit/core_driver.h"

#define PROBE 1 /* the slot after the only worker's */

static void
open_for_probes(struct driver *driver, uint32_t tasks)
{
	struct core_config config = config_of(tasks, 1, 1);
	config.dead_letters_max = 9;
	config.restart_max = 100;
	driver_start(driver, &config);
}

/* The worker dies in the task at the record; the store answers. */
static void
crash(struct driver *driver, uint32_t task, uint64_t record)
{
	while (state_of(driver, task) != TASK_LEASED) {
		if (slot_of(driver, 0) == SLOT_STARTING)
			joined(driver, 0);
		else
			assert_true(tick_when_due(driver));
	}
	exited(driver, 0, task, record, 139);
	taken_over(driver, task, false);
}

static void
poisonous_record_is_buried(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 40);
	assert_int_equal(acted(&driver, ACT_SPAWN), 0);
	crash(&driver, 0, 40);
	struct core_step spawn = the(&driver, ACT_SPAWN);
	assert_int_equal(spawn.slot, PROBE);
	assert_int_equal(core_probe_slot(&driver.config), PROBE);
	assert_true(core_task(driver.core, 0).waiting);
	joined(&driver, PROBE);
	struct core_step assign = the(&driver, ACT_ASSIGN);
	assert_int_equal(assign.slot, PROBE);
	assert_int_equal(assign.cause, CORE_ASSIGN_PROBE);
	assert_int_equal(assign.record, 40);
	assert_int_equal(assign.epoch, 3);
	exited(&driver, PROBE, 0, 40, 11);
	struct core_step bury = the(&driver, ACT_BURY_RECORD);
	assert_int_equal(bury.record, 40);
	assert_int_equal(bury.epoch, 3);
	assert_int_equal(bury.value, 11);
	assert_stale(&driver, (struct core_step){
				  .kind = EV_RECORD_BURIED, .task = 0, .epoch = 4, .record = 41});
	assert_stale(&driver, (struct core_step){
				  .kind = EV_RECORD_BURIED, .task = 0, .epoch = 2, .record = 40});
	struct core_step buried = {.kind = EV_RECORD_BURIED, .task = 0, .epoch = 4, .record = 40};
	feed(&driver, buried);
	assert_stale(&driver, buried);
	assert_int_equal(core_task(driver.core, 0).charged, 0);
	assert_int_equal(core_stats(driver.core)->isolated, 1);
	assert_int_equal(core_stats(driver.core)->dead_records, 1);
	while (slot_of(&driver, 0) == SLOT_RESTING)
		tick_when_due(&driver);
	joined(&driver, 0);
	assert_int_equal(the(&driver, ACT_ASSIGN).cause, CORE_ASSIGN_SKIPS);
	assert_int_equal(the(&driver, ACT_ASSIGN).epoch, 4);
	done(&driver, 0, 0);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
harmless_record_goes_on(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 40);
	crash(&driver, 0, 40);
	joined(&driver, PROBE);
	struct core_step survived = {.kind = EV_PROBE_SURVIVED, .task = 0, .record = 39};
	assert_stale(&driver, survived);
	survived.record = 40;
	feed(&driver, survived);
	assert_int_equal(the(&driver, ACT_DISMISS).slot, PROBE);
	assert_stale(&driver, survived);
	exited(&driver, PROBE, CORE_NO_TASK, 0, 0);
	assert_int_equal(acted(&driver, ACT_BURY_RECORD), 0);
	assert_int_equal(core_task(driver.core, 0).charged, 2);
	crash(&driver, 0, 40);
	assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT); /* not probed again */
	crash(&driver, 0, 40);
	assert_int_equal(the(&driver, ACT_BURY).cause, CAUSE_CRASH);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_CRASH], 4);
	driver_close(&driver);
}

static void
other_crashes_in_between_do_not_matter(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 40);
	crash(&driver, 0, 7);
	assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT);
	crash(&driver, 0, CORE_NO_RECORD);
	assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT);
	/* The probe comes before the end of the budget. */
	crash(&driver, 0, 40);
	assert_int_equal(acted(&driver, ACT_BURY), 0);
	joined(&driver, PROBE);
	assert_int_equal(the(&driver, ACT_ASSIGN).record, 40);
	feed(&driver, (struct core_step){.kind = EV_PROBE_SURVIVED, .task = 0, .record = 40});
	assert_int_equal(the(&driver, ACT_BURY).cause, CAUSE_CRASH);
	driver_close(&driver);
}

static void
one_probe_at_a_time(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 2);
	crash(&driver, 0, 5);
	crash(&driver, 0, 5);
	assert_int_equal(slot_of(&driver, PROBE), SLOT_STARTING);
	crash(&driver, 1, 6);
	crash(&driver, 1, 6);
	assert_true(core_task(driver.core, 1).waiting);
	joined(&driver, PROBE);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, 0);
	feed(&driver, (struct core_step){.kind = EV_PROBE_SURVIVED, .task = 0, .record = 5});
	assert_int_equal(acted(&driver, ACT_SPAWN), 0); /* the place is not free yet */
	exited(&driver, PROBE, CORE_NO_TASK, 0, 0);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, PROBE);
	assert_int_equal(the(&driver, ACT_SPAWN).incarnation, 2);
	joined(&driver, PROBE);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, 1);
	driver_close(&driver);
}

static void
hanging_probe_is_killed_and_proves_it(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 5);
	crash(&driver, 0, 5);
	joined(&driver, PROBE);
	tick(&driver, 1 * SEC);
	struct core_step event = says(&driver, EV_BEAT, PROBE, 0);
	event.record = 1;
	feed(&driver, event);
	event.task = CORE_NO_TASK;
	assert_stale(&driver, event);
	while (slot_of(&driver, PROBE) == SLOT_UP)
		assert_true(tick_when_due(&driver));
	assert_int_equal(the(&driver, ACT_KILL).slot, PROBE);
	exited(&driver, PROBE, 0, 5, 9);
	assert_int_equal(the(&driver, ACT_BURY_RECORD).value, 9);
	driver_close(&driver);
}

static void
probe_that_cannot_start_proves_nothing(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 5);
	crash(&driver, 0, 5);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(acted(&driver, ACT_BURY_RECORD), 0);
		assert_int_equal(slot_of(&driver, PROBE), SLOT_STARTING);
		exited(&driver, PROBE, CORE_NO_TASK, 0, 9);
	}
	assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT);
	assert_int_equal(core_task(driver.core, 0).charged, 2);
	while (state_of(&driver, 0) == TASK_READY) {
		if (slot_of(&driver, 0) == SLOT_STARTING)
			joined(&driver, 0);
		else
			assert_true(tick_when_due(&driver));
	}
	done(&driver, 0, 0);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

/* Leaving in peace, or dying before the record was touched, is no evidence against it. */
static void
probe_that_did_not_touch_its_record_proves_nothing(void **state)
{
	for (int peaceful = 0; peaceful < 2; peaceful++) {
		struct driver driver;
		open_for_probes(&driver, 1);
		crash(&driver, 0, 5);
		crash(&driver, 0, 5);
		for (int i = 0; i < 4; i++) {
			assert_int_equal(slot_of(&driver, PROBE), SLOT_STARTING);
			joined(&driver, PROBE);
			exited(&driver, PROBE, 0, peaceful ? 5 : CORE_NO_RECORD, peaceful ? 0 : 9);
			assert_int_equal(acted(&driver, ACT_BURY_RECORD), 0);
		}
		assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT);
		assert_int_equal(core_stats(driver.core)->isolated, 0);
		driver_close(&driver);
	}
}

static void
unkillable_probe_is_written_off(void **state)
{
	struct driver driver;
	open_for_probes(&driver, 1);
	crash(&driver, 0, 5);
	crash(&driver, 0, 5);
	joined(&driver, PROBE);
	while (slot_of(&driver, 0) == SLOT_RESTING)
		tick_when_due(&driver);
	joined(&driver, 0);
	while (slot_of(&driver, PROBE) != SLOT_ABSENT)
		assert_true(tick_when_due(&driver));
	assert_int_equal(core_stats(driver.core)->quarantined, 0);
	assert_int_equal(acted(&driver, ACT_BURY_RECORD), 0);
	assert_stale(&driver, says(&driver, EV_WORKER_EXITED, PROBE, 0));
	crash(&driver, 0, 5);
	assert_int_equal(slot_of(&driver, PROBE), SLOT_ABSENT);
	driver_close(&driver);
}

static void
drain_waits_for_a_running_probe(void **state)
{
	for (int joins = 0; joins < 2; joins++) {
		struct driver driver;
		open_for_probes(&driver, 1);
		crash(&driver, 0, 5);
		crash(&driver, 0, 5);
		if (joins)
			joined(&driver, PROBE);
		feed(&driver, (struct core_step){.kind = EV_DRAIN});
		assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
		if (joins) {
			exited(&driver, PROBE, 0, 5, 9);
			feed(&driver,
			     (struct core_step){
				 .kind = EV_RECORD_BURIED, .task = 0, .epoch = 3, .record = 5});
		} else {
			joined(&driver, PROBE); /* sent away before it is given anything */
			assert_int_equal(the(&driver, ACT_DISMISS).slot, PROBE);
			exited(&driver, PROBE, CORE_NO_TASK, 0, 0);
		}
		assert_int_equal(core_outcome(driver.core), OUTCOME_DRAINED);
		assert_int_equal(core_stats(driver.core)->isolated, joins);
		driver_close(&driver);
	}
}

static void
probes_outlive_the_last_worker(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.restart_max = 1;
	driver_start(&driver, &config);
	crash(&driver, 0, 5);
	crash(&driver, 0, 5);
	assert_int_equal(slot_of(&driver, 0), SLOT_QUARANTINED);
	assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
	joined(&driver, PROBE);
	exited(&driver, PROBE, 0, 5, 11);
	feed(&driver,
	     (struct core_step){.kind = EV_RECORD_BURIED, .task = 0, .epoch = 4, .record = 5});
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_QUARANTINED);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(poisonous_record_is_buried),
	    cmocka_unit_test(harmless_record_goes_on),
	    cmocka_unit_test(other_crashes_in_between_do_not_matter),
	    cmocka_unit_test(one_probe_at_a_time),
	    cmocka_unit_test(hanging_probe_is_killed_and_proves_it),
	    cmocka_unit_test(probe_that_cannot_start_proves_nothing),
	    cmocka_unit_test(probe_that_did_not_touch_its_record_proves_nothing),
	    cmocka_unit_test(unkillable_probe_is_written_off),
	    cmocka_unit_test(drain_waits_for_a_running_probe),
	    cmocka_unit_test(probes_outlive_the_last_worker),
	};
	return RUN_TAP(tests);
}

/* SPDX-License-Identifier: ISC
 *
 * Workers of our own come and go while the job runs: what is given back is finished or returned
 * uncharged, what stays is left alone, and what is lost is counted until somebody has it again.
 */
#include "tests/unit/core_driver.h"

#include "core/state.h"

static size_t
scale(struct driver *driver, uint64_t workers)
{
	return feed(driver,
	            (struct core_step){.kind = EV_SCALE, .task = CORE_NO_TASK, .value = workers});
}

static size_t
slot_drain(struct driver *driver, uint16_t slot)
{
	return feed(driver,
	            (struct core_step){.kind = EV_SLOT_DRAIN, .slot = slot, .task = CORE_NO_TASK});
}

/* The worker in the slot does what it was told: finishes the first, returns the others, leaves. */
static void
leave(struct driver *driver, uint16_t slot)
{
	uint32_t started = core_slot(driver->core, slot).task;
	while (core_slot(driver->core, slot).held > 1)
		feed(driver,
		     says(driver, EV_TASK_RETURNED, slot, driver->core->slots[slot].lease[1]));
	if (started != CORE_NO_TASK)
		done(driver, slot, started);
	exited(driver, slot, CORE_NO_TASK, 0, 0);
}

static void
finish(struct driver *driver)
{
	while (core_outcome(driver->core) == OUTCOME_NONE) {
		uint16_t slot = 0;
		while (core_slot(driver->core, slot).held == 0)
			slot++;
		assert_true(slot < driver->config.slots);
		done(driver, slot, core_slot(driver->core, slot).task);
	}
}

static void
scaling_down_takes_the_highest_and_charges_nothing(void **state)
{
	struct core_config config = config_of(60, 4, 3);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t task = core_slot(driver.core, 3).task;
	beat(&driver, 3, task, 1);
	scale(&driver, 2);
	assert_int_equal(acted(&driver, ACT_DISMISS), 2);
	assert_int_equal(acted(&driver, ACT_REBALANCED), 1);
	assert_int_equal(driver.count, 3);
	assert_int_equal(slot_of(&driver, 1), SLOT_UP);
	assert_int_equal(slot_of(&driver, 2), SLOT_LEAVING);
	assert_int_equal(slot_of(&driver, 3), SLOT_LEAVING);
	leave(&driver, 3);
	leave(&driver, 2);
	assert_int_equal(slot_of(&driver, 2), SLOT_ABSENT);
	assert_int_equal(state_of(&driver, task), TASK_DONE);
	const struct core_stats *stats = core_stats(driver.core);
	assert_int_equal(stats->returned, 4);
	assert_int_equal(stats->attempts[CAUSE_NONE], 2);
	for (enum cause cause = CAUSE_DATA; cause < CAUSES; cause++)
		assert_int_equal(stats->attempts[cause], 0);
	assert_int_equal(stats->restarts, 0);
	assert_int_equal(stats->recovering, 0);
	finish(&driver);
	assert_int_equal(stats->done, 60);
	driver_close(&driver);
}

static void
scaling_up_opens_the_lowest_free_slots(void **state)
{
	struct core_config config = config_of(100, 2, 1);
	struct driver driver;
	config.slots = 6;
	driver_start(&driver, &config);
	feed(&driver, (struct core_step){.kind = EV_WORKER_JOINED, .slot = 3, .incarnation = 1});
	scale(&driver, 4);
	assert_int_equal(acted(&driver, ACT_SPAWN), 2);
	assert_int_equal(driver.actions[0].slot, 2);
	assert_int_equal(driver.actions[1].slot, 4);
	joined(&driver, 4);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 4);
	/* From now on it is one of ours: killed when it hangs, and started again. */
	tick(&driver, 2 * SEC);
	assert_int_equal(slot_of(&driver, 4), SLOT_KILLING);
	assert_int_equal(slot_of(&driver, 3), SLOT_FENCED); /* the joiner is not */
	exited(&driver, 4, core_slot(driver.core, 4).task, 0, 9);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 4);
	/* More than there is room for: what can be, and it is said. */
	uint64_t stale = core_stats(driver.core)->stale;
	scale(&driver, 6);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 5);
	assert_int_equal(core_stats(driver.core)->stale, stale + 1);
	driver_close(&driver);
}

static void
drained_slot_stays_empty_until_it_is_opened(void **state)
{
	struct core_config config = config_of(40, 3, 2);
	struct driver driver;
	driver_start(&driver, &config);
	slot_drain(&driver, 1);
	assert_int_equal(the(&driver, ACT_DISMISS).slot, 1);
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = 1});
	leave(&driver, 1);
	assert_int_equal(slot_of(&driver, 1), SLOT_ABSENT);
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = 1});
	assert_stale(&driver, (struct core_step){.kind = EV_SCALE, .value = 2}); /* as it is */
	scale(&driver, 3);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 1);
	assert_int_equal(core_slot(driver.core, 1).incarnation, 2);
	joined(&driver, 1);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	driver_close(&driver);
}

static void
job_without_workers_waits(void **state)
{
	struct core_config config = config_of(10, 2, 2);
	struct driver driver;
	driver_start(&driver, &config);
	scale(&driver, 0);
	leave(&driver, 0);
	leave(&driver, 1);
	while (tick_when_due(&driver))
		;
	assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
	assert_int_equal(core_stats(driver.core)->tasks[TASK_READY], 8);
	scale(&driver, 1);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 0);
	joined(&driver, 0);
	finish(&driver);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
wanted_back_before_it_has_left(void **state)
{
	struct core_config config = config_of(40, 2, 2);
	struct driver driver;
	driver_start(&driver, &config);
	scale(&driver, 1);
	assert_int_equal(scale(&driver, 2), 1);
	assert_int_equal(acted(&driver, ACT_REBALANCED), 1);
	leave(&driver, 1); /* it goes all the same, and the next one comes */
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 1);
	assert_int_equal(core_stats(driver.core)->restarts, 0);
	joined(&driver, 1);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	driver_close(&driver);
}

static void
slots_without_a_worker_retire_too(void **state)
{
	struct core_config config = config_of(40, 4, 1);
	struct driver driver;
	driver_open(&driver, &config);
	plan_ready(&driver);
	for (uint16_t slot = 0; slot < 3; slot++)
		joined(&driver, slot);
	/* 1 rests after its second death, 2 is being killed, 3 has not come yet. */
	exited(&driver, 1, CORE_NO_TASK, 0, 9);
	joined(&driver, 1);
	exited(&driver, 1, CORE_NO_TASK, 0, 9);
	assert_int_equal(slot_of(&driver, 1), SLOT_RESTING);
	beat(&driver, 0, core_slot(driver.core, 0).task, 1);
	driver.core->slots[0].progress_ns = driver.now_ns + 10 * SEC;
	driver.core->slots[0].heard_ns = driver.now_ns + 10 * SEC;
	driver.core->slots[3].heard_ns = driver.now_ns + 10 * SEC;
	scale(&driver, 1);
	assert_int_equal(acted(&driver, ACT_DISMISS), 1);
	tick(&driver, 2 * SEC);
	assert_int_equal(slot_of(&driver, 1), SLOT_ABSENT);
	assert_int_equal(slot_of(&driver, 2), SLOT_KILLING);
	exited(&driver, 2, core_slot(driver.core, 2).task, 0, 9);
	assert_int_equal(slot_of(&driver, 2), SLOT_ABSENT);
	joined(&driver, 3);
	assert_int_equal(the(&driver, ACT_DISMISS).slot, 3);
	exited(&driver, 3, CORE_NO_TASK, 0, 0);
	assert_int_equal(slot_of(&driver, 3), SLOT_ABSENT);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_CRASH], 0);
	driver_close(&driver);
}

static void
who_does_not_leave_is_killed(void **state)
{
	struct core_config config = config_of(40, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	scale(&driver, 1);
	done(&driver, 1, core_slot(driver.core, 1).task);
	driver.core->slots[0].progress_ns = driver.now_ns + 10 * SEC;
	driver.core->slots[0].heard_ns = driver.now_ns + 10 * SEC;
	tick(&driver, config.lease_ttl_ns - 1);
	assert_int_equal(slot_of(&driver, 1), SLOT_LEAVING);
	tick(&driver, 1);
	assert_int_equal(the(&driver, ACT_KILL).slot, 1);
	exited(&driver, 1, CORE_NO_TASK, 0, 9);
	assert_int_equal(slot_of(&driver, 1), SLOT_ABSENT);
	driver_close(&driver);
}

static void
lost_job_ends_although_a_slot_was_drained(void **state)
{
	struct core_config config = config_of(40, 2, 1);
	struct driver driver;
	config.restart_max = 0;
	driver_start(&driver, &config);
	slot_drain(&driver, 1);
	leave(&driver, 1);
	uint32_t task = core_slot(driver.core, 0).task;
	exited(&driver, 0, CORE_NO_TASK, 0, 9);
	taken_over(&driver, task, false);
	assert_int_equal(core_outcome(driver.core), OUTCOME_QUARANTINED);
	driver_close(&driver);
}

static void
requests_out_of_turn_are_stale(void **state)
{
	struct core_config config = config_of(4, 2, 1);
	struct driver driver;
	config.slots = 3;
	driver_open(&driver, &config);
	assert_stale(&driver, (struct core_step){.kind = EV_SCALE, .value = 1});
	plan_ready(&driver);
	assert_stale(&driver, (struct core_step){.kind = EV_SCALE, .value = 4});
	assert_stale(&driver, (struct core_step){.kind = EV_SCALE, .value = UINT64_MAX});
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = 2});
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = 3});
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = UINT16_MAX});
	joined(&driver, 0);
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	assert_stale(&driver, (struct core_step){.kind = EV_SCALE, .value = 1});
	assert_stale(&driver, (struct core_step){.kind = EV_SLOT_DRAIN, .slot = 0});
	driver_close(&driver);
}

/* I11, in numbers: of 20000 tasks on 8 slots, 2 slots more take about two tenths, and giving them
 * back moves just what they had. */
static void
scaling_moves_no_lease_and_only_its_share(void **state)
{
	enum { TASKS = 20000, BEFORE = 8, AFTER = 10 };
	static uint16_t home[TASKS];
	struct core_config config = config_of(TASKS, BEFORE, 4);
	struct driver driver;
	config.slots = AFTER;
	driver_start(&driver, &config);
	struct core *core = driver.core;
	uint32_t moved = 0;
	for (uint32_t task = 0; task < TASKS; task++)
		home[task] = ring_owner(&core->ring, task);
	scale(&driver, AFTER);
	assert_int_equal(acted(&driver, ACT_SPAWN), 2);
	assert_int_equal(driver.count, 3); /* nothing else happens: no lease is touched */
	struct core_step note = the(&driver, ACT_REBALANCED);
	assert_int_equal(note.incarnation, BEFORE);
	assert_int_equal(note.epoch, AFTER);
	assert_int_equal(note.record, core->queues[BEFORE].count + core->queues[BEFORE + 1].count);
	assert_int_equal(note.value, TASKS - BEFORE * 4);
	for (uint32_t task = 0; task < TASKS; task++) {
		if (ring_owner(&core->ring, task) == home[task])
			continue;
		assert_true(ring_owner(&core->ring, task) >= BEFORE);
		moved++;
	}
	assert_in_range(moved, TASKS * 2 / 10 * 3 / 4, TASKS * 2 / 10 * 5 / 4);
	assert_in_range(core->queues[BEFORE].count + core->queues[BEFORE + 1].count,
	                moved - BEFORE * 4, moved);
	assert_int_equal(core_stats(core)->tasks[TASK_LEASED], BEFORE * 4);
	scale(&driver, BEFORE);
	for (uint32_t task = 0; task < TASKS; task++)
		assert_int_equal(ring_owner(&core->ring, task), home[task]);
	assert_int_equal(core->queues[BEFORE].count + core->queues[BEFORE + 1].count, 0);
	assert_int_equal(core_stats(core)->tasks[TASK_LEASED], BEFORE * 4);
	driver_close(&driver);
}

static void
what_is_lost_counts_until_it_is_leased_or_ended(void **state)
{
	struct core_config config = config_of(3, 2, 2);
	struct driver driver;
	driver_start(&driver, &config);
	const struct core_stats *stats = core_stats(driver.core);
	uint16_t slot = core_slot(driver.core, 0).held == 2 ? 0 : 1;
	uint32_t first = driver.core->slots[slot].lease[0];
	uint32_t second = driver.core->slots[slot].lease[1];
	uint32_t other = core_slot(driver.core, !slot).task;
	assert_int_equal(stats->recovering, 0);
	tick(&driver, SEC);
	beat(&driver, !slot, other, 1);
	tick(&driver, SEC);
	assert_int_equal(the(&driver, ACT_KILL).slot, slot);
	assert_int_equal(stats->recovering, 2); /* given up, its death not confirmed */
	exited(&driver, slot, first, 0, 9);
	assert_int_equal(stats->recovering, 2); /* being fenced */
	taken_over(&driver, first, false);
	assert_int_equal(stats->recovering, 1); /* leased again */
	assert_int_equal(state_of(&driver, first), TASK_LEASED);
	taken_over(&driver, second, true);
	assert_int_equal(stats->recovering, 0); /* found done */
	done(&driver, !slot, other);
	done(&driver, !slot, first);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scaling_down_takes_the_highest_and_charges_nothing),
	    cmocka_unit_test(scaling_up_opens_the_lowest_free_slots),
	    cmocka_unit_test(drained_slot_stays_empty_until_it_is_opened),
	    cmocka_unit_test(job_without_workers_waits),
	    cmocka_unit_test(wanted_back_before_it_has_left),
	    cmocka_unit_test(slots_without_a_worker_retire_too),
	    cmocka_unit_test(who_does_not_leave_is_killed),
	    cmocka_unit_test(lost_job_ends_although_a_slot_was_drained),
	    cmocka_unit_test(requests_out_of_turn_are_stale),
	    cmocka_unit_test(scaling_moves_no_lease_and_only_its_share),
	    cmocka_unit_test(what_is_lost_counts_until_it_is_leased_or_ended),
	};
	return RUN_TAP(tests);
}

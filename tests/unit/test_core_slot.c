/* SPDX-License-Identifier: ISC
 *
 * Workers: hangs and how they are taken over, deaths, restarts, quarantine, joiners, drain.
 */
#include "tests/unit/core_driver.h"

/* The lease of the slot that is not the one it is in. */
static uint32_t
prefetched(const struct driver *driver, uint16_t slot)
{
	uint32_t started = core_slot(driver->core, slot).task;
	for (uint32_t task = 0; task < driver->config.tasks; task++)
		if (task != started && core_task(driver->core, task).slot == slot)
			return task;
	return CORE_NO_TASK;
}

static void
hang_is_suspected_once_then_killed(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t task = core_slot(driver.core, 0).task;
	tick(&driver, 400 * MS);
	beat(&driver, 0, task, 1); /* progress: the standstill begins here */
	assert_int_equal(tick(&driver, 499 * MS), 0);
	beat(&driver, 0, task, 1); /* alive, but no progress */
	tick(&driver, 1 * MS);
	assert_int_equal(the(&driver, ACT_SUSPECT).task, task);
	assert_int_equal(the(&driver, ACT_SUSPECT).value, 500 * MS);
	assert_int_equal(tick(&driver, 100 * MS), 0);
	beat(&driver, 0, task, 2);
	tick(&driver, 500 * MS);
	assert_int_equal(acted(&driver, ACT_SUSPECT), 1); /* a second standstill */
	assert_int_equal(core_next_due(driver.core), driver.now_ns + 1500 * MS);
	beat(&driver, 0, task, 2);
	tick(&driver, 1500 * MS);
	struct core_step kill = the(&driver, ACT_KILL);
	assert_int_equal(kill.slot, 0);
	assert_int_equal(kill.incarnation, 1);
	assert_int_equal(kill.cause, CAUSE_HANG);
	assert_int_equal(core_stats(driver.core)->hangs, 1);
	assert_int_equal(slot_of(&driver, 0), SLOT_KILLING);
	assert_int_equal(state_of(&driver, task), TASK_LEASED);
	assert_int_equal(core_next_due(driver.core), driver.now_ns + 10 * SEC);
	driver_close(&driver);
}

static void
silence_is_a_hang_too(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.dead_ns = 100 * SEC;
	config.suspect_ns = 90 * SEC;
	driver_start(&driver, &config);
	tick(&driver, 5 * SEC - 1);
	beat(&driver, 0, 0, 0);
	assert_int_equal(tick(&driver, 5 * SEC - 1), 0);
	tick(&driver, 1);
	assert_int_equal(the(&driver, ACT_KILL).cause, CAUSE_HANG);
	driver_close(&driver);
}

static void
idle_workers_may_be_silent(void **state)
{
	struct core_config config = config_of(1, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	uint16_t busy = core_task(driver.core, 0).slot;
	for (int i = 0; i < 100; i++) {
		beat(&driver, busy, 0, (uint64_t)i);
		assert_int_equal(tick(&driver, 400 * MS), 0);
	}
	assert_int_equal(slot_of(&driver, (uint16_t)!busy), SLOT_UP);
	driver_close(&driver);
}

/* Hangs the worker in its first task; credit 2, two tasks. */
static void
hang(struct driver *driver, uint16_t slot)
{
	while (acted(driver, ACT_KILL) == 0 && slot_of(driver, slot) == SLOT_UP)
		assert_true(tick_when_due(driver));
}

static void
killed_worker_charges_only_the_named_task(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t task = core_slot(driver.core, 0).task, other = prefetched(&driver, 0);
	beat(&driver, 0, task, 1);
	hang(&driver, 0);
	exited(&driver, 0, task, 4, 9);
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	assert_int_equal(driver.actions[0].task, task);
	assert_int_equal(driver.actions[0].cause, CAUSE_HANG);
	assert_int_equal(driver.actions[0].value, 1);
	assert_int_equal(driver.actions[1].task, other);
	assert_int_equal(driver.actions[1].cause, CAUSE_INFRA);
	assert_int_equal(driver.actions[1].value, 0);
	assert_int_equal(the(&driver, ACT_SPAWN).incarnation, 2);
	taken_over(&driver, task, false);
	taken_over(&driver, other, false);
	joined(&driver, 0);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	assert_int_equal(core_task(driver.core, task).charged, 1);
	assert_int_equal(core_task(driver.core, other).charged, 0);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_HANG], 1);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_INFRA], 1);
	assert_int_equal(core_stats(driver.core)->reassigned, 2);
	assert_int_equal(core_stats(driver.core)->restarts, 1);
	driver_close(&driver);
}

static void
death_outside_any_task_charges_none(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	exited(&driver, 0, CORE_NO_TASK, CORE_NO_RECORD, 9);
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(driver.actions[i].cause, CAUSE_INFRA);
	driver_close(&driver);
}

static void
last_words_of_a_killed_worker_count(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t task = core_slot(driver.core, 0).task, other = prefetched(&driver, 0);
	hang(&driver, 0);
	done(&driver, 0, task);
	assert_int_equal(state_of(&driver, task), TASK_DONE);
	feed(&driver, says(&driver, EV_TASK_RETURNED, 0, other));
	assert_int_equal(acted(&driver, ACT_ASSIGN), 0); /* no lease for the condemned */
	struct core_step late = says(&driver, EV_WORKER_JOINED, 0, CORE_NO_TASK);
	assert_stale(&driver, late);
	exited(&driver, 0, task, 4, 9);
	assert_int_equal(acted(&driver, ACT_FENCE), 0);
	struct core_step again = says(&driver, EV_WORKER_EXITED, 0, CORE_NO_TASK);
	again.incarnation = 1;
	assert_stale(&driver, again);
	driver_close(&driver);
}

static void
unconfirmed_kill_writes_the_slot_off(void **state)
{
	struct core_config config = config_of(2, 2, 2);
	struct driver driver;
	config.restart_max = 0;
	driver_open(&driver, &config);
	plan_ready(&driver);
	joined(&driver, 0);
	uint32_t task = core_slot(driver.core, 0).task, other = prefetched(&driver, 0);
	joined(&driver, 1);
	struct core_step late = says(&driver, EV_TASK_DONE, 0, task);
	struct core_step gone = says(&driver, EV_WORKER_EXITED, 0, task);
	beat(&driver, 0, task, 3);
	hang(&driver, 0);
	tick(&driver, 10 * SEC);
	assert_int_equal(the(&driver, ACT_QUARANTINE).slot, 0);
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	taken_over(&driver, task, false);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 1);
	assert_int_equal(core_task(driver.core, task).charged, 1);
	taken_over(&driver, other, false);
	assert_int_equal(core_task(driver.core, other).charged, 0);
	assert_stale(&driver, late);
	assert_stale(&driver, gone);
	assert_int_equal(core_stats(driver.core)->quarantined, 1);
	driver_close(&driver);
}

static void
fence_takeover_leaves_the_worker_alone(void **state)
{
	struct core_config config = config_of(2, 2, 2);
	struct driver driver;
	config.takeover = TAKEOVER_FENCE;
	driver_open(&driver, &config);
	plan_ready(&driver);
	joined(&driver, 0);
	uint32_t task = core_slot(driver.core, 0).task, other = prefetched(&driver, 0);
	joined(&driver, 1);
	struct core_step refused = says(&driver, EV_COMMIT_REFUSED, 0, task);
	struct core_step still = says(&driver, EV_BEAT, 0, task);
	struct core_step late = says(&driver, EV_TASK_DONE, 0, task);
	hang(&driver, 0);
	assert_int_equal(acted(&driver, ACT_KILL), 0);
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	assert_int_equal(slot_of(&driver, 0), SLOT_FENCED);
	taken_over(&driver, task, false);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 1);
	assert_int_equal(core_task(driver.core, task).charged, 1);
	taken_over(&driver, other, false);
	assert_int_equal(core_task(driver.core, other).charged, 0);
	assert_stale(&driver, still); /* it still works on what it has lost */
	assert_int_equal(slot_of(&driver, 0), SLOT_FENCED);
	feed(&driver, refused);
	assert_int_equal(slot_of(&driver, 0), SLOT_UP);
	assert_int_equal(core_stats(driver.core)->fenced, 1);
	assert_stale(&driver, late);
	done(&driver, 1, task);
	done(&driver, 1, other);
	assert_int_equal(core_stats(driver.core)->done, 2);
	assert_int_equal(acted(&driver, ACT_DISMISS), 2);
	driver_close(&driver);
}

static void
idle_worker_is_not_hung_and_gives_back_what_was_lost(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t first = core_slot(driver.core, 0).task;
	for (int64_t since_ns = 0; since_ns < config.lease_ttl_ns; since_ns += config.dead_ns / 2) {
		assert_int_equal(state_of(&driver, first), TASK_LEASED);
		beat(&driver, 0, CORE_NO_TASK, 0);
		tick(&driver, config.dead_ns / 2);
		assert_int_equal(acted(&driver, ACT_KILL), 0);
	}
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	taken_over(&driver, 0, false);
	taken_over(&driver, 1, true);
	assert_int_equal(core_task(driver.core, 0).charged, 0);
	assert_int_equal(state_of(&driver, 1), TASK_DONE);
	assert_int_equal(core_stats(driver.core)->hangs, 0);
	driver_close(&driver);
}

static void
idle_word_that_crossed_a_lease_takes_nothing_back(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	beat(&driver, 0, CORE_NO_TASK, 0);
	for (int64_t since_ns = 0; since_ns <= 2 * config.lease_ttl_ns;
	     since_ns += config.suspect_ns / 2) {
		beat(&driver, 0, 0, (uint64_t)since_ns + 1);
		tick(&driver, config.suspect_ns / 2);
		assert_int_equal(driver.count, 0);
	}
	driver_close(&driver);
}

static void
fenced_worker_is_usable_once_it_speaks(void **state)
{
	static const enum core_kind words[] = {EV_TASK_DONE, EV_TASK_FAILED, EV_TASK_RETURNED,
	                                       EV_COMMIT_REFUSED, EV_BEAT};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct core_config config = config_of(1, 1, 1);
		struct driver driver;
		config.takeover = TAKEOVER_FENCE;
		driver_start(&driver, &config);
		struct core_step word = says(&driver, words[i], 0, 0);
		if (words[i] == EV_BEAT)
			word.task = CORE_NO_TASK; /* idle */
		hang(&driver, 0);
		taken_over(&driver, 0, false);
		assert_int_equal(state_of(&driver, 0), TASK_READY);
		feed(&driver, word);
		assert_int_equal(the(&driver, ACT_ASSIGN).epoch, 2);
		driver_close(&driver);
	}
}

static void
fenced_worker_may_die(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.takeover = TAKEOVER_FENCE;
	driver_start(&driver, &config);
	hang(&driver, 0);
	exited(&driver, 0, 0, 3, 9);
	assert_int_equal(acted(&driver, ACT_FENCE), 0);
	assert_int_equal(the(&driver, ACT_SPAWN).incarnation, 2);
	driver_close(&driver);
}

static void
lease_lost_on_the_way_is_taken_back(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t lost = core_slot(driver.core, 0).task, second = prefetched(&driver, 0);
	beat(&driver, 0, second, 1); /* in order, so the first never arrived */
	int64_t since = driver.now_ns;
	for (uint64_t progress = 2; acted(&driver, ACT_FENCE) == 0; progress++) {
		tick(&driver, 100 * MS);
		if (acted(&driver, ACT_FENCE) == 0)
			beat(&driver, 0, second, progress);
	}
	assert_int_equal(driver.now_ns - since, 5 * SEC);
	assert_int_equal(the(&driver, ACT_FENCE).task, lost);
	assert_int_equal(the(&driver, ACT_FENCE).value, 0);
	taken_over(&driver, lost, false);
	assert_int_equal(the(&driver, ACT_ASSIGN).epoch, 2);
	driver_close(&driver);
}

static void
restarts_slow_down_then_quarantine(void **state)
{
	struct core_config config = config_of(4, 2, 1);
	struct driver driver;
	int64_t delay = 10 * MS;
	driver_start(&driver, &config);
	for (unsigned death = 1; death <= 5; death++) {
		exited(&driver, 0, CORE_NO_TASK, 0, 9);
		for (uint32_t task = 0; task < 4; task++)
			if (core_task(driver.core, task).slot == 0)
				taken_over(&driver, task, false);
		if (death > 1) {
			assert_int_equal(slot_of(&driver, 0), SLOT_RESTING);
			assert_int_equal(tick(&driver, delay - 1), 0);
			tick(&driver, 1);
			assert_int_equal(the(&driver, ACT_SPAWN).incarnation, death + 1);
			delay *= 2;
		}
		assert_int_equal(slot_of(&driver, 0), SLOT_STARTING);
		if (death % 2 == 0)
			joined(&driver, 0); /* dying before joining counts as well */
	}
	exited(&driver, 0, CORE_NO_TASK, 0, 9);
	assert_int_equal(the(&driver, ACT_QUARANTINE).slot, 0);
	assert_int_equal(slot_of(&driver, 0), SLOT_QUARANTINED);
	assert_int_equal(core_stats(driver.core)->restarts, 5);
	assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
	driver_close(&driver);
}

static void
deaths_outside_the_window_are_forgotten(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	for (unsigned death = 1; death <= 50; death++) {
		if (slot_of(&driver, 0) == SLOT_STARTING)
			joined(&driver, 0);
		exited(&driver, 0, CORE_NO_TASK, 0, 9);
		assert_int_equal(acted(&driver, ACT_QUARANTINE), 0);
		for (uint32_t task = 0; task < 2; task++)
			if (core_task(driver.core, task).slot == 0)
				taken_over(&driver, task, false);
		/* Five in ten seconds are allowed: the sixth comes when the first has left. */
		driver.now_ns += 2 * SEC;
		while (slot_of(&driver, 0) == SLOT_RESTING)
			tick(&driver, 0);
	}
	driver_close(&driver);
}

static void
all_quarantined_ends_the_job(void **state)
{
	struct core_config config = config_of(3, 2, 1);
	struct driver driver;
	config.restart_max = 0;
	driver_start(&driver, &config);
	uint32_t first = core_slot(driver.core, 0).task, second = core_slot(driver.core, 1).task;
	exited(&driver, 0, CORE_NO_TASK, 0, 9);
	taken_over(&driver, first, false);
	exited(&driver, 1, second, 5, 9);
	assert_int_equal(acted(&driver, ACT_JOB_ENDED), 0); /* the store has not answered */
	taken_over(&driver, second, false);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_QUARANTINED);
	assert_int_equal(core_stats(driver.core)->quarantined, 2);
	driver_close(&driver);
}

static void
worker_that_never_joins_is_killed(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.takeover = TAKEOVER_FENCE; /* there is nothing to fence yet */
	driver_open(&driver, &config);
	plan_ready(&driver);
	tick(&driver, 5 * SEC);
	assert_int_equal(the(&driver, ACT_KILL).slot, 0);
	exited(&driver, 0, CORE_NO_TASK, 0, 9);
	assert_int_equal(the(&driver, ACT_SPAWN).incarnation, 2);
	driver_close(&driver);
}

static size_t
joins(struct driver *driver, uint16_t slot, uint32_t incarnation)
{
	return feed(driver, (struct core_step){.kind = EV_WORKER_JOINED,
	                                       .slot = slot,
	                                       .incarnation = incarnation,
	                                       .task = CORE_NO_TASK});
}

static void
joiners_come_and_go(void **state)
{
	struct core_config config = config_of(10, 1, 2);
	struct driver driver;
	config.slots = 3;
	driver_start(&driver, &config);
	joins(&driver, 2, 1);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	assert_stale(&driver, says(&driver, EV_WORKER_JOINED, 2, CORE_NO_TASK));
	uint32_t task = core_slot(driver.core, 2).task, other = prefetched(&driver, 2);
	hang(&driver, 0); /* both hang: ours is killed, the joiner can only be fenced */
	while (slot_of(&driver, 2) == SLOT_UP)
		tick_when_due(&driver);
	assert_int_equal(slot_of(&driver, 2), SLOT_FENCED);
	assert_int_equal(slot_of(&driver, 0), SLOT_KILLING);
	taken_over(&driver, task, false);
	taken_over(&driver, other, false);
	exited(&driver, 2, CORE_NO_TASK, 0, 0);
	assert_int_equal(acted(&driver, ACT_SPAWN), 0);
	assert_int_equal(slot_of(&driver, 2), SLOT_ABSENT);
	assert_stale(&driver,
	             (struct core_step){.kind = EV_WORKER_JOINED, .slot = 2, .incarnation = 1});
	joins(&driver, 2, 2);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	exited(&driver, 2, core_slot(driver.core, 2).task, 8, 139);
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	assert_int_equal(driver.actions[0].cause, CAUSE_CRASH);
	driver_close(&driver);
}

static void
joiners_alone_do_a_job(void **state)
{
	struct core_config config = config_of(2, 0, 2);
	struct driver driver;
	config.slots = 1;
	driver_open(&driver, &config);
	plan_ready(&driver);
	assert_int_equal(driver.count, 0);
	joins(&driver, 0, 1);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 2);
	done(&driver, 0, 0);
	done(&driver, 0, 1);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
joiner_outlives_the_quarantined(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	config.slots = 2;
	config.restart_max = 0;
	driver_start(&driver, &config);
	joins(&driver, 1, 1);
	uint32_t task = core_slot(driver.core, 0).task;
	exited(&driver, 0, CORE_NO_TASK, 0, 9);
	taken_over(&driver, task, false);
	assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
	done(&driver, 1, core_slot(driver.core, 1).task);
	task = the(&driver, ACT_ASSIGN).task;
	exited(&driver, 1, CORE_NO_TASK, 0, 9);
	taken_over(&driver, task, false);
	assert_int_equal(core_outcome(driver.core), OUTCOME_QUARANTINED);
	driver_close(&driver);
}

static void
drain_finishes_what_is_leased(void **state)
{
	struct core_config config = config_of(9, 2, 2);
	struct driver driver;
	driver_start(&driver, &config);
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	assert_int_equal(acted(&driver, ACT_DISMISS), 2);
	assert_stale(&driver, (struct core_step){.kind = EV_DRAIN});
	for (uint16_t slot = 0; slot < 2; slot++) {
		done(&driver, slot, core_slot(driver.core, slot).task);
		assert_int_equal(acted(&driver, ACT_ASSIGN), 0);
		feed(&driver,
		     says(&driver, EV_TASK_RETURNED, slot, core_slot(driver.core, slot).task));
	}
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DRAINED);
	assert_int_equal(core_stats(driver.core)->done, 2);
	exited(&driver, 0, CORE_NO_TASK, 0, 0);
	assert_int_equal(driver.count, 0);
	assert_int_equal(slot_of(&driver, 0), SLOT_ABSENT);
	driver_close(&driver);
}

static void
leaving_as_told_is_no_death(void **state)
{
	struct core_config config = config_of(3, 2, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint16_t slot = core_slot(driver.core, 0).held == 2 ? 0 : 1;
	uint32_t task = core_slot(driver.core, slot).task, other = prefetched(&driver, slot);
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	exited(&driver, slot, task, 3, 0); /* its last words were lost */
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(driver.actions[i].value, 0);
	taken_over(&driver, task, false);
	taken_over(&driver, other, false);
	assert_int_equal(core_task(driver.core, task).charged, 0);
	driver_close(&driver);
}

static void
drain_meets_trouble(void **state)
{
	struct core_config config = config_of(9, 4, 1);
	struct driver driver;
	driver_open(&driver, &config);
	plan_ready(&driver);
	for (uint16_t slot = 0; slot < 3; slot++)
		joined(&driver, slot);
	uint32_t crashed = core_slot(driver.core, 0).task, failing = core_slot(driver.core, 1).task;
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	exited(&driver, 0, crashed, 3, 9); /* dies on the way out: no restart */
	assert_int_equal(acted(&driver, ACT_SPAWN), 0);
	taken_over(&driver, crashed, false);
	failed(&driver, 1, failing, CAUSE_DATA);
	taken_over(&driver, failing, false);
	joined(&driver, 3); /* comes too late: sent away */
	assert_int_equal(the(&driver, ACT_DISMISS).slot, 3);
	hang(&driver, 2);
	while (slot_of(&driver, 2) == SLOT_LEAVING)
		assert_true(tick_when_due(&driver));
	assert_int_equal(core_outcome(driver.core), OUTCOME_NONE);
	uint32_t hung = core_slot(driver.core, 2).task;
	exited(&driver, 2, hung, 0, 9);
	taken_over(&driver, hung, true);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DRAINED);
	assert_int_equal(core_stats(driver.core)->found_done, 1);
	driver_close(&driver);
}

static void
drain_of_the_last_task_is_done(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	done(&driver, 0, 0);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	driver_close(&driver);
}

static void
drain_before_the_plan(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	feed(&driver, (struct core_step){.kind = EV_DRAIN});
	assert_int_equal(driver.count, 0);
	plan_ready(&driver);
	assert_int_equal(driver.count, 1);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DRAINED);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hang_is_suspected_once_then_killed),
	    cmocka_unit_test(silence_is_a_hang_too),
	    cmocka_unit_test(idle_workers_may_be_silent),
	    cmocka_unit_test(killed_worker_charges_only_the_named_task),
	    cmocka_unit_test(death_outside_any_task_charges_none),
	    cmocka_unit_test(last_words_of_a_killed_worker_count),
	    cmocka_unit_test(unconfirmed_kill_writes_the_slot_off),
	    cmocka_unit_test(fence_takeover_leaves_the_worker_alone),
	    cmocka_unit_test(fenced_worker_is_usable_once_it_speaks),
	    cmocka_unit_test(idle_worker_is_not_hung_and_gives_back_what_was_lost),
	    cmocka_unit_test(idle_word_that_crossed_a_lease_takes_nothing_back),
	    cmocka_unit_test(fenced_worker_may_die),
	    cmocka_unit_test(lease_lost_on_the_way_is_taken_back),
	    cmocka_unit_test(restarts_slow_down_then_quarantine),
	    cmocka_unit_test(deaths_outside_the_window_are_forgotten),
	    cmocka_unit_test(all_quarantined_ends_the_job),
	    cmocka_unit_test(worker_that_never_joins_is_killed),
	    cmocka_unit_test(joiners_come_and_go),
	    cmocka_unit_test(joiners_alone_do_a_job),
	    cmocka_unit_test(joiner_outlives_the_quarantined),
	    cmocka_unit_test(drain_finishes_what_is_leased),
	    cmocka_unit_test(leaving_as_told_is_no_death),
	    cmocka_unit_test(drain_meets_trouble),
	    cmocka_unit_test(drain_of_the_last_task_is_done),
	    cmocka_unit_test(drain_before_the_plan),
	};
	return RUN_TAP(tests);
}

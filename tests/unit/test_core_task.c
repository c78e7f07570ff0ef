/* SPDX-License-Identifier: ISC
 *
 * The way of a task: every transition, the budget, isolation, and every message that comes late,
 * twice or from nowhere in every state.
 */
#include "tests/unit/core_driver.h"

static void
straight_through(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_open(&driver, &config);
	assert_int_equal(state_of(&driver, 0), TASK_BLOCKED);
	plan_ready(&driver);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, 0);
	assert_int_equal(the(&driver, ACT_SPAWN).incarnation, 1);
	assert_int_equal(state_of(&driver, 0), TASK_READY);
	joined(&driver, 0);
	struct core_step assign = the(&driver, ACT_ASSIGN);
	assert_int_equal(assign.value, 1);
	assert_int_equal(assign.epoch, 1);
	assert_int_equal(assign.cause, 0);
	assert_int_equal(core_task(driver.core, assign.task).slot, 0);
	done(&driver, 0, assign.task);
	assert_int_equal(state_of(&driver, assign.task), TASK_DONE);
	done(&driver, 0, the(&driver, ACT_ASSIGN).task);
	assert_int_equal(the(&driver, ACT_DISMISS).slot, 0);
	assert_int_equal(driver.actions[driver.count - 1].kind, ACT_JOB_ENDED);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	assert_int_equal(core_next_due(driver.core), CORE_NEVER);
	assert_int_equal(core_stats(driver.core)->done, 2);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_NONE], 2);
	assert_int_equal(exited(&driver, 0, CORE_NO_TASK, 0, 0), 0);
	driver_close(&driver);
}

static void
no_tasks_is_done_at_once(void **state)
{
	struct core_config config = config_of(0, 2, 2);
	struct driver driver;
	driver_open(&driver, &config);
	plan_ready(&driver);
	assert_int_equal(acted(&driver, ACT_SPAWN), 0);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	driver_close(&driver);
}

/* Fails the task on bad data and lets the backoff pass; returns the delay. */
static int64_t
fail_once(struct driver *driver, unsigned nth)
{
	failed(driver, 0, 0, CAUSE_DATA);
	struct core_step fence = the(driver, ACT_FENCE);
	assert_int_equal(fence.cause, CAUSE_DATA);
	assert_int_equal(fence.value, 1);
	assert_int_equal(fence.slot, 0);
	assert_int_equal(fence.epoch, nth);
	assert_int_equal(core_task(driver->core, 0).charged, nth - 1);
	taken_over(driver, 0, false);
	assert_int_equal(core_task(driver->core, 0).charged, nth);
	assert_int_equal(core_task(driver->core, 0).epoch, nth + 1);
	int64_t delay = (int64_t)the(driver, ACT_RETRY).value;
	if (acted(driver, ACT_ASSIGN) == 0) {
		assert_true(core_task(driver->core, 0).waiting);
		assert_true(delay <= 100 * MS << (nth - 1));
		assert_int_equal(core_next_due(driver->core), driver->now_ns + delay);
		assert_int_equal(tick(driver, delay - 1), 0);
		tick(driver, 1);
	}
	assert_int_equal(the(driver, ACT_ASSIGN).value, nth + 1);
	return delay;
}

static void
four_charged_attempts_then_isolation(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.dead_letters_max = 5;
	driver_start(&driver, &config);
	for (unsigned nth = 1; nth <= 4; nth++) {
		int64_t delay = fail_once(&driver, nth);
		assert_int_equal(the(&driver, ACT_ASSIGN).cause,
		                 nth == 4 ? CORE_ASSIGN_ISOLATE : 0);
		assert_true(nth < 4 || delay == 0);
	}
	assert_int_equal(core_task(driver.core, 0).charged, 4);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_DATA], 4);
	assert_int_equal(core_stats(driver.core)->retries, 4);
	struct core_step event = says(&driver, EV_TASK_DONE, 0, 0);
	event.value = 5;
	feed(&driver, event);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	assert_int_equal(core_stats(driver.core)->dead_records, 5);
	driver_close(&driver);
}

static void
isolation_that_fails_is_buried(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	for (unsigned nth = 1; nth <= 4; nth++)
		fail_once(&driver, nth);
	failed(&driver, 0, 0, CAUSE_DATA);
	assert_int_equal(the(&driver, ACT_FENCE).value, 0);
	taken_over(&driver, 0, false);
	struct core_step bury = the(&driver, ACT_BURY);
	assert_int_equal(bury.cause, CAUSE_DATA);
	assert_int_equal(bury.value, 77);
	assert_int_equal(bury.epoch, 6);
	assert_int_equal(acted(&driver, ACT_JOB_ENDED), 0);
	feed(&driver, (struct core_step){.kind = EV_TASK_BURIED, .task = 0, .value = 10});
	assert_int_equal(state_of(&driver, 0), TASK_DEAD);
	assert_int_equal(core_stats(driver.core)->dead_records, 10);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DEAD_LETTERS);
	assert_int_equal(core_task(driver.core, 0).charged, 4);
	driver_close(&driver);
}

/* The worker dies in task 0; returns after the store's answer, with the worker back. */
static void
crash_once(struct driver *driver, uint64_t record)
{
	exited(driver, 0, 0, record, 11);
	taken_over(driver, 0, false);
	while (slot_of(driver, 0) == SLOT_RESTING)
		tick_when_due(driver);
	if (slot_of(driver, 0) == SLOT_STARTING)
		joined(driver, 0);
	while (core_task(driver->core, 0).waiting && tick_when_due(driver))
		;
}

static void
isolation_has_a_cap_of_its_own(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.restart_max = 100;
	driver_start(&driver, &config);
	for (unsigned nth = 1; nth <= 4; nth++)
		fail_once(&driver, nth);
	for (unsigned nth = 1; nth <= 3; nth++) {
		crash_once(&driver, CORE_NO_RECORD);
		assert_int_equal(state_of(&driver, 0), TASK_LEASED);
		assert_int_equal(core_task(driver.core, 0).charged, 4);
	}
	exited(&driver, 0, 0, CORE_NO_RECORD, 11);
	assert_int_equal(the(&driver, ACT_FENCE).value, 0);
	taken_over(&driver, 0, false);
	assert_int_equal(the(&driver, ACT_BURY).value, 11);
	driver_close(&driver);
}

static void
four_crashes_are_buried_without_isolation(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	config.restart_max = 100;
	driver_start(&driver, &config);
	for (unsigned nth = 1; nth <= 3; nth++) {
		exited(&driver, 0, 0, CORE_NO_RECORD, 11);
		assert_int_equal(the(&driver, ACT_FENCE).value, 1);
		taken_over(&driver, 0, false);
		uint64_t delay = the(&driver, ACT_RETRY).value;
		/* The first crash is no reason to wait; later ones may be the task's fault. */
		assert_true(nth == 1 ? delay == 0 : delay <= (uint64_t)(100 * MS << (nth - 1)));
		while (core_task(driver.core, 0).state == TASK_READY) {
			if (slot_of(&driver, 0) == SLOT_STARTING)
				joined(&driver, 0);
			else
				tick_when_due(&driver);
		}
	}
	exited(&driver, 0, 0, CORE_NO_RECORD, 11);
	taken_over(&driver, 0, false);
	assert_int_equal(the(&driver, ACT_BURY).cause, CAUSE_CRASH);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_CRASH], 4);
	assert_int_equal(core_stats(driver.core)->retries, 3);
	driver_close(&driver);
}

static void
backoff_depends_on_the_seed_alone(void **state)
{
	int64_t delays[3][3];
	for (int run = 0; run < 3; run++) {
		struct core_config config = config_of(1, 1, 1);
		struct driver driver;
		config.seed = run == 2 ? 8 : 7;
		driver_start(&driver, &config);
		for (unsigned nth = 1; nth <= 3; nth++)
			delays[run][nth - 1] = fail_once(&driver, nth);
		driver_close(&driver);
	}
	assert_memory_equal(delays[0], delays[1], sizeof delays[0]);
	assert_memory_not_equal(delays[0], delays[2], sizeof delays[0]);
}

static void
infra_is_never_charged_but_backs_off(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	int64_t total = 0;
	driver_start(&driver, &config);
	for (unsigned nth = 1; nth <= 40; nth++) {
		failed(&driver, 0, 0, CAUSE_INFRA);
		assert_int_equal(the(&driver, ACT_FENCE).value, 0);
		taken_over(&driver, 0, false);
		int64_t start = driver.now_ns;
		while (state_of(&driver, 0) == TASK_READY)
			assert_true(tick_when_due(&driver));
		assert_true(driver.now_ns - start <= 30 * SEC);
		total += driver.now_ns - start;
	}
	assert_true(total > 60 * SEC);
	assert_int_equal(core_task(driver.core, 0).charged, 0);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_INFRA], 40);
	assert_int_equal(core_stats(driver.core)->retries, 0);
	assert_int_equal(core_stats(driver.core)->reassigned, 0);
	driver_close(&driver);
}

/* The commit that nobody reported may have given up records, and they count. */
static void
found_done_with_dead_letters(void **state)
{
	for (uint64_t max = 1; max <= 2; max++) {
		struct core_config config = config_of(1, 1, 1);
		struct driver driver;
		config.dead_letters_max = max;
		driver_start(&driver, &config);
		exited(&driver, 0, 0, 5, 9);
		feed(&driver,
		     (struct core_step){
			 .kind = EV_TASK_FENCED, .task = 0, .epoch = 1, .record = 2, .value = 1});
		assert_int_equal(core_stats(driver.core)->dead_records, 2);
		assert_int_equal(the(&driver, ACT_JOB_ENDED).value,
		                 max == 1 ? OUTCOME_DEAD_LETTERS : OUTCOME_DONE);
		driver_close(&driver);
	}
}

static void
found_done_is_not_redone(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	exited(&driver, 0, 0, 5, 9);
	assert_int_equal(the(&driver, ACT_FENCE).value, 1);
	feed(&driver,
	     (struct core_step){.kind = EV_TASK_FENCED, .task = 0, .epoch = 1, .value = 1});
	assert_int_equal(state_of(&driver, 0), TASK_DONE);
	assert_int_equal(core_stats(driver.core)->found_done, 1);
	assert_int_equal(core_stats(driver.core)->done, 1);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_CRASH], 0);
	assert_int_equal(core_task(driver.core, 0).charged, 0);
	assert_int_equal(the(&driver, ACT_JOB_ENDED).value, OUTCOME_DONE);
	driver_close(&driver);
}

static void
returned_is_no_attempt(void **state)
{
	struct core_config config = config_of(2, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	assert_int_equal(core_task(driver.core, 1).attempt, 1);
	feed(&driver, says(&driver, EV_TASK_RETURNED, 0, 1));
	struct core_step assign = the(&driver, ACT_ASSIGN);
	assert_int_equal(assign.task, 1);
	assert_int_equal(assign.value, 1);
	assert_int_equal(assign.epoch, 1);
	assert_int_equal(core_stats(driver.core)->returned, 1);
	for (enum cause cause = 0; cause < CAUSES; cause++)
		assert_int_equal(core_stats(driver.core)->attempts[cause], 0);
	driver_close(&driver);
}

static void
refused_current_lease_asks_the_store(void **state)
{
	struct core_config config = config_of(3, 1, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t other =
	    state_of(&driver, 1) == TASK_LEASED && state_of(&driver, 0) == TASK_LEASED ? 1 : 2;
	uint32_t task = state_of(&driver, 0) == TASK_LEASED ? 0 : 1;
	feed(&driver, says(&driver, EV_COMMIT_REFUSED, 0, task));
	/* The worker drops all it holds when it is refused, so the other lease is taken back too.
	 */
	assert_int_equal(acted(&driver, ACT_FENCE), 2);
	for (size_t i = 0; i < driver.count; i++)
		if (driver.actions[i].kind == ACT_FENCE)
			assert_int_equal(driver.actions[i].value, 0);
	assert_int_equal(core_stats(driver.core)->fenced, 0);
	taken_over(&driver, task, true);
	assert_int_equal(state_of(&driver, task), TASK_DONE);
	taken_over(&driver, other, false);
	assert_int_equal(core_task(driver.core, other).charged, 0);
	assert_int_equal(state_of(&driver, other), TASK_LEASED);
	driver_close(&driver);
}

/* Every message about a task in a state in which none of them fits. */
static void
nothing_fits(struct driver *driver, uint32_t task, uint32_t epoch, enum core_kind but)
{
	static const enum core_kind kinds[] = {
	    EV_BEAT,        EV_TASK_DONE,     EV_TASK_FAILED,    EV_TASK_RETURNED, EV_TASK_FENCED,
	    EV_TASK_BURIED, EV_RECORD_BURIED, EV_PROBE_SURVIVED, EV_TASK_RESTORED};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i] == but)
			continue;
		assert_stale(driver, (struct core_step){.kind = kinds[i],
		                                        .slot = 0,
		                                        .incarnation =
		                                            core_slot(driver->core, 0).incarnation,
		                                        .task = task,
		                                        .epoch = epoch,
		                                        .cause = CAUSE_DATA,
		                                        .record = 3});
	}
}

static void
misfits_in_every_state(void **state)
{
	struct core_config config = config_of(1, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	/* leased: nothing but the worker's own reports in this epoch */
	nothing_fits(&driver, 0, 2, CORE_KINDS);
	failed(&driver, 0, 0, CAUSE_DATA);
	nothing_fits(&driver, 0, 1, EV_TASK_FENCED); /* fencing */
	assert_stale(&driver, (struct core_step){.kind = EV_TASK_FENCED, .task = 0, .epoch = 1});
	taken_over(&driver, 0, false);
	nothing_fits(&driver, 0, 2, CORE_KINDS); /* waiting */
	tick_when_due(&driver);
	for (unsigned nth = 2; nth <= 4; nth++)
		fail_once(&driver, nth);
	failed(&driver, 0, 0, CAUSE_DATA);
	taken_over(&driver, 0, false);
	nothing_fits(&driver, 0, 6, EV_TASK_BURIED); /* burying */
	feed(&driver, (struct core_step){.kind = EV_TASK_BURIED, .task = 0, .value = 1});
	nothing_fits(&driver, 0, 6, CORE_KINDS); /* dead, and the job is over */
	driver_close(&driver);
}

static void
doubled_done_changes_nothing(void **state)
{
	struct core_config config = config_of(3, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t first = core_slot(driver.core, 0).task;
	struct core_step event = says(&driver, EV_TASK_DONE, 0, first);
	feed(&driver, event);
	assert_stale(&driver, event);
	event.kind = EV_TASK_FAILED;
	event.cause = CAUSE_DATA;
	assert_stale(&driver, event);
	event.kind = EV_TASK_RETURNED;
	assert_stale(&driver, event);
	/* Somebody else's lease: right epoch, wrong slot. */
	event.kind = EV_TASK_DONE;
	event.task = core_slot(driver.core, 1).task;
	assert_stale(&driver, event);
	assert_int_equal(state_of(&driver, event.task), TASK_LEASED);
	driver_close(&driver);
}

static void
nonsense_is_stale(void **state)
{
	struct core_config config = config_of(2, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	for (unsigned kind = 0; kind < 256; kind++) {
		if (kind == EV_TICK || kind == EV_DRAIN || kind == EV_SCALE ||
		    kind == EV_SLOT_DRAIN)
			continue;
		for (unsigned slot = 0; slot < 4; slot++) {
			/* Wrong incarnation, and tasks from beyond the end. */
			assert_stale(&driver, (struct core_step){
						  .kind = (uint8_t)kind,
						  .slot = slot == 3 ? UINT16_MAX : (uint16_t)slot,
						  .incarnation = 99,
						  .task = slot % 2 == 0 ? 2 : CORE_NO_TASK,
						  .epoch = 1,
						  .cause = CAUSE_DATA,
						  .value = 1});
		}
	}
	struct core_step event = says(&driver, EV_TASK_FAILED, 0, core_slot(driver.core, 0).task);
	for (unsigned cause = 0; cause < 256; cause++) {
		event.cause = (uint8_t)cause;
		if (cause != CAUSE_DATA && cause != CAUSE_INFRA)
			assert_stale(&driver, event);
	}
	driver_close(&driver);
}

static void
time_never_goes_back(void **state)
{
	struct core_config config = config_of(2, 1, 1);
	struct driver driver;
	driver_start(&driver, &config);
	int64_t now_ns = driver.now_ns, due_ns = core_next_due(driver.core);
	driver.now_ns -= 500 * SEC;
	tick(&driver, 0);
	assert_int_equal(core_next_due(driver.core), due_ns);
	done(&driver, 0, core_slot(driver.core, 0).task);
	assert_int_equal(the(&driver, ACT_ASSIGN).at_ns, now_ns);
	driver_close(&driver);
}

static void
old_refusals_are_counted_as_fenced(void **state)
{
	struct core_config config = config_of(1, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	uint16_t slot = core_task(driver.core, 0).slot;
	struct core_step refused = says(&driver, EV_COMMIT_REFUSED, slot, 0);
	exited(&driver, slot, 0, CORE_NO_RECORD, 9);
	feed(&driver, refused); /* the store may have raised the epoch before its answer arrives */
	assert_int_equal(core_stats(driver.core)->fenced, 1);
	taken_over(&driver, 0, false);
	feed(&driver, refused);
	assert_int_equal(core_stats(driver.core)->fenced, 2);
	refused.epoch = 0;
	assert_stale(&driver, refused);
	refused.epoch = 3;
	assert_stale(&driver, refused);
	refused.epoch = 2; /* the lease that another slot has now */
	assert_stale(&driver, refused);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(straight_through),
	    cmocka_unit_test(no_tasks_is_done_at_once),
	    cmocka_unit_test(four_charged_attempts_then_isolation),
	    cmocka_unit_test(isolation_that_fails_is_buried),
	    cmocka_unit_test(isolation_has_a_cap_of_its_own),
	    cmocka_unit_test(four_crashes_are_buried_without_isolation),
	    cmocka_unit_test(backoff_depends_on_the_seed_alone),
	    cmocka_unit_test(infra_is_never_charged_but_backs_off),
	    cmocka_unit_test(found_done_is_not_redone),
	    cmocka_unit_test(found_done_with_dead_letters),
	    cmocka_unit_test(returned_is_no_attempt),
	    cmocka_unit_test(refused_current_lease_asks_the_store),
	    cmocka_unit_test(misfits_in_every_state),
	    cmocka_unit_test(doubled_done_changes_nothing),
	    cmocka_unit_test(nonsense_is_stale),
	    cmocka_unit_test(time_never_goes_back),
	    cmocka_unit_test(old_refusals_are_counted_as_fenced),
	};
	return RUN_TAP(tests);
}

/* SPDX-License-Identifier: ISC
 *
 * Copies of attempts that take too long, by hand: when there is one, who wins, what becomes of the
 * other, and that whatever ends a copy costs its task nothing.
 */
#include "tests/unit/core_driver.h"

enum { BUSY = 1, IDLE = 0 }; /* slots */
enum { SLOW = 3, LAST = 4 }; /* tasks; the last one is of the next stage */

static struct core_config
copying(void)
{
	struct core_config config = config_of(5, 2, 1);
	config.placement = PLACEMENT_LEAST;
	config.copy_percent = 300;
	config.copy_stages = 1;
	config.copy_least_ns = 20 * MS;
	config.suspect_ns = 50 * SEC;
	config.dead_ns = 100 * SEC;
	config.lease_ttl_ns = 200 * SEC;
	config.restart_max = 0;
	return config;
}

/* BUSY has been at SLOW for 10 ms, as long as each of the others took, and IDLE has nothing to do.
 */
static void
one_is_left(struct driver *driver, struct core_config config)
{
	driver_open(driver, &config);
	restored(driver, LAST, TASK_READY, 1, 1, 0);
	plan_ready(driver);
	joined(driver, IDLE);
	joined(driver, BUSY);
	driver->now_ns += 10 * MS;
	done(driver, IDLE, 0);
	done(driver, BUSY, 1);
	assert_int_equal(the(driver, ACT_ASSIGN).task, SLOW);
	driver->now_ns += 10 * MS;
	done(driver, IDLE, 2);
	assert_int_equal(acted(driver, ACT_ASSIGN), 0);
}

static void
granted(struct driver *driver, uint32_t epoch)
{
	feed(driver, (struct core_step){.kind = EV_COPY_GRANTED, .task = SLOW, .epoch = epoch});
}

static void
copy_fenced(struct driver *driver, uint32_t epoch, bool found_done)
{
	feed(driver,
	     (struct core_step){
		 .kind = EV_COPY_FENCED, .task = SLOW, .epoch = epoch, .value = found_done});
}

static void
fenced(struct driver *driver, uint32_t epoch)
{
	feed(driver, (struct core_step){.kind = EV_TASK_FENCED, .task = SLOW, .epoch = epoch});
}

static void
one_is_copied(struct driver *driver, struct core_config config)
{
	one_is_left(driver, config);
	tick(driver, 20 * MS);
	assert_int_equal(the(driver, ACT_COPY).task, SLOW);
	assert_int_equal(the(driver, ACT_COPY).epoch, 1);
	granted(driver, 2);
	struct core_step lease = the(driver, ACT_ASSIGN);
	assert_int_equal(lease.slot, IDLE);
	assert_int_equal(lease.task, SLOW);
	assert_int_equal(lease.epoch, 2);
	assert_int_equal(lease.cause, CORE_ASSIGN_COPY);
	assert_int_equal(lease.value, 1); /* of the same attempt */
	assert_int_equal(core_task(driver->core, SLOW).slot, BUSY);
	assert_int_equal(core_task(driver->core, SLOW).copy_slot, IDLE);
}

/* What the present worker says of SLOW under that epoch. */
static void
tell(struct driver *driver, enum core_kind kind, uint16_t slot, uint32_t epoch)
{
	struct core_step step = says(driver, kind, slot, SLOW);
	step.epoch = epoch;
	step.cause = kind == EV_TASK_FAILED ? CAUSE_DATA : CAUSE_NONE;
	step.value = kind == EV_WORKER_EXITED ? 9 : 0;
	step.record = kind == EV_WORKER_EXITED ? 7 : 0;
	feed(driver, step);
}

static uint64_t
charged(const struct driver *driver)
{
	const uint64_t *attempts = core_stats(driver->core)->attempts;
	return attempts[CAUSE_DATA] + attempts[CAUSE_CRASH] + attempts[CAUSE_HANG];
}

static void
no_copy_before_its_time(void **state)
{
	struct driver driver;
	one_is_left(&driver, copying());
	assert_int_equal(core_next_due(driver.core), driver.now_ns + 20 * MS);
	tick(&driver, 20 * MS - 1);
	assert_int_equal(acted(&driver, ACT_COPY), 0);
	tick(&driver, 1);
	assert_int_equal(the(&driver, ACT_COPY).slot, BUSY);
	assert_int_equal(the(&driver, ACT_COPY).value, 30 * MS);
	/* And no second one of the same attempt. */
	granted(&driver, 2);
	tell(&driver, EV_TASK_FAILED, IDLE, 2);
	copy_fenced(&driver, 3, false);
	assert_int_equal(core_stats(driver.core)->attempts[CAUSE_SPECULATIVE], 1);
	for (int i = 0; i < 100; i++) {
		tick(&driver, 10 * MS);
		assert_int_equal(acted(&driver, ACT_COPY), 0);
	}
	driver_close(&driver);
}

static void
no_copy_where_it_does_no_good(void **state)
{
	struct core_config config = copying();
	struct driver driver;
	config.copy_stages = 2; /* the other stage */
	one_is_left(&driver, config);
	for (int i = 0; i < 100; i++) {
		tick(&driver, 10 * MS);
		assert_int_equal(acted(&driver, ACT_COPY), 0);
	}
	driver_close(&driver);
	/* Nobody is idle. */
	config = copying();
	config.workers = 1;
	driver_open(&driver, &config);
	plan_ready(&driver);
	joined(&driver, 0);
	for (uint32_t task = 0; task < 3; task++) {
		driver.now_ns += 10 * MS;
		done(&driver, 0, the(&driver, ACT_ASSIGN).task);
	}
	for (int i = 0; i < 100; i++) {
		tick(&driver, 10 * MS);
		assert_int_equal(acted(&driver, ACT_COPY), 0);
	}
	driver_close(&driver);
}

static void
the_copy_wins(void **state)
{
	struct driver driver;
	one_is_copied(&driver, copying());
	tell(&driver, EV_TASK_DONE, IDLE, 2);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).slot, BUSY);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).epoch, 1);
	assert_int_equal(the(&driver, ACT_KILL).cause, CAUSE_SPECULATIVE);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, LAST); /* the next stage begins */
	/* It is nobody's fault: started again at once, though no death is allowed. */
	tell(&driver, EV_WORKER_EXITED, BUSY, 1);
	assert_int_equal(acted(&driver, ACT_FENCE), 0);
	assert_int_equal(the(&driver, ACT_SPAWN).slot, BUSY);
	assert_int_equal(core_stats(driver.core)->copies_won, 1);
	assert_int_equal(charged(&driver), 0);
	driver_close(&driver);
}

static void
the_attempt_wins(void **state)
{
	struct driver driver;
	one_is_copied(&driver, copying());
	tell(&driver, EV_TASK_DONE, BUSY, 1);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).slot, IDLE);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).epoch, 2);
	assert_int_equal(the(&driver, ACT_KILL).slot, IDLE);
	assert_int_equal(core_stats(driver.core)->copies_won, 0);
	assert_int_equal(charged(&driver), 0);
	driver_close(&driver);
}

/* What the loser still reports is refused at the store, and not news. */
static void
who_may_not_be_killed_is_left_to_itself(void **state)
{
	struct core_config config = copying();
	struct driver driver;
	config.takeover = TAKEOVER_FENCE;
	one_is_copied(&driver, config);
	tell(&driver, EV_TASK_DONE, IDLE, 2);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).value, 1);
	assert_int_equal(acted(&driver, ACT_KILL), 0);
	assert_int_equal(core_slot(driver.core, BUSY).state, SLOT_FENCED);
	tell(&driver, EV_COMMIT_REFUSED, BUSY, 1);
	assert_int_equal(core_slot(driver.core, BUSY).state, SLOT_UP);
	assert_int_equal(core_stats(driver.core)->fenced, 1);
	driver_close(&driver);
}

static void
a_copy_that_ends_costs_nothing(void **state)
{
	static const enum core_kind ends[] = {EV_TASK_FAILED, EV_WORKER_EXITED, EV_COMMIT_REFUSED,
	                                      EV_TASK_RETURNED};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct core_config config = copying();
		struct driver driver;
		config.attempts = 1;
		config.restart_max = 5;
		one_is_copied(&driver, config);
		struct core_step end = says(&driver, ends[i], IDLE, SLOW);
		end.value = 9;
		end.cause = CAUSE_DATA;
		feed(&driver, end);
		assert_int_equal(the(&driver, ACT_COPY_FENCE).epoch, 2);
		assert_int_equal(the(&driver, ACT_COPY_FENCE).value, 0);
		assert_int_equal(acted(&driver, ACT_FENCE), 0);
		copy_fenced(&driver, 3, false);
		assert_int_equal(core_task(driver.core, SLOW).state, TASK_LEASED);
		assert_int_equal(charged(&driver), 0);
		/* The attempt is in force still, under its own epoch. */
		tell(&driver, EV_TASK_DONE, BUSY, 1);
		assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
		assert_int_equal(acted(&driver, ACT_OVERTAKEN), 0);
		driver_close(&driver);
	}
}

static void
a_copy_that_ended_may_have_committed(void **state)
{
	struct driver driver;
	struct core_config config = copying();
	config.restart_max = 5;
	one_is_copied(&driver, config);
	tell(&driver, EV_WORKER_EXITED, IDLE, 2);
	copy_fenced(&driver, 2, true);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	assert_int_equal(the(&driver, ACT_OVERTAKEN).slot, BUSY);
	assert_int_equal(core_stats(driver.core)->found_done, 1);
	driver_close(&driver);
}

/* The attempt dies: charged, but its copy goes on and the task is not leased again. */
static void
the_attempt_dies(struct driver *driver)
{
	struct core_config config = copying();
	config.attempts = 1;
	config.restart_max = 5;
	one_is_copied(driver, config);
	tell(driver, EV_WORKER_EXITED, BUSY, 1);
	assert_int_equal(the(driver, ACT_FENCE).epoch, 1);
	assert_int_equal(the(driver, ACT_FENCE).value, 1);
	assert_int_equal(the(driver, ACT_FENCE).cause, CAUSE_CRASH);
}

static void
a_copy_goes_on_alone(void **state)
{
	struct driver driver;
	the_attempt_dies(&driver);
	fenced(&driver, 2);
	assert_int_equal(driver.count, 0);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_LEASED);
	assert_int_equal(core_task(driver.core, SLOW).slot, IDLE);
	tell(&driver, EV_TASK_DONE, IDLE, 2);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	assert_int_equal(acted(&driver, ACT_OVERTAKEN), 0);
	driver_close(&driver);
}

/* It is reported done before the store has answered what was asked about the attempt. */
static void
a_copy_is_quicker_than_the_store(void **state)
{
	struct driver driver;
	the_attempt_dies(&driver);
	tell(&driver, EV_TASK_DONE, IDLE, 2);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	uint64_t stale = core_stats(driver.core)->stale;
	fenced(&driver, 2);
	assert_int_equal(core_stats(driver.core)->stale, stale);
	fenced(&driver, 2);
	assert_int_equal(core_stats(driver.core)->stale, stale + 1);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_DONE);
	driver_close(&driver);
}

/* Both die: what follows is what follows from the attempt's end, once both answers are there. */
static void
both_end(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct driver driver;
		the_attempt_dies(&driver);
		tell(&driver, EV_WORKER_EXITED, IDLE, 2);
		assert_int_equal(the(&driver, ACT_COPY_FENCE).epoch, 2);
		if (order == 0) {
			fenced(&driver, 2);
			assert_int_equal(acted(&driver, ACT_BURY), 0);
			copy_fenced(&driver, 3, false);
		} else {
			copy_fenced(&driver, 3, false);
			assert_int_equal(acted(&driver, ACT_BURY), 0);
			fenced(&driver, 3);
		}
		assert_int_equal(the(&driver, ACT_BURY).epoch, 3);
		assert_int_equal(the(&driver, ACT_BURY).cause, CAUSE_CRASH);
		assert_int_equal(charged(&driver), 1);
		driver_close(&driver);
	}
}

/* By the time that the store has answered, nobody is idle. */
static void
nobody_is_left_for_the_copy(void **state)
{
	struct core_config config = copying();
	struct driver driver;
	config.restart_max = 5;
	one_is_left(&driver, config);
	tick(&driver, 20 * MS);
	exited(&driver, IDLE, CORE_NO_TASK, CORE_NO_RECORD, 9);
	granted(&driver, 2);
	assert_int_equal(acted(&driver, ACT_ASSIGN), 0);
	tell(&driver, EV_WORKER_EXITED, BUSY, 1);
	assert_int_equal(the(&driver, ACT_FENCE).epoch, 1);
	joined(&driver, IDLE);
	/* The epoch that was granted is the next attempt's. */
	fenced(&driver, 2);
	assert_int_equal(the(&driver, ACT_ASSIGN).epoch, 2);
	assert_int_equal(the(&driver, ACT_ASSIGN).cause, 0);
	driver_close(&driver);
}

static void
what_does_not_fit_changes_nothing(void **state)
{
	struct driver driver;
	one_is_copied(&driver, copying());
	uint64_t stale = core_stats(driver.core)->stale;
	granted(&driver, 2);
	granted(&driver, 3);
	copy_fenced(&driver, 3, false);
	copy_fenced(&driver, 3, true);
	tell(&driver, EV_TASK_DONE, IDLE, 1);
	tell(&driver, EV_TASK_DONE, BUSY, 2);
	assert_int_equal(core_stats(driver.core)->stale, stale + 6);
	assert_int_equal(core_task(driver.core, SLOW).state, TASK_LEASED);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_copy_before_its_time),
	    cmocka_unit_test(no_copy_where_it_does_no_good),
	    cmocka_unit_test(the_copy_wins),
	    cmocka_unit_test(the_attempt_wins),
	    cmocka_unit_test(who_may_not_be_killed_is_left_to_itself),
	    cmocka_unit_test(a_copy_that_ends_costs_nothing),
	    cmocka_unit_test(a_copy_that_ended_may_have_committed),
	    cmocka_unit_test(a_copy_goes_on_alone),
	    cmocka_unit_test(a_copy_is_quicker_than_the_store),
	    cmocka_unit_test(both_end),
	    cmocka_unit_test(nobody_is_left_for_the_copy),
	    cmocka_unit_test(what_does_not_fit_changes_nothing),
	};
	return RUN_TAP(tests);
}

/* SPDX-License-Identifier: ISC
 *
 * Placement: who gets which task, stealing, what a rebalance moves, credit, and the greatest sizes.
 */
#include "tests/unit/core_driver.h"

#include "core/place.h"
#include "core/state.h"

static void
own_tasks_come_first_then_the_fullest_queue(void **state)
{
	struct core_config config = config_of(64, 2, 1);
	struct driver driver;
	driver_open(&driver, &config);
	plan_ready(&driver);
	uint32_t own[2] = {driver.core->queues[0].count, driver.core->queues[1].count};
	assert_int_equal(own[0] + own[1], 64);
	joined(&driver, 0);
	uint32_t last = 0;
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t task = the(&driver, ACT_ASSIGN).task;
		uint16_t home = ring_owner(&driver.core->ring, task);
		/* Its own first, in their order; then it steals the other's, also in order. */
		assert_int_equal(home, i >= own[0]);
		assert_true(i == 0 || i == own[0] || task > last);
		last = task;
		done(&driver, 0, task);
	}
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

static void
idle_workers_are_served_before_busy_ones(void **state)
{
	struct core_config config = config_of(4, 3, 2);
	struct driver driver;
	driver_open(&driver, &config);
	plan_ready(&driver);
	joined(&driver, 2);
	joined(&driver, 0);
	done(&driver, 0, core_slot(driver.core, 0).task);
	uint32_t task = core_slot(driver.core, 2).task;
	failed(&driver, 2, task, CAUSE_INFRA);
	joined(&driver, 1);
	/* Slots 0 and 2 hold one lease each and have room for another; slot 1 holds none. */
	taken_over(&driver, task, false);
	while (core_task(driver.core, task).waiting)
		tick_when_due(&driver);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 1);
	driver_close(&driver);
}

static void
lost_task_goes_first_and_elsewhere(void **state)
{
	struct core_config config = config_of(100, 3, 2);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t lost = core_slot(driver.core, 1).task;
	failed(&driver, 1, lost, CAUSE_INFRA);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 1); /* something else meanwhile */
	taken_over(&driver, lost, false);
	while (tick_when_due(&driver) && core_task(driver.core, lost).waiting)
		;
	assert_int_equal(state_of(&driver, lost), TASK_READY);
	done(&driver, 2, core_slot(driver.core, 2).task);
	assert_int_equal(the(&driver, ACT_ASSIGN).task, lost);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 2);
	driver_close(&driver);
}

static void
lost_task_goes_back_if_nobody_else_has_room(void **state)
{
	struct core_config config = config_of(3, 2, 1);
	struct driver driver;
	driver_start(&driver, &config);
	uint32_t lost = core_slot(driver.core, 0).task;
	feed(&driver, says(&driver, EV_TASK_RETURNED, 0, lost));
	assert_int_equal(the(&driver, ACT_ASSIGN).task, lost);
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 0);
	driver_close(&driver);
}

static void
lost_task_prefers_an_idle_other(void **state)
{
	struct core_config config = config_of(1, 3, 1);
	struct driver driver;
	driver_start(&driver, &config);
	uint16_t holder = core_task(driver.core, 0).slot;
	feed(&driver, says(&driver, EV_TASK_RETURNED, holder, 0));
	assert_int_not_equal(the(&driver, ACT_ASSIGN).slot, holder);
	driver_close(&driver);
}

/* Where every task is: its holder, or 1000 + the slot whose queue it is in. */
static void
snapshot(const struct driver *driver, uint32_t *where)
{
	for (uint32_t task = 0; task < driver->config.tasks; task++)
		where[task] = core_task(driver->core, task).slot;
	for (uint32_t slot = 0; slot <= driver->config.slots; slot++) {
		const struct queue *queue = &driver->core->queues[slot];
		uint32_t task = queue->head;
		for (uint32_t i = 0; i < queue->count; i++, task = driver->core->tasks[task].next)
			where[task] = 1000 + slot;
	}
}

static void
rebalance_moves_no_lease_and_only_its_share(void **state)
{
	enum { TASKS = 20000, N = 8 };
	static uint32_t before[TASKS], after[TASKS];
	struct core_config config = config_of(TASKS, N, 4);
	struct driver driver;
	config.slots = N + 1;
	config.restart_max = 0;
	driver_start(&driver, &config);
	uint32_t share = driver.core->queues[2].count, moved = 0;
	snapshot(&driver, before);
	feed(&driver, (struct core_step){.kind = EV_WORKER_JOINED, .slot = N, .incarnation = 1});
	snapshot(&driver, after);
	for (uint32_t task = 0; task < TASKS; task++) {
		assert_true(before[task] >= 1000 || before[task] == after[task]);
		if (before[task] == after[task] || after[task] == N)
			continue;
		assert_int_equal(after[task], 1000 + N);
		moved++;
	}
	assert_true(moved > 0 && moved <= TASKS / (N + 1) * 4 / 3);

	/* Quarantine of slot 2: its queue is spread, the others keep theirs. */
	uint32_t held[4];
	for (int i = 0; i < 4; i++)
		held[i] = driver.core->slots[2].lease[i];
	snapshot(&driver, before);
	share = driver.core->queues[2].count;
	exited(&driver, 2, CORE_NO_TASK, 0, 9);
	assert_int_equal(slot_of(&driver, 2), SLOT_QUARANTINED);
	snapshot(&driver, after);
	moved = 0;
	for (uint32_t task = 0; task < TASKS; task++) {
		if (before[task] == after[task])
			continue;
		assert_int_equal(before[task], 1002);
		assert_true(after[task] >= 1000 && after[task] != 1002);
		moved++;
	}
	assert_int_equal(moved, share);
	for (int i = 0; i < 4; i++)
		taken_over(&driver, held[i], false);
	driver_close(&driver);
}

/* DESIGN: a ninth worker takes a ninth of what is queued, and no more than 5 % above that. */
static void
ninth_worker_takes_its_share(void **state)
{
	for (uint32_t tasks = 1000; tasks <= 1000000; tasks *= 10) {
		struct core_config config = config_of(tasks, 8, 2);
		struct driver driver;
		config.slots = 9;
		driver_open(&driver, &config);
		driver.audits = AUDITS_NONE;
		plan_ready(&driver);
		for (uint16_t slot = 0; slot < 8; slot++)
			joined(&driver, slot);
		feed(&driver,
		     (struct core_step){.kind = EV_SCALE, .task = CORE_NO_TASK, .value = 9});
		struct core_step note = the(&driver, ACT_REBALANCED);
		assert_int_equal(note.value, tasks - 16);
		assert_in_range(note.record, tasks / 18, tasks / 9 + tasks / 20);
		print_message("# 8 + 1 workers: %u of %u queued tasks moved, %.1f %%\n",
		              (unsigned)note.record, (unsigned)note.value,
		              100.0 * (double)note.record / (double)note.value);
		driver_close(&driver);
	}
}

/* Without a ring nobody owns what is queued: nothing moves when workers come. */
static void
least_loaded_is_served_first(void **state)
{
	struct core_config config = config_of(12, 3, 4);
	struct driver driver;
	config.slots = 4;
	config.placement = PLACEMENT_LEAST;
	driver_open(&driver, &config);
	plan_ready(&driver);
	assert_int_equal(driver.core->queues[4].count, 12);
	for (uint16_t slot = 0; slot < 3; slot++)
		joined(&driver, slot);
	for (uint32_t left = 4; left > 1; left--)
		done(&driver, 1, core_slot(driver.core, 1).task);
	failed(&driver, 2, core_slot(driver.core, 2).task, CAUSE_INFRA);
	uint32_t task = core_slot(driver.core, 0).task;
	feed(&driver, says(&driver, EV_TASK_RETURNED, 0, task));
	assert_int_equal(the(&driver, ACT_ASSIGN).slot, 1); /* it holds one, the others three */
	feed(&driver, (struct core_step){.kind = EV_SCALE, .task = CORE_NO_TASK, .value = 4});
	assert_int_equal(acted(&driver, ACT_REBALANCED), 0);
	driver_close(&driver);
}

static void
each_has_its_turn(void **state)
{
	struct core_config config = config_of(40, 4, 3);
	struct driver driver;
	config.placement = PLACEMENT_ROUND_ROBIN;
	driver_open(&driver, &config);
	plan_ready(&driver);
	for (uint16_t slot = 0; slot < 4; slot++)
		joined(&driver, slot);
	/* All are full; whoever has room is served, and then those behind it. */
	static const uint16_t freed[] = {2, 0, 3, 1};
	for (unsigned i = 0; i < 4; i++) {
		done(&driver, freed[i], core_slot(driver.core, freed[i]).task);
		assert_int_equal(the(&driver, ACT_ASSIGN).slot, freed[i]);
		assert_int_equal(driver.core->turn, freed[i] + 1);
	}
	driver_close(&driver);
}

/* From an empty house: one after the other, whoever holds how many. */
static void
turns_go_round(void **state)
{
	struct core_config config = config_of(6, 3, 4);
	struct driver driver;
	config.placement = PLACEMENT_ROUND_ROBIN;
	config.attempts = 1;
	driver_open(&driver, &config);
	for (uint32_t task = 0; task < 6; task++)
		restored(&driver, task, TASK_READY, task > 0, 1, 0);
	plan_ready(&driver);
	for (uint16_t slot = 0; slot < 3; slot++)
		joined(&driver, slot);
	done(&driver, core_task(driver.core, 0).slot, 0); /* five more at once */
	assert_int_equal(acted(&driver, ACT_ASSIGN), 5);
	for (size_t i = 0, n = 0; i < driver.count; i++)
		if (driver.actions[i].kind == ACT_ASSIGN)
			assert_int_equal(driver.actions[i].slot, (1 + n++) % 3);
	driver_close(&driver);
}

static void
many_slots_with_much_credit(void **state)
{
	struct core_config config = config_of(3000, 64, 16);
	struct driver driver;
	driver_start(&driver, &config);
	for (uint16_t slot = 0; slot < 64; slot++)
		assert_int_equal(core_slot(driver.core, slot).held, 16);
	assert_int_equal(core_stats(driver.core)->leased, 1024);
	for (uint32_t round = 0; core_outcome(driver.core) == OUTCOME_NONE; round++) {
		uint16_t slot = (uint16_t)(round * 37 % 64);
		uint32_t task = core_slot(driver.core, slot).task;
		if (task == CORE_NO_TASK)
			continue;
		struct core_step event = says(&driver, EV_TASK_DONE, slot, task);
		event.at_ns = driver.now_ns;
		driver.count = core_step(driver.core, &event, driver.actions);
		if (round % 50 == 0)
			core_audit(driver.core);
	}
	assert_int_equal(core_stats(driver.core)->done, 3000);
	assert_int_equal(core_stats(driver.core)->leased, 3000);
	assert_int_equal(core_outcome(driver.core), OUTCOME_DONE);
	driver_close(&driver);
}

/* Whoever is idle takes from the fullest queue, however the queues have got there. */
static void
fullest_queue_is_known(void **state)
{
	struct core_config config = config_of(2000, 13, 1);
	struct driver driver;
	struct core_step event = {.kind = EV_PLAN_READY, .at_ns = 1};
	driver_open(&driver, &config);
	core_step(driver.core, &event, driver.actions);
	joined(&driver, 5);
	for (uint32_t left = 1999; left > 0; left--) {
		const struct queue *queues = driver.core->queues;
		uint32_t most = 0;
		for (uint16_t slot = 0; slot < 13; slot++)
			most = queues[slot].count > most ? queues[slot].count : most;
		assert_int_equal(queues[place_fullest(driver.core)].count, most);
		done(&driver, 5, core_slot(driver.core, 5).task);
	}
	driver_close(&driver);
}

static void
greatest_numbers_of_slots_and_credit(void **state)
{
	struct core_config config = config_of(1100000, CORE_SLOTS_MAX, CORE_CREDIT_MAX);
	struct driver driver;
	driver_open(&driver, &config);
	struct core_step event = {.kind = EV_PLAN_READY, .at_ns = driver.now_ns};
	assert_int_equal(core_step(driver.core, &event, driver.actions), CORE_SLOTS_MAX);
	event.kind = EV_WORKER_JOINED;
	event.incarnation = 1;
	for (event.slot = 0; event.slot < CORE_SLOTS_MAX; event.slot++)
		assert_int_equal(core_step(driver.core, &event, driver.actions), CORE_CREDIT_MAX);
	core_audit(driver.core);
	/* All of them hang at once: kills, then all deaths unconfirmed: fences and quarantines. */
	tick(&driver, 2 * SEC);
	assert_int_equal(acted(&driver, ACT_KILL), CORE_SLOTS_MAX);
	tick(&driver, 10 * SEC);
	assert_int_equal(acted(&driver, ACT_FENCE), CORE_SLOTS_MAX * CORE_CREDIT_MAX);
	assert_int_equal(acted(&driver, ACT_QUARANTINE), CORE_SLOTS_MAX);
	driver_close(&driver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_tasks_come_first_then_the_fullest_queue),
	    cmocka_unit_test(idle_workers_are_served_before_busy_ones),
	    cmocka_unit_test(lost_task_goes_first_and_elsewhere),
	    cmocka_unit_test(lost_task_goes_back_if_nobody_else_has_room),
	    cmocka_unit_test(lost_task_prefers_an_idle_other),
	    cmocka_unit_test(rebalance_moves_no_lease_and_only_its_share),
	    cmocka_unit_test(ninth_worker_takes_its_share),
	    cmocka_unit_test(least_loaded_is_served_first),
	    cmocka_unit_test(each_has_its_turn),
	    cmocka_unit_test(turns_go_round),
	    cmocka_unit_test(many_slots_with_much_credit),
	    cmocka_unit_test(fullest_queue_is_known),
	    cmocka_unit_test(greatest_numbers_of_slots_and_credit),
	};
	return RUN_TAP(tests);
}

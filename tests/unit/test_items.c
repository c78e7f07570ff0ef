/* SPDX-License-Identifier: ISC
 *
 * Items in run.db: claimed by one, held under a token, settled by nobody else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/sink/sink_items.h"
#include "sim/sink/sink_store.h"

#define PER_TASK 10
#define TASKS 3

static char folder[64], path[80];
static struct store *store;
static struct sink *sink;
static uint32_t generation;
static struct sink_item item[PER_TASK * TASKS];

static int
begin(void *context)
{
	return store_begin(context);
}

static void
list(uint32_t task)
{
	struct task_plan plan = {
	    .task = task, .first = task * PER_TASK, .records = PER_TASK, .length = 40 * PER_TASK};

	assert_int_equal(store_plan_put(store, &plan), 0);
	for (uint64_t i = 0; i < PER_TASK; i++) {
		struct sink_item one = {.record = plan.first + i, .task = task};

		one.offset = 40 * one.record;
		one.length = 40;
		one.hash = ~one.record;
		assert_int_equal(sink_item_add(sink, &one), 0);
	}
}

static int
set_up(void **state)
{
	static const struct store_run run = {
	    .id = "test", .name = "test", .logical_date = "2026-11-21"};
	static const struct plan_summary summary = {.tasks = TASKS, .records = PER_TASK * TASKS};

	strlcpy(folder, "/tmp/graveshift-test-items-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run.db", folder);
	assert_int_equal(store_create(path, DURABILITY_PROCESS, &run), 0);
	assert_int_equal(store_open(&store, path, DURABILITY_PROCESS, 0), 0);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(sink_store_open(&sink, store, generation, begin, store), 0);
	for (uint32_t task = 0; task < TASKS; task++)
		list(task);
	assert_int_equal(store_plan_seal(store, &summary), 0);
	sink_lease(sink, 0, 1);
	return 0;
}

static int
tear_down(void **state)
{
	sink_close(sink);
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static uint64_t
count(enum item_state state)
{
	struct sink_item_counts counts;

	assert_int_equal(sink_items_count(sink, 0, PER_TASK * TASKS, &counts), 0);
	return counts.items[state];
}

/* The task's lease is taken over: its epoch is raised. */
static void
take_over(uint32_t task)
{
	uint32_t epoch = 1;
	uint64_t dead;

	assert_int_equal(store_task_fence(store, task, CAUSE_INFRA, false, &epoch, &dead), 1);
}

static void
test_what_is_claimed_is_claimed_by_one_in_order(void **state)
{
	assert_int_equal(sink_items_claim(sink, item, 12), 12);
	for (uint64_t i = 0; i < 12; i++) {
		assert_int_equal(item[i].record, i);
		assert_int_equal(item[i].task, i / PER_TASK);
		assert_int_equal(item[i].offset, 40 * i);
		assert_int_equal(item[i].hash, ~i);
	}
	sink_lease(sink, 1, 1);
	assert_int_equal(sink_items_claim(sink, item, 30), 18);
	assert_int_equal(item[0].record, 12);
	assert_int_equal(sink_items_claim(sink, item, 30), 0);
	assert_int_equal(sink_items_open(sink, 0, PER_TASK), 1);
}

static void
test_only_the_holder_settles_or_fails(void **state)
{
	const struct dead_record bad = {.record = 3, .reason = REASON_NUL, .column = 1};
	struct dead_record read;

	assert_int_equal(sink_items_claim(sink, item, 5), 5);
	sink_lease(sink, 1, 1);
	assert_int_equal(sink_items_settle(sink, 0, 5), 0);
	assert_int_equal(sink_item_fail(sink, &bad), 0);
	sink_lease(sink, 0, 2);
	assert_int_equal(sink_items_settle(sink, 0, 5), 0);
	sink_lease(sink, 0, 1);
	assert_int_equal(sink_item_fail(sink, &bad), 1);
	assert_int_equal(sink_items_settle(sink, 0, 10), 4);
	assert_int_equal(sink_items_failed(sink, 0, PER_TASK, &read), 1);
	assert_int_equal(read.record, 3);
	assert_int_equal(read.reason, REASON_NUL);
	assert_int_equal(read.column, 1);
	assert_int_equal(read.offset, 120);
	assert_int_equal(sink_items_failed(sink, 4, PER_TASK, &read), 0);
}

static void
test_the_reaper_takes_what_leases_that_are_over_held_and_nothing_else(void **state)
{
	sink_lease(sink, 1, 1);
	assert_int_equal(sink_items_claim(sink, item, 4), 4);
	sink_lease(sink, 2, 1);
	assert_int_equal(sink_items_claim(sink, item, 4), 4);
	sink_lease(sink, 0, 1);
	assert_int_equal(sink_items_stale(sink), 0);
	assert_int_equal(sink_items_reap(sink), 0);
	take_over(1);
	assert_int_equal(sink_items_stale(sink), 1);
	assert_int_equal(sink_items_reap(sink), 4);
	assert_int_equal(count(ITEM_HELD), 4);
	assert_int_equal(sink_items_stale(sink), 0);
	/* The slow finisher wakes up: its token holds nothing any more. */
	sink_lease(sink, 1, 1);
	assert_int_equal(sink_items_settle(sink, 0, 4), 0);
	/* What was left over by an attempt at the same task is nobody's, either. */
	sink_lease(sink, 2, 1);
	assert_int_equal(sink_items_stale(sink), 1);
	assert_int_equal(sink_items_reap(sink), 4);
}

static void
test_what_a_generation_held_is_over_with_it(void **state)
{
	struct sink *next;

	assert_int_equal(sink_items_claim(sink, item, 4), 4);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(sink_store_open(&next, store, generation, begin, store), 0);
	sink_lease(next, 1, 1);
	assert_int_equal(sink_items_reap(next), 4);
	sink_close(next);
}

static void
test_others_claim_only_what_nobody_has_tried(void **state)
{
	sink_lease(sink, 1, 1);
	assert_int_equal(sink_items_claim(sink, item, 4), 4);
	take_over(1);
	sink_lease(sink, 2, 1);
	assert_int_equal(sink_items_reap(sink), 4);
	assert_int_equal(sink_items_claim(sink, item, 1), 1);
	assert_int_equal(item[0].record, 4);
	sink_lease(sink, 0, 1);
	assert_int_equal(sink_items_claim(sink, item, 1), 1);
	assert_int_equal(item[0].record, 0);
}

static void
test_only_what_failed_is_tried_again(void **state)
{
	const struct dead_record bad = {.record = 3, .reason = REASON_NUL, .column = 1};

	assert_int_equal(sink_items_claim(sink, item, 10), 10);
	assert_int_equal(sink_items_retriable(sink, 0, PER_TASK), 0);
	assert_int_equal(sink_item_fail(sink, &bad), 1);
	assert_int_equal(sink_items_settle(sink, 0, 10), 9);
	assert_int_equal(sink_items_open(sink, 0, PER_TASK), 0);
	assert_int_equal(sink_items_retriable(sink, 0, PER_TASK), 1);
	assert_int_equal(sink_items_retry(sink, 0, PER_TASK), 0);
	assert_int_equal(sink_items_claim(sink, item, 1), 1);
	assert_int_equal(item[0].record, 3);
}

static void
test_a_task_that_is_given_up_has_a_dead_letter_for_each_open_item(void **state)
{
	struct store_counts counts;
	uint64_t records;

	assert_int_equal(sink_items_claim(sink, item, 10), 10);
	assert_int_equal(sink_items_settle(sink, 2, 5), 3);
	assert_int_equal(store_task_bury(store, 0, REASON_ATTEMPTS, &records), 0);
	assert_int_equal(records, 7);
	assert_int_equal(store_counts_read(store, &counts), 0);
	assert_int_equal(counts.dead_records, 7);
	assert_int_equal(sink_items_open(sink, 0, PER_TASK), 0);
	assert_int_equal(sink_items_settle(sink, 0, 10), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_what_is_claimed_is_claimed_by_one_in_order),
	    TEST(test_only_the_holder_settles_or_fails),
	    TEST(test_the_reaper_takes_what_leases_that_are_over_held_and_nothing_else),
	    TEST(test_what_a_generation_held_is_over_with_it),
	    TEST(test_others_claim_only_what_nobody_has_tried),
	    TEST(test_only_what_failed_is_tried_again),
	    TEST(test_a_task_that_is_given_up_has_a_dead_letter_for_each_open_item),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * The store and graphs: what may be committed is read off the parents' states, and a redrive opens
 * what it must and nothing else.
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

#include "sim/store/store.h"

enum { PAYMENT, PACKING, SHIPPING, REFUND, MAIL, STEPS, ORDERS = 3, TASKS = ORDERS * STEPS };

static const uint32_t first_parent[] = {0, 0, 1, 2, 4, 5};
static const struct core_edge parent[] = {{PAYMENT, EDGE_STRONG},
                                          {PACKING, EDGE_STRONG},
                                          {PACKING, EDGE_DEATH},
                                          {SHIPPING, EDGE_DEATH},
                                          {SHIPPING, EDGE_WEAK}};
static const uint32_t first_child[] = {0, 1, 3, 5, 5, 5};
static const struct core_edge child[] = {{PACKING, EDGE_STRONG},
                                         {SHIPPING, EDGE_STRONG},
                                         {REFUND, EDGE_DEATH},
                                         {REFUND, EDGE_DEATH},
                                         {MAIL, EDGE_WEAK}};
static const struct core_graph graph = {STEPS, first_parent, parent, first_child, child};

static char folder[64], path[96];
static struct store *store;

static int
set_up(void **state)
{
	const struct store_run run = {.id = "x", .name = "y"};
	const struct plan_summary summary = {.tasks = TASKS, .records = TASKS};
	uint32_t generation;

	strlcpy(folder, "/tmp/graveshift-test-XXXXXX", sizeof(folder));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run.db", folder);
	assert_int_equal(store_create(path, DURABILITY_PROCESS, &run), 0);
	assert_int_equal(store_open(&store, path, DURABILITY_PROCESS, 0), 0);
	assert_int_equal(store_generation_raise(store, &generation), 0);
	assert_int_equal(generation, 1);
	for (uint32_t task = 0; task < TASKS; task++)
		assert_int_equal(
		    store_plan_put(store,
		                   &(struct task_plan){.task = task, .first = task, .records = 1}),
		    0);
	assert_int_equal(store_plan_seal(store, &summary), 0);
	return 0;
}

static int
tear_down(void **state)
{
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static void
finish(uint32_t task)
{
	assert_int_equal(store_graph_allows(store, &graph, task), 1);
	assert_int_equal(store_task_done(store, task, 1, 1, 0), 1);
}

static void
bury(uint32_t task)
{
	uint64_t records;
	assert_int_equal(store_task_bury(store, task, REASON_FLAKY, &records), 0);
	assert_int_equal(records, 1);
}

static void
assert_may(uint32_t task, bool may)
{
	assert_int_equal(store_graph_allows(store, &graph, task), may);
}

static void
test_what_may_be_committed(void **state)
{
	assert_may(PAYMENT, true);
	assert_may(PACKING, false);
	assert_may(MAIL, false);
	finish(PAYMENT);
	assert_may(PACKING, true);
	assert_may(STEPS + PACKING, false); /* that is another order */
	finish(PACKING);
	assert_may(REFUND, false);
	finish(SHIPPING);
	assert_may(REFUND, false); /* nothing was given up */
	assert_may(MAIL, true);

	finish(STEPS + PAYMENT);
	bury(STEPS + PACKING);
	assert_may(STEPS + SHIPPING, false);
	assert_may(STEPS + REFUND, false); /* shipping may yet end */
	assert_may(STEPS + MAIL, false);
	assert_int_equal(store_task_skip(store, STEPS + SHIPPING, STEPS + PACKING), 0);
	assert_may(STEPS + REFUND, true);
	assert_may(STEPS + MAIL, true);
	assert_int_equal(store_graph_allows(store, &graph, TASKS + PACKING), -ENOENT);
}

struct seen {
	enum task_state state[TASKS];
	uint32_t reason[TASKS], epoch[TASKS];
};

static int
see(void *context, const struct store_task_row *row)
{
	struct seen *seen = context;
	seen->state[row->plan.task] = row->state;
	seen->reason[row->plan.task] = row->reason;
	seen->epoch[row->plan.task] = row->epoch;
	return 0;
}

static int
see_letter(void *context, const struct store_dead_row *row)
{
	uint32_t *last = context;
	*last = row->task;
	return 0;
}

/* Order 0 is fine, order 1 could not be paid, order 2 not packed, which was made up for. */
static void
test_redrive_opens_what_it_must(void **state)
{
	struct seen seen;
	uint32_t letter = 0;
	uint64_t tasks;

	finish(PAYMENT);
	finish(PACKING);
	finish(SHIPPING);
	finish(MAIL);
	store_task_skip(store, REFUND, CORE_NO_TASK);
	bury(STEPS + PAYMENT);
	store_task_skip(store, STEPS + PACKING, STEPS + PAYMENT);
	store_task_skip(store, STEPS + SHIPPING, STEPS + PAYMENT);
	store_task_skip(store, STEPS + REFUND, CORE_NO_TASK);
	finish(STEPS + MAIL);
	finish(2 * STEPS + PAYMENT);
	bury(2 * STEPS + PACKING);
	store_task_skip(store, 2 * STEPS + SHIPPING, 2 * STEPS + PACKING);
	finish(2 * STEPS + REFUND);
	finish(2 * STEPS + MAIL);

	assert_int_equal(store_graph_redrive(store, &graph, &tasks), 0);
	assert_int_equal(tasks, 4);
	assert_int_equal(store_tasks_read(store, 0, see, &seen), 0);
	for (uint32_t step = PAYMENT; step <= REFUND; step++) {
		assert_int_equal(seen.state[STEPS + step], TASK_READY);
		assert_int_equal(seen.reason[STEPS + step], 0);
		assert_true(seen.epoch[STEPS + step] > 1); /* an old lease is not valid again */
	}
	assert_int_equal(seen.state[STEPS + MAIL], TASK_DONE);
	assert_int_equal(seen.state[REFUND], TASK_SKIPPED);
	assert_int_equal(seen.state[2 * STEPS + PACKING], TASK_DEAD);
	assert_int_equal(seen.state[2 * STEPS + SHIPPING], TASK_SKIPPED);
	assert_int_equal(seen.reason[2 * STEPS + SHIPPING], 2 * STEPS + PACKING);
	assert_int_equal(store_dead_read(store, see_letter, &letter), 0);
	assert_int_equal(letter, 2 * STEPS + PACKING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_what_may_be_committed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_redrive_opens_what_it_must, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

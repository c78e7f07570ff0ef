/* SPDX-License-Identifier: ISC
 *
 * The ledger of graphs: each way in which orders can go wrong is found, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/verdict/ledger_graph.h"

/* Two orders: the second cannot be packed and is refunded. */
enum { PAYMENT, PACKING, SHIPPING, REFUND, MAIL, STEPS, TASKS = 2 * STEPS };

static char payment[] = "payment", packing[] = "packing", shipping[] = "shipping";

static struct scenario_job job = {
    .kind = JOB_GRAPH,
    .orders = 2,
    .steps = STEPS,
    .step = {{.id = "payment"},
             {.id = "packing", .after = {payment}, .afters = 1},
             {.id = "shipping", .after = {packing}, .afters = 1},
             {.id = "refund", .compensates = {packing, shipping}, .compensated = 2},
             {.id = "mail", .weakly_after = {shipping}, .weakly_afters = 1}},
};

struct end {
	enum task_state state[TASKS];
	uint32_t blame[TASKS];
	uint64_t effect[20];
	size_t effects;
};

static const struct end fine = {
    .state = {TASK_DONE, TASK_DONE, TASK_DONE, TASK_SKIPPED, TASK_DONE, TASK_DONE, TASK_DEAD,
              TASK_SKIPPED, TASK_DONE, TASK_DONE},
    .blame = {[REFUND] = CORE_NO_TASK, [STEPS + SHIPPING] = STEPS + PACKING},
    .effect = {STEPS + PAYMENT, PAYMENT, PACKING, STEPS + REFUND, STEPS + MAIL, SHIPPING, MAIL},
    .effects = 7,
};

static struct ledger_finding
judge(const struct end *end)
{
	struct ledger_finding finding = {0};
	struct ledger_graph *ledger = ledger_graph_new(&job);
	assert_non_null(ledger);
	for (uint32_t task = 0; task < TASKS; task++)
		ledger_graph_task(ledger, task, end->state[task], end->blame[task]);
	for (size_t i = 0; i < end->effects; i++)
		ledger_graph_effect(ledger, end->effect[i]);
	ledger_graph_end(ledger, &finding);
	ledger_graph_free(ledger);
	return finding;
}

static void
test_what_is_fine(void **state)
{
	struct ledger_finding finding = judge(&fine);
	assert_int_equal(finding.records, TASKS);
	assert_int_equal(finding.counted, 7);
	assert_int_equal(finding.unneeded, 1);
	assert_string_equal(finding.example, "");
	assert_int_equal(finding.effects_lost + finding.effects_doubled +
	                     finding.effects_unfounded + finding.early + finding.astray +
	                     finding.unnamed,
	                 0);
}

static void
test_an_order_paid_twice(void **state)
{
	struct end end = fine;
	end.effect[end.effects++] = PAYMENT;
	struct ledger_finding finding = judge(&end);
	assert_int_equal(finding.effects_doubled, 1);
	assert_string_equal(finding.example, "payment of order 0 has happened 2 times");
}

static void
test_an_effect_that_is_missing(void **state)
{
	struct end end = fine;
	end.effects--;
	struct ledger_finding finding = judge(&end);
	assert_int_equal(finding.effects_lost, 1);
	assert_string_equal(finding.example, "mail of order 0 has not happened");
}

static void
test_an_effect_that_must_not_be(void **state)
{
	static const uint64_t wrong[] = {STEPS + PACKING, STEPS + SHIPPING, REFUND, TASKS + 3};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct end end = fine;
		end.effect[end.effects++] = wrong[i];
		assert_int_equal(judge(&end).effects_unfounded, 1);
	}
}

static void
test_shipped_before_it_was_packed(void **state)
{
	struct end end = fine;
	end.effect[2] = SHIPPING;
	end.effect[5] = PACKING;
	struct ledger_finding finding = judge(&end);
	assert_int_equal(finding.early, 1);
	assert_string_equal(finding.example, "shipping of order 0 has happened before packing");
}

static void
test_mail_before_what_it_only_follows(void **state)
{
	struct end end = fine;
	end.effect[5] = MAIL;
	end.effect[6] = SHIPPING;
	assert_int_equal(judge(&end).early, 1);
}

static void
test_ends_that_do_not_follow(void **state)
{
	static const struct {
		uint32_t task;
		enum task_state state;
	} wrong[] = {{PACKING, TASK_READY},
	             {STEPS + SHIPPING, TASK_DONE},
	             {REFUND, TASK_DONE},
	             {STEPS + REFUND, TASK_SKIPPED},
	             {MAIL, TASK_SKIPPED}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct end end = fine;
		end.state[wrong[i].task] = wrong[i].state;
		assert_true(judge(&end).astray > 0);
	}
}

static void
test_reasons_that_do_not_hold(void **state)
{
	static const uint32_t wrong[] = {CORE_NO_TASK, PACKING, STEPS + PAYMENT, STEPS + REFUND};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct end end = fine;
		end.blame[STEPS + SHIPPING] = wrong[i];
		struct ledger_finding finding = judge(&end);
		assert_int_equal(finding.unnamed, 1);
		assert_string_equal(finding.example,
		                    "shipping of order 1 was skipped, and no reason holds");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_fine),
	    cmocka_unit_test(test_an_order_paid_twice),
	    cmocka_unit_test(test_an_effect_that_is_missing),
	    cmocka_unit_test(test_an_effect_that_must_not_be),
	    cmocka_unit_test(test_shipped_before_it_was_packed),
	    cmocka_unit_test(test_mail_before_what_it_only_follows),
	    cmocka_unit_test(test_ends_that_do_not_follow),
	    cmocka_unit_test(test_reasons_that_do_not_hold),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Scenarios of graphs: every mistake in what waits for what has its place and its words, and what
 * is read is printed so that it is read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/scenario.h"

#define HEAD "scenario: 1\nname: x\nabout: y\n"
#define EXPECT "expect: [{job: done}]\n"
#define STEPS(lines) HEAD "job:\n  kind: graph\n  orders: 5\n  steps:\n" lines EXPECT

struct loaded {
	struct scenario scenario;
	char *errors;
	size_t size;
	int result;
};

static void
load(struct loaded *loaded, const char *text)
{
	FILE *errors = open_memstream(&loaded->errors, &loaded->size);
	assert_non_null(errors);
	loaded->result =
	    scenario_load_text(&loaded->scenario, "t.yaml", text, strlen(text), NULL, 0, errors);
	assert_int_equal(fclose(errors), 0);
}

static void
unload(struct loaded *loaded)
{
	scenario_fini(&loaded->scenario);
	free(loaded->errors);
}

/* Each begins its own line of the output. */
static void
expect_lines(const char *text, const char *const *lines)
{
	static struct loaded loaded;
	size_t errors = 0, expected = 0;
	load(&loaded, text);
	assert_int_not_equal(loaded.result, 0);
	for (const char *at = loaded.errors; (at = strstr(at, ": error: ")) != NULL; at++)
		errors++;
	for (; lines[expected] != NULL; expected++)
		if (strstr(loaded.errors, lines[expected]) == NULL)
			fail_msg("no '%s' in\n%s", lines[expected], loaded.errors);
	if (errors != expected)
		fail_msg("%zu errors, not %zu:\n%s", errors, expected, loaded.errors);
	unload(&loaded);
}

static void
test_names_that_are_wrong(void **state)
{
	expect_lines(
	    STEPS("    - {id: payment}\n"
	          "    - {id: packing, after: [payment], weakly_after: [payment]}\n"
	          "    - {id: shipping, after: [packin, shipping]}\n"
	          "    - {id: shipping}\n"
	          "    - {id: refund, compensates: [packing], after: [payment]}\n"
	          "    - {after: [payment, payment]}\n"),
	    (const char *const[]){
		"t.yaml:9:54: error: job.steps[1].weakly_after: 'payment' is named under after "
		"already\n",
		"t.yaml:10:30: error: job.steps[2].after: there is no step 'packin'; did you mean "
		"'packing'?\n",
		"t.yaml:10:38: error: job.steps[2].after: a step cannot wait for itself\n",
		"t.yaml:11:12: error: job.steps[3].id: the id 'shipping' is taken already\n",
		"t.yaml:12:33: error: job.steps[4]: a step that compensates others waits for them "
		"alone: take out after and weakly_after\n",
		"t.yaml:13:7: error: missing key 'job.steps[].id'",
		"t.yaml:13:25: error: job.steps[5].after: 'payment' is named twice\n", NULL});
}

static void
test_circles(void **state)
{
	expect_lines(STEPS("    - {id: a, after: [b]}\n"
	                   "    - {id: b, weakly_after: [c]}\n"
	                   "    - {id: c, compensates: [a]}\n"
	                   "    - {id: d, after: [a]}\n"),
	             (const char *const[]){"t.yaml:10:29: error: job.steps: goes round in a "
	                                   "circle: a waits for b, b for c, c for a\n",
	                                   NULL});
	expect_lines(
	    STEPS("    - {id: a, after: [b]}\n"
	          "    - {id: b, after: [a]}\n"
	          "    - {id: c, after: [d, a]}\n"
	          "    - {id: d, after: [c]}\n"),
	    (const char *const[]){
		"t.yaml:9:23: error: job.steps: goes round in a circle: a waits for b, b for a\n",
		"t.yaml:11:23: error: job.steps: goes round in a circle: c waits for d, d for c\n",
		NULL});
}

static void
test_steps_of_other_jobs(void **state)
{
	expect_lines(HEAD "job: {kind: graph, orders: 0, steps: [], key: k}\n" EXPECT,
	             (const char *const[]){"t.yaml:4:28: error: job.orders: '0' is out of range",
	                                   "t.yaml:4:38: error: job.steps: needs a step",
	                                   "t.yaml:4:42: error: job.key: not for a job of kind "
	                                   "graph\n",
	                                   NULL});
	expect_lines(HEAD "job: {kind: graph}\n" EXPECT,
	             (const char *const[]){"t.yaml:4:1: error: missing key 'job.steps'", NULL});
	expect_lines(
	    HEAD "job: {kind: graph, orders: 9000000, steps: [{id: a}, {id: b}]}\n" EXPECT,
	    (const char *const[]){"t.yaml:4:37: error: job.steps: 2 steps of 9000000 orders "
	                          "are more than the 16777216 tasks that can be planned\n",
	                          NULL});
}

static void
test_faults_of_steps(void **state)
{
	expect_lines(
	    STEPS("    - {id: payment}\n    - {id: packing}\n") "faults:\n"
								"  - {flaky: packng of order 3}\n"
								"  - {flaky: packing of order 5}\n"
								"  - {poison: packing of order x}\n"
								"  - {flaky: packing}\n"
								"  - {flaky: 10}\n"
								"  - {bad_chunk: 1}\n",
	    (const char *const[]){
		"t.yaml:12:13: error: faults[0]: there is no step 'packng'; did you mean "
		"'packing'?\n",
		"t.yaml:13:13: error: faults[1]: there is no order 5: the job has 5, from "
		"0\n",
		"t.yaml:14:14: error: faults[2]: 'x' is no number",
		"t.yaml:15:13: error: faults[3]: 'packing' is no number; give a whole "
		"number without a unit; or say 'STEP of order N'\n",
		"t.yaml:16:13: error: faults[4]: there is no record 10: the job has 10",
		"t.yaml:17:17: error: faults[5]: a graph job reads no chunks\n", NULL});
}

static char *
print(const struct scenario *scenario)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(scenario_print(scenario, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static const char good[] = STEPS(
    "    - {id: mail, weakly_after: [shipping, refund]}\n"
    "    - {id: payment}\n"
    "    - {id: packing, after: [payment]}\n"
    "    - {id: shipping, after: [packing]}\n"
    "    - {id: refund, compensates: [packing, shipping]}\n") "faults: [{flaky: packing of order "
							      "3, times: every}, {poison: 4}]\n";

static void
test_what_is_read(void **state)
{
	static struct loaded loaded, again;
	const struct core_graph *graph;
	char described[200], *first, *second;
	load(&loaded, good);
	assert_string_equal(loaded.errors, "");
	graph = loaded.scenario.core.graph;
	assert_int_equal(graph->steps, 5);
	assert_int_equal(graph->first_parent[1] - graph->first_parent[0], 2);
	assert_int_equal(graph->parent[0].step, 3);
	assert_int_equal(graph->parent[0].kind, EDGE_WEAK);
	assert_int_equal(graph->parent[graph->first_parent[2]].step, 1);
	assert_int_equal(graph->parent[graph->first_parent[2]].kind, EDGE_STRONG);
	assert_int_equal(graph->child[graph->first_child[2]].step, 3);
	assert_int_equal(graph->child[graph->first_child[2] + 1].step, 4);
	assert_int_equal(graph->child[graph->first_child[2] + 1].kind, EDGE_DEATH);
	assert_int_equal(loaded.scenario.fault[0].record, 3 * 5 + 2);
	fault_describe(&loaded.scenario, 0, described, sizeof(described));
	assert_string_equal(described, "f1: packing of order 3 cannot be done, every time");
	first = print(&loaded.scenario);
	load(&again, first);
	assert_string_equal(again.errors, "");
	second = print(&again.scenario);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "poison: refund of order 0\n"));
	assert_true(scenario_hash(&loaded.scenario) == scenario_hash(&again.scenario));
	free(again.scenario.job.step[2].after[0]);
	again.scenario.job.step[2].after[0] = strdup("mail");
	assert_true(scenario_hash(&loaded.scenario) != scenario_hash(&again.scenario));
	free(first);
	free(second);
	unload(&loaded);
	unload(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_that_are_wrong), cmocka_unit_test(test_circles),
	    cmocka_unit_test(test_steps_of_other_jobs),  cmocka_unit_test(test_faults_of_steps),
	    cmocka_unit_test(test_what_is_read),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * When faults begin: which hits count for whom, conditions, order, quiet; and who was proven.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/fault/fault.h"

static struct scenario scenario;
static struct fault_area area;
static char plan_path[64];

/* Slow hurts nobody and is proven at once. */
static struct fault *
add(enum fault_what what)
{
	struct fault *fault = &scenario.fault[scenario.faults];

	*fault = (struct fault){.what = what,
	                        .who = WHO_SELF,
	                        .when = WHEN_POINT,
	                        .point = POINT_WORKER_BEFORE_COMMIT,
	                        .nth = 1,
	                        .times = 1,
	                        .chance_ppm = 1000000,
	                        .for_ns = NS_PER_S,
	                        .delay_ns = 1,
	                        .victims = 1,
	                        .follows = -1};
	snprintf(fault->id, sizeof(fault->id), "f%zu", scenario.faults++);
	return fault;
}

static int
set_up(void **state)
{
	int fd;

	memset(&scenario, 0, sizeof(scenario));
	memset(&area, 0, sizeof(area));
	strlcpy(plan_path, "/tmp/test_fault.XXXXXX", sizeof(plan_path));
	fd = mkstemp(plan_path);
	if (fd < 0)
		return -1;
	close(fd);
	fault_self = (struct fault_self){.scenario = &scenario,
	                                 .area = &area,
	                                 .plan_path = plan_path,
	                                 .role = WHO_SELF,
	                                 .slot = 2,
	                                 .incarnation = 1,
	                                 .wake_director_fd = -1};
	return 0;
}

static int
tear_down(void **state)
{
	fault_self.area = NULL;
	return unlink(plan_path);
}

static void
hit(unsigned times)
{
	fault_arm(&scenario, &area);
	while (times-- > 0)
		point_reach(POINT_WORKER_BEFORE_COMMIT);
}

static uint32_t
injected(size_t index)
{
	return atomic_load(&area.fault[index].injected);
}

static void
set_term(struct fault *fault, enum condition_what what, enum compare how, uint64_t value)
{
	fault->condition.term[0] =
	    (struct condition_term){.what = (uint8_t)what, .compare = (uint8_t)how, .value = value};
	fault->condition.terms = 1;
}

static void
test_nth_and_last_bound_the_hits(void **state)
{
	struct fault *fault = add(FAULT_SLOW);

	fault->nth = 3;
	fault->last = 4;
	fault->times = UINT32_MAX;
	hit(2);
	assert_int_equal(injected(0), 0);
	hit(8);
	assert_int_equal(injected(0), 2);
	assert_int_equal(atomic_load(&area.fault[0].landed), 2);
	assert_int_equal(atomic_load(&area.hits[POINT_WORKER_BEFORE_COMMIT]), 10);
}

static void
test_only_hits_while_the_condition_holds_count(void **state)
{
	struct fault *fault = add(FAULT_SLOW);

	fault->nth = 2;
	set_term(fault, CONDITION_DONE, COMPARE_GE, 5);
	hit(10);
	atomic_store(&area.number[CONDITION_DONE], 5);
	hit(1);
	assert_int_equal(injected(0), 0);
	hit(1);
	assert_int_equal(injected(0), 1);
}

static void
test_facts_are_bits_of_their_own_fault(void **state)
{
	set_term(add(FAULT_SLOW), CONDITION_HOLDS, COMPARE_EQ, 17);
	set_term(add(FAULT_SLOW), CONDITION_HOLDS, COMPARE_EQ, 18);
	atomic_store(&area.fault[1].facts, 1);
	hit(3);
	assert_int_equal(injected(0), 0);
	assert_int_equal(injected(1), 1);
}

static void
test_during_recovery_is_a_fact_for_everybody(void **state)
{
	set_term(add(FAULT_SLOW), CONDITION_RECOVERY, COMPARE_EQ, 0);
	hit(3);
	assert_int_equal(injected(0), 0);
	atomic_store(&area.number[CONDITION_RECOVERY], 2);
	hit(1);
	assert_int_equal(injected(0), 1);
}

static void
test_nothing_counts_before_the_fault_it_follows(void **state)
{
	struct fault *first, *second;

	second = add(FAULT_SLOW);
	first = add(FAULT_SLOW);
	second->follows = 1;
	second->nth = 2;
	first->nth = 4;
	hit(5); /* the fifth is the first one that counts for the second */
	assert_int_equal(injected(1), 1);
	assert_int_equal(injected(0), 0);
	hit(1);
	assert_int_equal(injected(0), 1);
}

static void
test_quiet_keeps_others_from_beginning(void **state)
{
	struct fault *quiet = add(FAULT_QUIET);

	quiet->for_ns = 60 * NS_PER_S;
	add(FAULT_SLOW)->nth = 2;
	hit(5);
	assert_int_equal(injected(0), 1);
	assert_int_equal(atomic_load(&area.fault[0].landed), 1);
	assert_int_equal(injected(1), 0);
	atomic_store(&area.quiet_until_ns, 0);
	hit(1);
	assert_int_equal(injected(1), 1);
}

static void
test_what_the_host_cannot_do_is_left_out(void **state)
{
	add(FAULT_SLOW);
	atomic_store(&area.skipped, 1);
	hit(3);
	assert_int_equal(injected(0), 0);
}

static void
test_healing_ends_slowness(void **state)
{
	add(FAULT_SLOW);
	hit(1);
	assert_true(fault_is_slow());
	atomic_store(&area.healed_ns, clock_now_ns() + 1);
	assert_false(fault_is_slow());
}

static const struct fault_target three[] = {{0, 1, 100}, {1, 1, 101}, {3, 2, 103}};

static void
test_each_of_several_victims_is_to_be_proven(void **state)
{
	struct fault *fault = add(FAULT_KILL);

	fault->signal = 9;
	fault->victims = 3;
	assert_true(fault_commit_all(0, three, 3, 0, "test", false, ""));
	assert_int_equal(injected(0), 1);
	assert_int_equal(atomic_load(&area.fault[0].victims), 3);
	assert_int_equal(fault_prove(&scenario, &area, 0, 1, 9), 0);
	assert_int_equal(fault_prove(&scenario, &area, 3, 1, 9), -1); /* another incarnation */
	assert_int_equal(fault_prove(&scenario, &area, 1, 1, 9), 0);
	assert_int_equal(atomic_load(&area.fault[0].landed), 2);
	assert_int_equal(fault_prove(&scenario, &area, 3, 2, 9), 0);
	assert_int_equal(atomic_load(&area.fault[0].landed), 3);
}

static void
test_victims_are_counted_from_the_plan(void **state)
{
	struct fault_area again = {0};

	add(FAULT_KILL)->signal = 9;
	assert_true(fault_commit_all(0, three, 3, 0, "test", false, ""));
	assert_int_equal(fault_plan_read(&scenario, plan_path, &again), 0);
	assert_int_equal(atomic_load(&again.fault[0].injected), 1);
	assert_int_equal(atomic_load(&again.fault[0].victims), 3);
	assert_int_equal(atomic_load(&again.fault[0].landed), 3);
	assert_true(atomic_load(&again.fault[0].injected_ns) > 0);
}

static void
test_an_order_is_obeyed_once_by_whom_it_is_for(void **state)
{
	const struct fault_target me = {2, 1, 100}, other = {1, 1, 100};

	add(FAULT_SLOW)->times = 2;
	assert_true(fault_commit_all(0, &other, 1, 0, "test", true, ""));
	fault_obey();
	assert_int_equal(atomic_load(&area.fault[0].landed), 0);
	assert_true(fault_commit_all(0, &me, 1, 0, "test", true, ""));
	fault_obey();
	fault_obey();
	assert_int_equal(atomic_load(&area.fault[0].landed), 1);
}

static void
test_a_drain_is_proven_by_leaving_cleanly(void **state)
{
	const struct fault_target me = {2, 1, 100};

	add(FAULT_DRAIN)->times = 2;
	assert_true(fault_commit_all(0, &me, 1, 0, "test", false, ""));
	assert_int_equal(fault_prove(&scenario, &area, 2, 1, 9), -1);
	assert_int_equal(fault_prove(&scenario, &area, 2, 1, 0), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_nth_and_last_bound_the_hits),
	    TEST(test_only_hits_while_the_condition_holds_count),
	    TEST(test_facts_are_bits_of_their_own_fault),
	    TEST(test_during_recovery_is_a_fact_for_everybody),
	    TEST(test_nothing_counts_before_the_fault_it_follows),
	    TEST(test_quiet_keeps_others_from_beginning),
	    TEST(test_what_the_host_cannot_do_is_left_out),
	    TEST(test_healing_ends_slowness),
	    TEST(test_each_of_several_victims_is_to_be_proven),
	    TEST(test_victims_are_counted_from_the_plan),
	    TEST(test_an_order_is_obeyed_once_by_whom_it_is_for),
	    TEST(test_a_drain_is_proven_by_leaving_cleanly),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

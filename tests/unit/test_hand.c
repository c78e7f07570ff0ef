/* SPDX-License-Identifier: ISC
 *
 * Faults by hand: what is taken, what is refused, what is known of them later; and the fault script
 * held and stepped.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/channel/request.h"
#include "sim/fault/hand.h"
#include "sim/fault/script.h"

static const char text[] = "scenario: 1\n"
			   "name: made-up\n"
			   "about: a test\n"
			   "job: {kind: aggregate, generate: {sales: 1200 records}, key: product, "
			   "sum: [qty], chunk: 100 records}\n"
			   "workers: {count: 3}\n"
			   "faults:\n"
			   "  - {id: k1, after: 0s, kill: w1}\n"
			   "  - {id: k2, after: 0s, kill: w2}\n"
			   "expect: [job: done]\n";

static struct scenario scenario;
static struct fault_area area;
static char plan_path[64];

static int
set_up(void **state)
{
	int fd;

	memset(&area, 0, sizeof(area));
	strlcpy(plan_path, "/tmp/test_hand.XXXXXX", sizeof(plan_path));
	fd = mkstemp(plan_path);
	if (fd < 0)
		return -1;
	close(fd);
	fault_self = (struct fault_self){.scenario = &scenario,
	                                 .area = &area,
	                                 .plan_path = plan_path,
	                                 .role = WHO_DIRECTOR,
	                                 .wake_director_fd = -1};
	return scenario_load_text(&scenario, "made-up", text, strlen(text), NULL, 0, stderr);
}

static int
tear_down(void **state)
{
	fault_self.area = NULL;
	scenario_fini(&scenario);
	return unlink(plan_path);
}

/* Its index; what was wrong is left in `said`. */
static char said[1024];

static int
add(const char *fault)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	int index = hand_add(&scenario, fault, errors);

	fclose(errors);
	return index;
}

static void
test_what_makes_sense_by_hand_is_taken(void **state)
{
	static const char *const good[] = {"kill: w2",
	                                   "{kill: supervisor, signal: TERM}",
	                                   "kill: director",
	                                   "kill: 2 of any",
	                                   "{crash: busy, exit: 3}",
	                                   "{pause: holder(3), for: 2s}",
	                                   "{hang: w0, for: forever}",
	                                   "{slow: oldest, by: 1ms, for: 1s}",
	                                   "bad_chunk: 11",
	                                   "{corrupt: w1, frame: assign}",
	                                   "board: flip"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int index = add(good[i]);
		if (index != (int)i + 2)
			fail_msg("%s: %s", good[i], said);
		assert_int_equal(scenario.fault[index].when, WHEN_HAND);
	}
	assert_int_equal(scenario_scripted(&scenario), 2);
	assert_string_equal(scenario.fault[2].id, "hand1");
	assert_string_equal(scenario.fault[12].id, "hand11");
	assert_int_equal(scenario.fault[3].signal, 15);
}

static void
test_everything_else_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *fault, *reason;
	} bad[] = {
	    {"kil: w2", "did you mean 'kill'"},
	    {"kill: w3", "there is no w3"},
	    {"kill: self", "by hand is for workers"},
	    {"{kill: w2, after: 1s}", "'after' is for scenario files"},
	    {"{id: x, kill: w2}", "'id' is for scenario files"},
	    {"{kill: w2, nth: 3}", "'nth' goes with at only"},
	    {"{kill: w2, times: 3}", "'times' goes with"},
	    {"pause: w1", "how long?"},
	    {"{pause: director, for: 1s}", "by hand is for workers"},
	    {"power: off", "not done by hand"},
	    {"poison: 3", "not done by hand"},
	    {"do: 1*kill", "'do' is for scenario files"},
	    {"bad_chunk: 12", "there is no chunk 12"},
	    {"corrupt: any", "by hand is for the frames"},
	    {"{kill: w1, crash: w2}", "a second action"},
	    {"kill w2", "takes keys"},
	    {"", "error"},
	    {"{kill: w2", "error"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int index = add(bad[i].fault);
		if (index >= 0 || strstr(said, bad[i].reason) == NULL)
			fail_msg("'%s' gave %d and said: %s", bad[i].fault, index, said);
		assert_int_equal(scenario.faults, 2);
	}
}

static void
test_there_is_an_end_to_it(void **state)
{
	char longer[HAND_TEXT_MAX + 32];

	memset(longer, ' ', sizeof(longer));
	memcpy(longer, "kill: w2 #", 10);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(add(longer), -EINVAL);
	for (int i = 0; i < FAULT_HANDS_MAX; i++)
		assert_int_equal(add("kill: w2"), 2 + i);
	assert_int_equal(add("kill: w2"), -EINVAL);
	assert_non_null(strstr(said, "all that a run takes"));
}

static void
test_who_comes_later_knows_it(void **state)
{
	static struct scenario other, forked;
	static struct hand_moment moment[SCENARIO_FAULTS_MAX];
	const struct hand_moment now = {.done = 57, .elapsed_ns = 1234};

	forked = scenario;
	assert_int_equal(add("kill: w2 # \"{"), 2);
	assert_true(hand_begin(&scenario, &area, "kill: w2 # \"{", &now));
	assert_int_equal(add("bad_chunk: 4"), 3);
	assert_true(hand_begin(&scenario, &area, "bad_chunk: 4", &now));
	assert_true(fault_commit(2, 2, 1, 4711, 0, "supervisor"));
	hand_learn(&forked, &area);
	assert_int_equal(forked.faults, 4);
	assert_memory_equal(forked.fault, scenario.fault, 4 * sizeof(struct fault));
	hand_learn(&forked, &area);
	assert_int_equal(forked.faults, 4);
	assert_int_equal(scenario_load_text(&other, "made-up", text, strlen(text), NULL, 0, stderr),
	                 0);
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(hand_recall(&other, plan_path, moment), 0);
		assert_int_equal(other.faults, 4);
		assert_memory_equal(other.fault, scenario.fault, 4 * sizeof(struct fault));
		assert_int_equal(moment[2].done, 57);
		assert_int_equal(moment[3].elapsed_ns, 1234);
	}
	memset(&area, 0, sizeof(area));
	assert_int_equal(fault_plan_read(&other, plan_path, &area), 0);
	assert_int_equal(area.fault[2].injected, 1);
	assert_int_equal(area.fault[3].injected, 0);
	scenario_fini(&other);
}

static void
test_numbers_in_the_log_stay_what_they_were(void **state)
{
	static struct scenario other;
	const char *const without[] = {"faults=[]"};
	const struct hand_moment now = {0};

	assert_int_equal(add("kill: w2"), 2);
	assert_true(hand_begin(&scenario, &area, "kill: w2", &now));
	assert_int_equal(
	    scenario_load_text(&other, "made-up", text, strlen(text), without, 1, stderr), 0);
	assert_int_equal(hand_recall(&other, plan_path, NULL), -ERANGE);
	scenario_fini(&other);
}

static void
test_what_was_not_begun_can_be_dropped(void **state)
{
	assert_int_equal(add("kill: w2"), 2);
	hand_drop(&scenario);
	assert_int_equal(scenario.faults, 2);
	assert_int_equal(add("kill: w1"), 2);
	assert_string_equal(scenario.fault[2].id, "hand1");
}

static void
test_a_held_script_lets_none_begin_and_a_step_one(void **state)
{
	assert_false(script_stops(&scenario, &area, 0));
	assert_true(script_set(&area, SCRIPT_HOLD));
	assert_true(script_holds(&scenario, &area, 0));
	assert_int_equal(area.due, 0);
	assert_true(script_stops(&scenario, &area, 1));
	assert_int_equal(area.due, 2);
	assert_false(fault_commit(1, 2, 1, 4711, 0, "supervisor"));
	assert_int_equal(area.fault[1].injected, 0);
	assert_true(script_set(&area, SCRIPT_STEP));
	assert_false(script_stops(&scenario, &area, 0));
	assert_true(fault_commit(1, 2, 1, 4711, 0, "supervisor"));
	assert_int_equal(area.due, 0);
	assert_true(script_stops(&scenario, &area, 0));
	assert_false(fault_commit(0, 1, 1, 4710, 0, "supervisor"));
	assert_true(script_set(&area, SCRIPT_STEP));
	assert_false(fault_commit(1, 2, 1, 4711, 0, "supervisor")); /* it was once, for good */
	assert_true(fault_commit(0, 1, 1, 4710, 0, "supervisor"));  /* so the step is still there */
}

static void
test_a_fault_by_hand_is_not_held(void **state)
{
	assert_int_equal(add("kill: w2"), 2);
	assert_true(script_set(&area, SCRIPT_HOLD));
	assert_false(script_stops(&scenario, &area, 2));
	assert_true(fault_commit(2, 2, 1, 4711, 0, "supervisor"));
}

static void
test_the_script_stays_as_it_was_left(void **state)
{
	assert_true(script_set(&area, SCRIPT_HOLD));
	assert_true(script_set(&area, SCRIPT_STEP));
	memset(&area, 0, sizeof(area));
	assert_int_equal(fault_plan_read(&scenario, plan_path, &area), 0);
	assert_true(script_holds(&scenario, &area, 0));
	assert_true(script_set(&area, SCRIPT_GO));
	memset(&area, 0, sizeof(area));
	assert_int_equal(fault_plan_read(&scenario, plan_path, &area), 0);
	assert_false(script_holds(&scenario, &area, 0));
	assert_int_equal(area.was_held, 1);
}

static void
test_requests_are_bounded_text(void **state)
{
	char received[REQUEST_MAX + 1], answer[ANSWER_MAX], large[REQUEST_MAX + 1];
	const char *verb, *words;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(request_receive(ends[0], received, &verb, &words), -EAGAIN);
	assert_int_equal(send(ends[1], "inject kill: w2", 15, 0), 15);
	assert_int_equal(request_receive(ends[0], received, &verb, &words), 0);
	assert_string_equal(verb, "inject");
	assert_string_equal(words, "kill: w2");
	assert_int_equal(send(ends[1], "hello", 5, 0), 5);
	assert_int_equal(request_receive(ends[0], received, &verb, &words), 0);
	assert_string_equal(words, "");
	assert_int_equal(send(ends[1], "a\0b", 3, 0), 3);
	assert_int_equal(request_receive(ends[0], received, &verb, &words), -EBADMSG);
	memset(large, 'x', sizeof(large));
	assert_int_equal(send(ends[1], large, sizeof(large), 0), sizeof(large));
	assert_int_equal(request_receive(ends[0], received, &verb, &words), -EBADMSG);
	assert_int_equal(request_answer(ends[1], 0, answer), -EAGAIN);
	request_reply(ends[0], ANSWER_REFUSED, "nobody is there");
	assert_int_equal(request_answer(ends[1], 0, answer), ANSWER_REFUSED);
	assert_string_equal(answer, "nobody is there");
	assert_int_equal(send(ends[0], "what", 4, 0), 4);
	assert_int_equal(request_answer(ends[1], 0, answer), -EBADMSG);
	close(ends[0]);
	assert_int_equal(request_answer(ends[1], 0, answer), -ECONNRESET);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_what_makes_sense_by_hand_is_taken, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_everything_else_is_refused_with_its_reason, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_there_is_an_end_to_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_who_comes_later_knows_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_numbers_in_the_log_stay_what_they_were, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_what_was_not_begun_can_be_dropped, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(test_a_held_script_lets_none_begin_and_a_step_one,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_fault_by_hand_is_not_held, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_script_stays_as_it_was_left, set_up,
	                                    tear_down),
	    cmocka_unit_test(test_requests_are_bounded_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hand", tests, NULL, NULL);
}

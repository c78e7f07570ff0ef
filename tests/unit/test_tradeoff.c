/* SPDX-License-Identifier: ISC
 *
 * Trade-offs: figures of runs, and what they say about what is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/tradeoff/weighing.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"

/* Both sides of a trade-off with two choices, each with one run. */
static void
weigh(struct weighing *weighing, uint64_t streaming_us, uint64_t batching_us)
{
	const uint64_t us[] = {streaming_us, batching_us};

	*weighing = (struct weighing){.tradeoff = TRADEOFF_TIMING, .rounds = 1};
	for (size_t i = 0; i < choice_count; i++) {
		struct trial_result result = {.judged = true, .job_ns = NS_PER_S};

		if (choices[i].of != TRADEOFF_TIMING)
			continue;
		result.stream.events = 10;
		result.stream.transactions = 5;
		for (unsigned event = 0; event < 10; event++)
			flow_stats_latency(&result.stream,
			                   (int64_t)us[weighing->sides] * NS_PER_MS / 1000);
		weighing->side[weighing->sides] = (struct weighed){.choice = &choices[i]};
		weighed_add(&weighing->side[weighing->sides++], &result);
	}
	assert_int_equal(weighing->sides, 2);
}

static const struct claim latency = {TRADEOFF_TIMING, "x",        FIGURE_P50_MS,
                                     "streaming",     "batching", "that is why"};

static void
test_a_claim_is_so_the_same_or_otherwise(void **state)
{
	static const struct {
		uint64_t streaming_us, batching_us;
		enum answer answer;
	} cases[] = {{1000, 100000, ANSWER_SO},
	             {100000, 1000, ANSWER_OTHERWISE},
	             {1000, 1000, ANSWER_SAME},
	             {1000, 1100, ANSWER_SAME},
	             {1000, 1700, ANSWER_SO}};
	struct weighing *weighing = malloc(sizeof(*weighing));

	assert_non_null(weighing);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		weigh(weighing, cases[i].streaming_us, cases[i].batching_us);
		assert_int_equal(claim_answer(weighing, &latency), cases[i].answer);
		assert_int_equal(weighing_exit_code(weighing), EXIT_MET);
	}
	free(weighing);
}

static void
test_what_went_wrong_is_no_figure(void **state)
{
	struct weighing *weighing = malloc(sizeof(*weighing));
	struct trial_result lost = {
	    .judged = true, .exit_code = EXIT_UNMET, .failed = "I1 it is lost"};
	struct trial_result unlanded = {
	    .judged = true, .exit_code = EXIT_INCONCLUSIVE, .unlanded = "k1"};

	assert_non_null(weighing);
	weigh(weighing, 1000, 100000);
	weighed_add(&weighing->side[1], &unlanded);
	assert_int_equal(claim_answer(weighing, &latency), ANSWER_OPEN);
	assert_int_equal(weighing_exit_code(weighing), EXIT_INCONCLUSIVE);
	weighed_add(&weighing->side[0], &lost);
	assert_int_equal(weighing_exit_code(weighing), EXIT_UNMET);
	assert_string_equal(weighing->side[0].failed, "I1 it is lost");
	free(weighing);
}

static void
test_the_reason_is_given_only_where_it_is_otherwise(void **state)
{
	struct weighing *weighing = malloc(sizeof(*weighing));

	assert_non_null(weighing);
	for (unsigned otherwise = 0; otherwise < 2; otherwise++) {
		char *text = NULL;
		size_t length;
		FILE *out = open_memstream(&text, &length);

		assert_non_null(out);
		weigh(weighing, otherwise ? 100000 : 1000, otherwise ? 1000 : 100000);
		claim_print(weighing, &latency, out);
		fclose(out);
		assert_int_equal(strstr(text, "that is why") != NULL, otherwise);
		assert_non_null(strstr(text, "streaming "));
		free(text);
	}
	free(weighing);
}

static void
test_each_claim_is_about_choices_of_its_own(void **state)
{
	for (size_t i = 0; i < claim_count; i++) {
		unsigned found = 0, of[TRADEOFFS] = {0};

		for (size_t j = 0; j < choice_count; j++) {
			of[choices[j].of]++;
			if (choices[j].of == claims[i].of)
				found += (strcmp(choices[j].name, claims[i].less) == 0) +
				         (strcmp(choices[j].name, claims[i].more) == 0);
		}
		assert_int_equal(found, 2);
		for (unsigned j = 0; j < TRADEOFFS; j++)
			assert_in_range(of[j], 2, CHOICES_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_claim_is_so_the_same_or_otherwise),
	    cmocka_unit_test(test_what_went_wrong_is_no_figure),
	    cmocka_unit_test(test_the_reason_is_given_only_where_it_is_otherwise),
	    cmocka_unit_test(test_each_claim_is_about_choices_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tradeoff", tests, NULL, NULL);
}

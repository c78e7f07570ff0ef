/* SPDX-License-Identifier: ISC
 *
 * Jobs that run commands: their words, what they print, how lines are cut into chunks.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/command/printed.h"
#include "sim/command/talk.h"
#include "sim/command/verdict_of.h"
#include "sim/command/words.h"
#include "sim/job/lines.h"

static void
test_placeholders_are_replaced_and_nothing_else(void **state)
{
	char first[] = "{task}-{attempt}{from}", second[] = "{print $1} {tas} {to",
	     third[] = "{input}";
	char *words[] = {first, second, third};
	const struct words_values values = {
	    .task = 7, .attempt = 2, .from = 11, .to = 20, .input = "/a b"};
	char **filled = words_fill(words, 3, &values);

	assert_non_null(filled);
	assert_string_equal(filled[0], "7-211");
	assert_string_equal(filled[1], "{print $1} {tas} {to");
	assert_string_equal(filled[2], "/a b");
	assert_null(filled[3]);
	words_free(filled, 3);
	assert_true(words_have(words, 3, "{input}"));
	assert_false(words_have(words, 3, "{output}"));
}

static const struct {
	const char *text;
	size_t length;
	enum job_prints wanted;
	const char *fault; /* NULL: there is none */
} printed_cases[] = {
    {"\xff\0", 2, PRINTS_BYTES, NULL},
    {"", 0, PRINTS_TEXT, NULL},
    {"a\nb\n", 4, PRINTS_LINES, NULL},
    {"a\n", 2, PRINTS_LINES, "it printed 1 lines for 2 records"},
    {"a\nb", 3, PRINTS_TEXT, "the last line of its output has no end"},
    {"a\n\0\n", 4, PRINTS_TEXT, "byte 2 of its output is no text"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n", 10, PRINTS_TEXT, NULL},
    {"\xc0\x80\n", 3, PRINTS_TEXT, "byte 0 of its output is no text"},
    {"\xe0\x80\x80\n", 4, PRINTS_TEXT, "byte 1 of its output is no text"},
    {"\xed\xa0\x80\n", 4, PRINTS_TEXT, "byte 1 of its output is no text"},
    {"\xf4\x90\x80\x80\n", 5, PRINTS_TEXT, "byte 1 of its output is no text"},
    {"x\xc3", 2, PRINTS_TEXT, "the last line of its output has no end"},
};

/* Whole, and a byte at a time: a character may come in two pieces. */
static void
test_output_is_text_or_not(void **state)
{
	for (size_t i = 0; i < sizeof(printed_cases) / sizeof(printed_cases[0]); i++) {
		struct printed whole = {.wanted = printed_cases[i].wanted}, bytes = whole;
		char text[100], again[100];
		const char *fault, *same;

		printed_take(&whole, printed_cases[i].text, printed_cases[i].length);
		for (size_t at = 0; at < printed_cases[i].length; at++)
			printed_take(&bytes, printed_cases[i].text + at, 1);
		fault = printed_fault(&whole, 2, text, sizeof(text));
		same = printed_fault(&bytes, 2, again, sizeof(again));
		if (printed_cases[i].fault == NULL) {
			assert_null(fault);
			assert_null(same);
		} else {
			assert_string_equal(fault, printed_cases[i].fault);
			assert_string_equal(same, printed_cases[i].fault);
		}
	}
}

#define MARK "00000000deadbeef"
#define BEGIN "begin " MARK "\n"
#define OUTSIDE "it printed something outside of an answer, which begins with 'begin' and its mark"

static const struct {
	const char *said, *output;
	int result, code;
	const char *fault;
} talk_cases[] = {
    {BEGIN "done " MARK "\n", "", 1, 0, ""},
    {BEGIN "a\n\nb\ndone " MARK "\n", "a\n\nb\n", 1, 0, ""},
    {BEGIN "failed " MARK " 75\n", "", 1, 75, ""},
    {BEGIN "done 00000000deadbeee\ndone " MARK "\n", "done 00000000deadbeee\n", 1, 0, ""},
    {BEGIN "do\nfail\nd\ndone " MARK "\n", "do\nfail\nd\n", 1, 0, ""},
    {BEGIN " done " MARK "\n", " done " MARK "\n", 0, 0, ""},
    {BEGIN "a done " MARK "\n", "a done " MARK "\n", 0, 0, ""},
    {BEGIN "done " MARK, "", 0, 0, ""},
    {BEGIN "done " MARK "\nx", "", -EBADMSG, 0, "it went on behind the end of its answer"},
    {BEGIN "done " MARK "\r\n", "", -EBADMSG, 0, "its 'done' has more than its mark"},
    {BEGIN "failed " MARK "\n", "", -EBADMSG, 0,
     "its 'failed' has no code of 1 to 255 behind its mark"},
    {BEGIN "failed " MARK " 0\n", "", -EBADMSG, 0,
     "its 'failed' has no code of 1 to 255 behind its mark"},
    {BEGIN "failed " MARK " 3x\n", "", -EBADMSG, 0,
     "its 'failed' has no code of 1 to 255 behind its mark"},
    {BEGIN "done " MARK " and this goes on for longer than any line that ends an answer\n", "",
     -EBADMSG, 0, "its 'done' has more than its mark"},
    {"done " MARK "\n", "", -EBADMSG, 0, OUTSIDE},
    {"stray\n" BEGIN "a\ndone " MARK "\n", "", -EBADMSG, 0, OUTSIDE},
    {"begin 00000000deadbeee\n", "", -EBADMSG, 0, OUTSIDE},
    {BEGIN BEGIN "done " MARK "\n", BEGIN, 1, 0, ""},
    {"begin " MARK, "", 0, 0, ""},
};

static int
hear(void *context, const char *bytes, size_t length)
{
	strncat(context, bytes, length);
	return 0;
}

/* Whole, and a byte at a time: what may be its end comes in pieces. */
static void
test_an_answer_is_between_its_marks_and_nowhere_else(void **state)
{
	const struct words_values values = {.task = 7, .attempt = 2, .from = 11, .to = 20};

	for (size_t i = 0; i < sizeof(talk_cases) / sizeof(talk_cases[0]); i++)
		for (size_t step = 1; step < 200; step += 198) {
			const char *said = talk_cases[i].said;
			char output[300] = "";
			struct talk talk = {.take = hear, .context = output};
			int result = 0;

			talk_init(&talk, &values, 10, 0xdeadbeef);
			assert_string_equal(talk.begin, "task 7 2 11 20 10 " MARK "\n");
			for (size_t at = 0; at < strlen(said) && result >= 0; at += step) {
				size_t rest = strlen(said) - at;

				result = talk_take(&talk, said + at, rest < step ? rest : step);
			}
			assert_int_equal(result, talk_cases[i].result);
			assert_string_equal(output, talk_cases[i].output);
			assert_int_equal(talk.code, talk_cases[i].code);
			assert_string_equal(talk.fault, talk_cases[i].fault);
		}
}

static void
test_exit_codes_mean_what_the_job_says(void **state)
{
	char three[] = "3", seventy_five[] = "75";
	struct scenario_job plain = {0};
	struct scenario_job own = {
	    .fatal = {three, seventy_five}, .fatals = 2, .infra = {three}, .infras = 0};
	static const struct {
		int code;
		enum command_verdict plain, own;
	} cases[] = {{0, COMMAND_DONE, COMMAND_DONE},     {1, COMMAND_AGAIN, COMMAND_AGAIN},
	             {3, COMMAND_AGAIN, COMMAND_FATAL},   {64, COMMAND_FATAL, COMMAND_AGAIN},
	             {69, COMMAND_LATER, COMMAND_LATER},  {75, COMMAND_LATER, COMMAND_FATAL},
	             {127, COMMAND_FATAL, COMMAND_AGAIN}, {255, COMMAND_AGAIN, COMMAND_AGAIN}};
	struct command_end *end = calloc(1, sizeof(*end));

	assert_non_null(end);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t reason = REASON_NONE;

		end->detail = cases[i].code;
		assert_int_equal(command_judge(&plain, end, &reason), cases[i].plain);
		assert_int_equal(reason != REASON_NONE, cases[i].code != 0);
		assert_int_equal(command_judge(&own, end, &reason), cases[i].own);
	}
	free(end);
}

struct plan {
	uint64_t records, length;
	uint32_t tasks;
};

/* Each task begins where the one before it ended, and its lines are counted right. */
static int
put(void *context, const struct task_plan *task)
{
	struct plan *plan = context;

	assert_int_equal(task->task, plan->tasks);
	assert_int_equal(task->first, plan->records);
	assert_int_equal(task->offset, plan->length);
	plan->tasks++;
	plan->records += task->records;
	plan->length += task->length;
	return 0;
}

static void
test_lines_are_cut_where_they_end(void **state)
{
	enum { LENGTH = 40000, LARGE = 3 << 20 }; /* some of several blocks */
	char *bytes = malloc(LARGE);
	uint64_t seed = 1;

	assert_non_null(bytes);
	for (unsigned round = 0; round < 200; round++) {
		struct input input = {.bytes = bytes,
		                      .length = (round % 20 == 0 ? LARGE : LENGTH) - round};
		unsigned rare = round % 7 == 0 ? 2 : round % 7 * 20;
		uint64_t lines = 0, chunk = 1 + round * round % 501 + (round % 20 == 0 ? 5000 : 0);
		struct plan plan = {0};
		struct plan_summary summary;
		char error[200];

		for (size_t i = 0; i < input.length; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			bytes[i] = (seed >> 33) % rare == 0 ? '\n' : 'x';
		}
		for (size_t i = 0; i < input.length; i++)
			lines += bytes[i] == '\n';
		lines += bytes[input.length - 1] != '\n';
		assert_int_equal(lines_count(bytes, input.length), lines);
		assert_int_equal(
		    lines_plan(&input, "x", chunk, &summary, put, &plan, error, sizeof(error)), 0);
		assert_int_equal(plan.records, lines);
		assert_int_equal(plan.length, input.length);
		assert_int_equal(summary.tasks, (lines - 1) / chunk + 1);
		assert_int_equal(summary.records, lines);
	}
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_placeholders_are_replaced_and_nothing_else),
	    cmocka_unit_test(test_output_is_text_or_not),
	    cmocka_unit_test(test_an_answer_is_between_its_marks_and_nowhere_else),
	    cmocka_unit_test(test_exit_codes_mean_what_the_job_says),
	    cmocka_unit_test(test_lines_are_cut_where_they_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Lessons: all that are shipped can be read; what may be changed in a learner's file, and what not;
 * numbers that a seed draws; lines of 80 columns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/learn/paragraph.h"
#include "sim/learn/permit.h"
#include "sim/learn/shipped.h"
#include "sim/learn/variant.h"

static void
test_all_lessons_are_whole(void **state)
{
	static const char *const files[] = {"story.md", "hint1.md", "hint2.md", "hint3.md",
	                                    "solution/why.md"};

	assert_true(lesson_count() >= 10);
	for (size_t i = 0; i < lesson_count(); i++) {
		struct lesson lesson;
		char name[80];
		assert_int_equal(lesson_load(&lesson, i), 0);
		for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++)
			assert_non_null(shipped_find(lesson.name, files[j]));
		if (lesson.edit != NULL) {
			snprintf(name, sizeof(name), "solution/%s", lesson.edit);
			assert_non_null(shipped_find(lesson.name, lesson.edit));
			assert_non_null(shipped_find(lesson.name, name));
		}
		if (lesson.kind != LESSON_SCRIPT)
			assert_non_null(shipped_find(lesson.name, LESSON_TASK_NAME));
		if (lesson.ask != NULL && lesson.kind != LESSON_FORENSIC)
			assert_true(lesson.fact < MEASURES);
		if (lesson.kind == LESSON_FORENSIC)
			assert_true(lesson.hiddens > 1);
		lesson_fini(&lesson);
	}
}

static void
test_lessons_are_found_by_number_and_name(void **state)
{
	size_t split = lesson_search("2");

	assert_true(split < lesson_count());
	assert_int_equal(lesson_search("02-split"), split);
	assert_int_equal(lesson_search("split"), split);
	assert_string_equal(lesson_name(split), "02-split");
	assert_int_equal(lesson_search("999"), lesson_count());
	assert_int_equal(lesson_search(""), lesson_count());
	assert_null(lesson_name(lesson_count()));
}

static const char shipped_text[] = "job: {kind: noop, tasks: 3}\n"
				   "recovery:\n"
				   "  retry: {attempts: 1}\n"
				   "faults:\n"
				   "  - {id: k, kill: w0}\n";

/* What permit_scenario says about the mended text; "" if it may be so.  The caller frees it. */
static char *
refusal(enum lesson_kind kind, const char *mended_text)
{
	struct lesson lesson = {.kind = kind, .change = {.text = {"recovery.retry"}, .count = 1}};
	struct source shipped = {
	    .name = "shipped", .text = shipped_text, .length = strlen(shipped_text)};
	struct source mended = {.name = "mended", .text = mended_text};
	char *said;
	size_t length;
	FILE *out = open_memstream(&said, &length);
	int error;

	assert_non_null(out);
	mended.length = strlen(mended_text);
	error = permit_scenario(&lesson, &shipped, &mended, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(error != 0, length > 0);
	return said;
}

static void
assert_refused(enum lesson_kind kind, const char *mended, const char *words)
{
	char *said = refusal(kind, mended);

	if (strstr(said, words) == NULL || (words[0] == '\0' && said[0] != '\0'))
		fail_msg("wanted '%s', got '%s'", words, said);
	free(said);
}

#define REST "faults:\n  - {id: k, kill: w0}\n"
#define JOB "job: {kind: noop, tasks: 3}\n"

static void
test_only_what_is_named_may_change(void **state)
{
	assert_refused(LESSON_SCENARIO, shipped_text, "");
	assert_refused(LESSON_SCENARIO, JOB "recovery: {retry: {attempts: 4}}\n" REST, "");
	assert_refused(LESSON_SCENARIO,
	               JOB "recovery: {retry: {attempts: 4, backoff: 1ms..2ms}}\n" REST, "");
	assert_refused(LESSON_SCENARIO,
	               JOB "recovery: {retry: {attempts: 4}, lease: {ttl: 1s}}\n" REST,
	               "recovery.lease is new");
	assert_refused(LESSON_SCENARIO,
	               "job: {kind: noop, tasks: 1}\nrecovery: {retry: {attempts: 4}}\n" REST,
	               "job.tasks was changed");
}

static void
test_nothing_may_be_taken_out(void **state)
{
	assert_refused(LESSON_SCENARIO, JOB "recovery: {retry: {}}\n" REST,
	               "recovery.retry.attempts was taken out");
	assert_refused(LESSON_SCENARIO, JOB REST, "recovery was taken out");
	assert_refused(LESSON_SCENARIO, JOB "recovery:\n  # retry\n" REST, "recovery");
	assert_refused(LESSON_SCENARIO, JOB "recovery: {retry: {attempts: 4}}\nfaults: []\n",
	               "faults has not as many entries");
	assert_refused(LESSON_SCENARIO, "# all\n", "is empty");
}

static void
test_an_attack_changes_the_faults(void **state)
{
	assert_refused(LESSON_ATTACK,
	               JOB "recovery: {retry: {attempts: 1}}\nfaults: [{id: x, kill: w1}]\n", "");
	assert_refused(LESSON_ATTACK,
	               JOB "recovery: {retry: {attempts: 4}}\nfaults: [{id: x, kill: w1}]\n",
	               "only faults may be changed");
}

static int
program_of(const char *text, size_t length)
{
	static const char before[] = "a\n" PERMIT_BEGIN "\nb\n" PERMIT_END "\nc\n";
	struct source shipped = {.name = "before", .text = before, .length = strlen(before)};
	struct source mended = {.name = "after", .text = text, .length = length};
	FILE *out = fopen("/dev/null", "we");
	int error;

	assert_non_null(out);
	error = permit_program(&shipped, &mended, out);
	fclose(out);
	return error;
}

static int
program(const char *text)
{
	return program_of(text, strlen(text));
}

static void
test_a_program_changes_between_its_lines(void **state)
{
	assert_int_equal(program("a\n" PERMIT_BEGIN "\nb\n" PERMIT_END "\nc\n"), 0);
	assert_int_equal(program("a\n" PERMIT_BEGIN "\nx\ny\n" PERMIT_END "\nc\n"), 0);
	assert_int_equal(program("a\n" PERMIT_BEGIN "\n" PERMIT_END "\nc\n"), 0);
	assert_true(program("A\n" PERMIT_BEGIN "\nb\n" PERMIT_END "\nc\n") != 0);
	assert_true(program("a\n" PERMIT_BEGIN "\nb\n" PERMIT_END "\nC\n") != 0);
	assert_true(program("a\nb\nc\n") != 0);
	assert_true(program("") != 0);
	/* Nothing is hidden behind a 0. */
	static const char hidden[] = "a\n" PERMIT_BEGIN "\nb\n" PERMIT_END "\nc\n\0more";
	assert_true(program_of(hidden, sizeof(hidden) - 1) != 0);
}

static void
test_a_seed_draws_the_numbers(void **state)
{
	struct lesson lesson = {.number = 1};
	struct lesson_texts texts = {.text = {"a={3..5}", "b=[{job: done}, {x: {7..7}}]"},
	                             .count = 2};
	unsigned seen = 0;

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct variant variant, again;
		unsigned number;
		assert_int_equal(variant_init(&variant, &lesson, &texts, seed), 0);
		assert_int_equal(variant_init(&again, &lesson, &texts, seed), 0);
		assert_int_equal(variant.sets, 3);
		assert_string_equal(variant.set[0], again.set[0]);
		assert_int_equal(sscanf(variant.set[0], "a=%u", &number), 1);
		assert_in_range(number, 3, 5);
		seen |= 1u << number;
		assert_string_equal(variant.set[1], "b=[{job: done}, {x: 7}]");
		assert_memory_equal(variant.set[2], "seed=", 5);
		variant_fini(&variant);
		variant_fini(&again);
	}
	assert_int_equal(seen, 1u << 3 | 1u << 4 | 1u << 5);
}

static void
test_paragraphs_are_narrow(void **state)
{
	char *said, text[400] = "";
	size_t length;
	FILE *out = open_memstream(&said, &length);

	assert_non_null(out);
	for (int i = 0; i < 60; i++)
		strlcat(text, "word ", sizeof(text));
	strlcat(text, "\033end", sizeof(text));
	paragraph_print(text, 6, 6, out);
	assert_int_equal(fclose(out), 0);
	assert_null(strchr(said, '\033'));
	for (const char *line = said; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") + (line == said ? 6 : 0) <= 80);
	assert_null(strstr(said, " \n"));
	free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_lessons_are_whole),
	    cmocka_unit_test(test_lessons_are_found_by_number_and_name),
	    cmocka_unit_test(test_only_what_is_named_may_change),
	    cmocka_unit_test(test_nothing_may_be_taken_out),
	    cmocka_unit_test(test_an_attack_changes_the_faults),
	    cmocka_unit_test(test_a_program_changes_between_its_lines),
	    cmocka_unit_test(test_a_seed_draws_the_numbers),
	    cmocka_unit_test(test_paragraphs_are_narrow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

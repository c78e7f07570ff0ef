/* SPDX-License-Identifier: ISC
 *
 * Whatever a table of the build has a name for can be explained, and every link leads somewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"
#include "sim/cli/cli.h"
#include "sim/explain/explain.h"
#include "sim/explain/links.h"
#include "sim/fault/points.h"
#include "sim/history/span.h"
#include "sim/strategy/strategies.h"
#include "sim/util/fail.h"

static struct topics topics;

static int
gather(void **state)
{
	(void)state;
	return topics_init(&topics);
}

static int
drop(void **state)
{
	(void)state;
	topics_fini(&topics);
	return 0;
}

static bool
has_topic(enum topic_group group, const char *name)
{
	for (size_t i = 0; i < topics.count; i++)
		if (topics.topic[i].group == group && strcmp(topics.topic[i].name, name) == 0)
			return true;
	return false;
}

static void
must_have(enum topic_group group, const char *name)
{
	if (!has_topic(group, name))
		fail_msg("nothing explains the %s '%s'", topic_group_name(group), name);
}

/* Each of the words that a key can be. */
static void
must_have_words(enum topic_group group, const char *parent, const char *name)
{
	const char *words = key_find(parent, name)->words;

	while (*words != '\0') {
		size_t part = strcspn(words, "|");
		char word[64];
		snprintf(word, sizeof(word), "%.*s", (int)part, words);
		must_have(group, word);
		words += part + (words[part] == '|');
	}
}

static void
test_every_key_point_and_command_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < keys_count; i++)
		if (!has_topic(TOPIC_KEY, keys[i].path) && !has_topic(TOPIC_FAULT, keys[i].path))
			must_have(TOPIC_EXPECTATION, keys[i].path);
	for (unsigned i = 0; i < POINTS; i++)
		must_have(TOPIC_POINT, point_name(i));
	for (size_t i = 0; i < command_count; i++)
		must_have(TOPIC_COMMAND, commands[i].name);
}

static void
test_every_word_of_the_tables_is_explained(void **state)
{
	(void)state;
	must_have_words(TOPIC_KIND, "job", "kind");
	must_have_words(TOPIC_PATTERN, "job", "pattern");
	must_have_words(TOPIC_FUNCTION, "job", "function");
	must_have_words(TOPIC_STRATEGY, "recovery", "strategy");
	must_have_words(TOPIC_PROMISE, "expect[]", "breaks");
	for (unsigned i = 0; i < TASK_STATES; i++)
		must_have(TOPIC_STATE, task_state_name(i));
	for (unsigned i = 0; i < CAUSES; i++)
		must_have(TOPIC_CAUSE, cause_name(i));
	for (unsigned i = 0; i < SPAN_ENDS; i++) {
		char letter[2] = {span_end_letter(i), '\0'};
		if (letter[0] != '\0')
			must_have(TOPIC_LETTER, letter);
	}
	for (int code = EXIT_MET; code <= EXIT_INTERNAL; code++) {
		char name[32];
		snprintf(name, sizeof(name), "exit code %d", code);
		must_have(TOPIC_EXIT, name);
	}
}

/* A strategy of the table without a row here would only have its few words. */
static void
test_every_topic_says_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < topics.count; i++) {
		const struct topic *topic = &topics.topic[i];
		size_t said = strlen(topic->text);
		bool by_table = topic->meaning != NULL && topic->group != TOPIC_STRATEGY;
		if (by_table ? topic->meaning[0] == '\0' : said < 20)
			fail_msg("%s says nothing", topic->name);
	}
}

static void
test_no_two_topics_are_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < topics.count; i++)
		for (size_t j = i + 1; j < topics.count; j++)
			if (topics.topic[i].group == topics.topic[j].group &&
			    strcmp(topics.topic[i].name, topics.topic[j].name) == 0)
				fail_msg("%s is there twice", topics.topic[i].name);
}

/* All that do not, so that they are mended in one go. */
static void
test_every_link_leads_to_one_topic(void **state)
{
	size_t astray = 0;

	(void)state;
	for (size_t i = 0; i < topics.count; i++) {
		for (const char *see = topics.topic[i].see; *see != '\0';) {
			size_t part = strcspn(see, "|");
			if (topic_named(&topics, see, part) == NULL) {
				print_error("%s: '%.*s' is none, or several\n",
				            topics.topic[i].name, (int)part, see);
				astray++;
			}
			see += part + (see[part] == '|');
		}
	}
	assert_int_equal(astray, 0);
}

/* What is printed as a link must find what it stands for when it is typed. */
static void
test_every_link_can_be_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < topics.count; i++) {
		char name[160];
		struct finding finding;
		bool there = false;
		link_text(&topics, &topics.topic[i], name, sizeof(name));
		topic_find(&topics, name, &finding);
		for (size_t j = 0; j < finding.count; j++)
			there |= finding.topic[j] == &topics.topic[i];
		if (!there)
			fail_msg("'%s' does not find the %s", name,
			         topic_group_name(topics.topic[i].group));
	}
}

static void
test_ideas_and_promises_have_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < topics.count; i++) {
		struct links links;
		links_of(&topics, &topics.topic[i], &links);
		if (links.count == 0 && topics.topic[i].group != TOPIC_COMMAND &&
		    topics.topic[i].group != TOPIC_KEY)
			fail_msg("%s leads nowhere", topics.topic[i].name);
	}
}

static void
test_what_is_asked_is_found(void **state)
{
	static const struct {
		const char *asked, *name;
		enum finding_how how;
	} cases[] = {
	    {"zombie", "zombie", FOUND_NAMED},
	    {"ZOMBIES", "zombie", FOUND_NAMED},
	    {"ttl", "recovery.lease.ttl", FOUND_NAMED},
	    {"faults[2].kill", "faults[].kill", FOUND_NAMED},
	    {"faults.kill", "faults[].kill", FOUND_NAMED},
	    {"expect.rework", "expect[].rework", FOUND_NAMED},
	    {"before_commit", "worker.before_commit", FOUND_NAMED},
	    {"restate", "recovery.watermark.late", FOUND_VALUE},
	    {"I13 ", "I1", FOUND_NOTHING},
	    {"storm.yaml:27:5: error: unknown key 'wen' in faults[2]; did you mean 'when'?",
	     "unknown key", FOUND_MESSAGE},
	    {"ok   rework: <= 2%  -- 14815 records worked on in vain, 0.1481%", "expect[].rework",
	     FOUND_MESSAGE},
	    {"not ok 3 - nightly: I3 no commit with a stale token  -- 1 taken",
	     "I3 no commit with a stale token", FOUND_MESSAGE},
	    {"open fault k1 landed  -- injected 0 times", "fault ... landed", FOUND_MESSAGE},
	    {"consistent hash", "consistent hashing", FOUND_LIKE},
	    {"zzzzzzzz", "", FOUND_NOTHING},
	    {"  ", "", FOUND_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct finding finding;
		topic_find(&topics, cases[i].asked, &finding);
		if (finding.how != cases[i].how)
			fail_msg("'%s' is found as %d", cases[i].asked, finding.how);
		if (finding.count > 0)
			assert_string_equal(finding.topic[0]->name, cases[i].name);
	}
}

static void
test_what_is_meant_is_guessed(void **state)
{
	static const struct {
		const char *asked, *guessed;
	} cases[] = {{"zombei", "; did you mean 'zombie'?"},
	             {"idempotnet", "; did you mean 'idempotent'?"},
	             {"recovery.lease.tll", "; did you mean 'recovery.lease.ttl'?"},
	             {"upsret", "; did you mean 'idempotent'?"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct finding finding;
		topic_find(&topics, cases[i].asked, &finding);
		assert_int_equal(finding.count, 0);
		assert_string_equal(finding.guessed, cases[i].guessed);
	}
}

static void
test_a_pattern_has_gaps_of_any_length(void **state)
{
	static const struct {
		const char *pattern, *text;
		size_t matched;
	} cases[] = {{"unknown key '*'", "x: unknown key 'wen'; did", 14},
	             {"unknown key '*'", "unknown key", 0},
	             {"a*b*c", "xaybzc", 3},
	             {"a*b*c", "cba", 0},
	             {"*", "anything", 0},
	             {"", "anything", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    pattern_match(cases[i].pattern, strlen(cases[i].pattern), cases[i].text),
		    cases[i].matched);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_key_point_and_command_is_explained),
	    cmocka_unit_test(test_every_word_of_the_tables_is_explained),
	    cmocka_unit_test(test_every_topic_says_something),
	    cmocka_unit_test(test_no_two_topics_are_one),
	    cmocka_unit_test(test_every_link_leads_to_one_topic),
	    cmocka_unit_test(test_every_link_can_be_typed),
	    cmocka_unit_test(test_ideas_and_promises_have_links),
	    cmocka_unit_test(test_what_is_asked_is_found),
	    cmocka_unit_test(test_what_is_meant_is_guessed),
	    cmocka_unit_test(test_a_pattern_has_gaps_of_any_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, gather, drop);
}

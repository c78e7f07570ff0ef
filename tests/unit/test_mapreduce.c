/* SPDX-License-Identifier: ISC
 *
 * Maps and what lies between them and reduces: lines of a log, entries, merging.
 */
#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/mapreduce/map.h"
#include "sim/mapreduce/merge.h"
#include "sim/mapreduce/totals.h"
#include "sim/verdict/ledger_lines.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed = 1;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* A line of a log with some bytes changed, lost or doubled. */
static size_t
draw_line(char *line)
{
	static const char *const lines[] = {
	    "10.1.2.3 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 17",
	    "h - alice [01/Jan/2026:00:00:00 +0000] \"POST /a/longer/path?x=%20 HTTP/1.0\" 304 -",
	    "host.example.org x y [t] \"HEAD /b HTTP/2\" 404 0 \"-\" \"curl/7.88.1\"",
	    "1 2 3 [] \"A b HTTP/9.9.9\" 000 9 ",
	};
	static const char some[] = " \"[]-0A/.H\tx";
	const char *from = lines[draw(COUNT(lines))];
	size_t length = 0;
	unsigned rate = 20 + draw(400);

	for (; *from != '\0'; from++) {
		unsigned what = draw(rate);

		if (what == 0)
			continue;
		line[length++] = what == 1 ? some[draw(sizeof(some) - 1)] : *from;
		if (what == 2)
			line[length++] = *from;
	}
	line[length] = '\0';
	return length;
}

/* The pages that the ledger counts in it: at most one. */
static uint64_t
count_by_ledger(const char *line, size_t length, const char *page, size_t page_length)
{
	struct ledger_table table = {.sums = 0};
	struct ledger_finding finding = {.records = 0};
	struct ledger_total *total;
	uint64_t hits = 0;

	assert_int_equal(ledger_lines_sum(FUNCTION_PAGES, line, length, NULL, 0, &table, &finding),
	                 0);
	assert_int_equal(finding.records, length > 0);
	total = page != NULL ? ledger_table_find(&table, page, page_length) : NULL;
	if (total != NULL)
		hits = total->records;
	assert_int_equal(table.keys, hits);
	assert_int_equal(finding.unreadable, length > 0 && hits == 0);
	ledger_table_fini(&table);
	return hits;
}

static void
test_three_readers_agree_on_what_a_page_is(void **state)
{
	regex_t regex;
	unsigned good = 0;

	assert_int_equal(regcomp(&regex,
	                         "^[^ ]+ [^ ]+ [^ ]+ \\[[^]]*\\] \"[A-Z]+ ([^ \"]+) "
	                         "HTTP/[0-9.]+\" [0-9][0-9][0-9] ([0-9]+|-)( .*)?$",
	                         REG_EXTENDED),
	                 0);
	for (unsigned i = 0; i < 20000; i++) {
		char line[400];
		size_t length = draw_line(line), page_length = 0;
		const char *page = NULL;
		regmatch_t match[2];
		bool wanted = regexec(&regex, line, 2, match, 0) == 0;

		assert_int_equal(map_find_page(line, line + length, &page, &page_length), wanted);
		if (wanted) {
			assert_ptr_equal(page, line + match[1].rm_so);
			assert_int_equal(page_length, match[1].rm_eo - match[1].rm_so);
		}
		assert_int_equal(count_by_ledger(line, length, wanted ? page : NULL, page_length),
		                 wanted);
		good += wanted;
	}
	assert_in_range(good, 2000, 18000);
	regfree(&regex);
}

static size_t
put(char *at, const char *key, const char *value)
{
	uint32_t length[2] = {(uint32_t)strlen(key), (uint32_t)strlen(value)};

	memcpy(at, length, sizeof(length));
	memcpy(at + sizeof(length), key, length[0]);
	memcpy(at + sizeof(length) + length[0], value, length[1]);
	return sizeof(length) + length[0] + length[1];
}

static void
test_entries_that_do_not_end_are_none(void **state)
{
	char bytes[100];
	size_t length = put(bytes, "key", "value");
	struct entry entry;

	for (size_t cut = 0; cut <= length; cut++) {
		const char *at = bytes;
		int wanted = cut == 0 ? 0 : cut == length ? 1 : -EBADMSG;

		assert_int_equal(entry_read(&at, bytes + cut, &entry), wanted);
	}
	assert_int_equal(entry.key_length, 3);
	assert_memory_equal(entry.value, "value", 5);
}

/* Any number of sorted sequences come out sorted, and equal keys in the order of their sequences.
 */
static void
test_merging_keeps_order(void **state)
{
	struct merge *merge = malloc(sizeof(*merge));
	char *bytes = malloc(MERGE_WAYS * 4096);

	assert_non_null(merge);
	assert_non_null(bytes);
	for (unsigned round = 0; round < 50; round++) {
		unsigned ways = 1 + draw(round < 5 ? MERGE_WAYS : 9), total = 0, seen = 0;
		char last_key[16] = "", last_value[16] = "";
		const struct entry *entry;

		merge_init(merge);
		for (unsigned way = 0; way < ways; way++) {
			char *start = bytes + 4096 * way;
			size_t used = 0;

			for (unsigned key = draw(5); key < 60; key += 1 + draw(20)) {
				char text[16], value[16];

				snprintf(text, sizeof(text), "%03u", key);
				snprintf(value, sizeof(value), "%03u", way);
				used += put(start + used, text, value);
				total++;
			}
			assert_int_equal(merge_add(merge, start, used), 0);
		}
		for (; (entry = merge_top(merge)) != NULL; seen++) {
			int order;

			order = memcmp(last_key, entry->key, 3);
			assert_true(order < 0 ||
			            (order == 0 && memcmp(last_value, entry->value, 3) < 0));
			memcpy(last_key, entry->key, 3);
			memcpy(last_value, entry->value, 3);
			assert_int_equal(merge_next(merge), 0);
		}
		assert_int_equal(seen, total);
	}
	free(bytes);
	free(merge);
}

static void
test_partitions_do_not_depend_on_anything_but_the_key(void **state)
{
	unsigned counts[8] = {0};

	for (unsigned i = 0; i < 8000; i++) {
		char key[16];
		int length = snprintf(key, sizeof(key), "/p/%u", i);
		uint32_t partition = entry_partition(key, (size_t)length, 8);

		assert_in_range(partition, 0, 7);
		counts[partition]++;
	}
	for (unsigned i = 0; i < 8; i++)
		assert_in_range(counts[i], 800, 1200);
	/* As they were when this was written: parts of old runs must be found. */
	assert_int_equal(entry_partition("/index.html", 11, 1000003), 664512);
}

static void
test_totals_are_added_or_refused(void **state)
{
	struct totals one = {.records = 2, .sum = {{.whole = 5, .fraction = 1}}};
	struct totals sum = {.records = 0};
	char value[sizeof(one)];
	struct entry entry = {.value = value, .value_length = totals_put(&one, 1, value)};

	assert_true(totals_add(&sum, 1, &entry));
	assert_true(totals_add(&sum, 1, &entry));
	assert_int_equal(sum.records, 4);
	assert_true(sum.sum[0].whole == 10 && sum.sum[0].fraction == 2);
	assert_false(totals_add(&sum, 2, &entry));
	entry.value_length--;
	assert_false(totals_add(&sum, 1, &entry));
	assert_int_equal(sum.records, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_three_readers_agree_on_what_a_page_is),
	    cmocka_unit_test(test_entries_that_do_not_end_are_none),
	    cmocka_unit_test(test_merging_keeps_order),
	    cmocka_unit_test(test_partitions_do_not_depend_on_anything_but_the_key),
	    cmocka_unit_test(test_totals_are_added_or_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mapreduce", tests, NULL, NULL);
}

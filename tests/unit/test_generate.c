/* SPDX-License-Identifier: ISC
 *
 * The generator: the same for the same seed, as many records as asked for, and bad ones that are
 * bad.
 */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/job/generate.h"

typedef int generate_fn(int fd, uint64_t records, uint64_t seed, uint64_t bad);

/* What a generator wrote, as lines without their newlines. */
struct lines {
	char *bytes;
	size_t length;
	uint64_t hash; /* FNV-1a of the bytes */
	size_t count;
	char **line;
};

static struct lines
lines_of(generate_fn *generate, uint64_t records, uint64_t seed, uint64_t bad)
{
	struct lines lines = {0};
	int fd = memfd_create("generated", MFD_CLOEXEC);
	size_t room = records + 2;

	assert_true(fd >= 0);
	assert_int_equal(generate(fd, records, seed, bad), 0);
	lines.length = (size_t)lseek(fd, 0, SEEK_END);
	lines.bytes = malloc(lines.length + 1);
	lines.line = calloc(room, sizeof(char *));
	assert_non_null(lines.bytes);
	assert_non_null(lines.line);
	assert_int_equal(pread(fd, lines.bytes, lines.length, 0), lines.length);
	close(fd);
	lines.bytes[lines.length] = '\0';
	lines.hash = 14695981039346656037u;
	for (size_t i = 0; i < lines.length; i++)
		lines.hash = (lines.hash ^ (unsigned char)lines.bytes[i]) * 1099511628211u;
	assert_int_equal(lines.bytes[lines.length - 1], '\n');
	for (char *at = lines.bytes, *end; (end = strchr(at, '\n')); at = end + 1) {
		assert_true(lines.count < room);
		*end = '\0';
		lines.line[lines.count++] = at;
	}
	return lines;
}

static void
lines_free(struct lines *lines)
{
	free(lines->bytes);
	free(lines->line);
}

static size_t
count_char(const char *text, char c)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* The numbers are those of the first run ever: other bytes for a known seed would make old reports
 * unrepeatable. */
static void
test_same_seed_same_bytes(void **state)
{
	struct lines sales = lines_of(generate_sales, 10000, 42, 7);
	struct lines weblog = lines_of(generate_weblog, 10000, 42, 7);

	assert_int_equal(sales.hash, 0xeb73c26337a679be);
	assert_int_equal(weblog.hash, 0xa4fa1c55c3d02686);
	lines_free(&sales);
	lines_free(&weblog);
}

static void
test_records_do_not_depend_on_their_number(void **state)
{
	struct lines few = lines_of(generate_sales, 1000, 42, 0);
	struct lines many = lines_of(generate_sales, 50000, 42, 0);

	assert_int_equal(few.count, 1001);
	assert_int_equal(many.count, 50001);
	assert_memory_equal(few.bytes, many.bytes, few.length);
	lines_free(&few);
	lines_free(&many);
}

static void
test_seeds_differ(void **state)
{
	struct lines one = lines_of(generate_sales, 1000, 1, 0);
	struct lines two = lines_of(generate_sales, 1000, 2, 0);
	size_t same = 0;

	for (size_t i = 1; i < one.count; i++)
		same += strcmp(one.line[i], two.line[i]) == 0;
	assert_true(same < 5);
	lines_free(&one);
	lines_free(&two);
}

static void
test_sales_look_as_promised(void **state)
{
	struct lines lines = lines_of(generate_sales, 200000, 3, 0);
	size_t quoted = 0, negative = 0, letters[256] = {0};

	assert_string_equal(lines.line[0], "order_id,date,store,product,qty,price");
	assert_in_range(lines.length / lines.count, 38, 48);
	for (size_t i = 1; i < lines.count; i++) {
		const char *line = lines.line[i], *price = strrchr(line, ',') + 1;
		unsigned long order, qty;
		char date[11], store[5], product;

		assert_int_equal(
		    sscanf(line, "%lu,%10[0-9-],%4[S0-9],%c", &order, date, store, &product), 4);
		assert_int_equal(order, 10000000 + i - 1);
		assert_int_equal(strlen(date), 10);
		assert_int_equal(strlen(store), 4);
		assert_int_equal(price[strlen(price) - 3], '.');
		qty = strtoul(price - 2, NULL, 10);
		assert_in_range(qty, 1, 9);
		quoted += product == '"';
		negative += price[0] == '-';
		letters[(unsigned char)product]++;
	}
	for (int letter = 'A'; letter <= 'Z'; letter++)
		assert_true(letters[letter] > 1000);
	assert_true(letters['9'] > 0 && letters['e'] > 0 && letters[0xc3] > 0 && letters[0xe7] > 0);
	assert_in_range(quoted, 1, lines.count / 100);
	assert_in_range(negative, lines.count / 100, lines.count / 50);
	lines_free(&lines);
}

static int
compare_strings(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
test_five_hundred_products_of_uneven_popularity(void **state)
{
	struct lines lines = lines_of(generate_sales, 400000, 4, 0);
	size_t products = 0, run = 0, most = 0, least = SIZE_MAX;

	for (size_t i = 0; i < lines.count; i++) {
		char *product = lines.line[i];

		for (int comma = 0; comma < 3; comma++)
			product = strchr(product, ',') + 1;
		*strrchr(product, ',') = '\0';
		*strrchr(product, ',') = '\0';
		lines.line[i] = product;
	}
	qsort(lines.line + 1, lines.count - 1, sizeof(char *), compare_strings);
	for (size_t i = 1; i < lines.count; i++) {
		run++;
		if (i + 1 < lines.count && strcmp(lines.line[i], lines.line[i + 1]) == 0)
			continue;
		products++;
		most = run > most ? run : most;
		least = run < least ? run : least;
		run = 0;
	}
	assert_int_equal(products, 500);
	assert_true(most > 10 * least);
	lines_free(&lines);
}

static void
test_bad_sales_are_bad_and_the_others_untouched(void **state)
{
	struct lines good = lines_of(generate_sales, 3000, 5, 0);
	struct lines bad = lines_of(generate_sales, 3000, 5, 31);
	size_t no_number = 0, short_record = 0, stray_quote = 0, half = 0;

	assert_int_equal(bad.count, good.count);
	for (size_t i = 1; i < good.count; i++) {
		const char *line = bad.line[i];

		if (strcmp(line, good.line[i]) == 0)
			continue;
		half += i <= 1500;
		if (strstr(line, ",n/a,"))
			no_number++;
		else if (count_char(line, ',') + 1 == count_char(good.line[i], ','))
			short_record++;
		else if (strstr(line, "\",") == line + strlen("10000000,2026-03-14,S042"))
			stray_quote++;
		else
			fail_msg("neither good nor bad: %s", line);
	}
	assert_int_equal(no_number, 11);
	assert_int_equal(short_record, 10);
	assert_int_equal(stray_quote, 10);
	assert_in_range(half, 14, 17);
	lines_free(&good);
	lines_free(&bad);
}

static void
test_every_record_can_be_bad(void **state)
{
	struct lines good = lines_of(generate_sales, 100, 6, 0);
	struct lines bad = lines_of(generate_sales, 100, 6, 100);

	for (size_t i = 1; i < good.count; i++)
		assert_string_not_equal(good.line[i], bad.line[i]);
	lines_free(&good);
	lines_free(&bad);
}

static void
test_weblog_is_combined_format_but_for_the_bad(void **state)
{
	struct lines good = lines_of(generate_weblog, 5000, 8, 0);
	struct lines bad = lines_of(generate_weblog, 5000, 8, 40);
	size_t malformed = 0;
	regex_t combined;

	assert_int_equal(regcomp(&combined,
	                         "^[0-9]{1,3}(\\.[0-9]{1,3}){3} - - "
	                         "\\[[0-9]{2}/[A-Z][a-z]{2}/20[0-9]{2}(:[0-9]{2}){3} \\+0000\\] "
	                         "\"(GET|POST) /[^ \"]* HTTP/1\\.1\" [1-5][0-9]{2} ([0-9]+|-) "
	                         "\"[^\"]+\" \"[^\"]+\"$",
	                         REG_EXTENDED | REG_NOSUB),
	                 0);
	assert_int_equal(good.count, 5000);
	assert_int_equal(bad.count, 5000);
	for (size_t i = 0; i < good.count; i++) {
		assert_int_equal(regexec(&combined, good.line[i], 0, NULL, 0), 0);
		if (regexec(&combined, bad.line[i], 0, NULL, 0) == 0)
			assert_string_equal(bad.line[i], good.line[i]);
		else
			malformed++;
	}
	assert_int_equal(malformed, 40);
	regfree(&combined);
	lines_free(&good);
	lines_free(&bad);
}

static void
test_errors_are_returned(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(full >= 0);
	assert_int_equal(generate_sales(full, 100000, 1, 0), -ENOSPC);
	assert_int_equal(generate_weblog(full, 100000, 1, 0), -ENOSPC);
	assert_int_equal(generate_sales(full, 1, 1, 0), -ENOSPC);
	close(full);
	assert_int_equal(generate_sales(-1, 10, 1, 0), -EBADF);
	assert_int_equal(generate_sales(-1, 10, 1, 11), -EINVAL);
	assert_int_equal(generate_weblog(-1, 10, 1, 11), -EINVAL);
}

static void
test_no_records(void **state)
{
	struct lines sales = lines_of(generate_sales, 0, 1, 0);

	assert_int_equal(sales.count, 1);
	lines_free(&sales);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_seed_same_bytes),
	    cmocka_unit_test(test_records_do_not_depend_on_their_number),
	    cmocka_unit_test(test_seeds_differ),
	    cmocka_unit_test(test_sales_look_as_promised),
	    cmocka_unit_test(test_five_hundred_products_of_uneven_popularity),
	    cmocka_unit_test(test_bad_sales_are_bad_and_the_others_untouched),
	    cmocka_unit_test(test_every_record_can_be_bad),
	    cmocka_unit_test(test_weblog_is_combined_format_but_for_the_bad),
	    cmocka_unit_test(test_errors_are_returned),
	    cmocka_unit_test(test_no_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

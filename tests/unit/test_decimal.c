/* SPDX-License-Identifier: ISC
 *
 * Decimals: what is one, exact sums at the limits, the shortest text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/job/decimal_word.h"

/* Parses text as it would be in a file, and once more with nothing to be read behind it. */
static enum decimal_result
parse(const char *text, struct decimal *value)
{
	size_t length = strlen(text);
	char behind[128], *alone = malloc(length + !length);
	struct decimal other = {0, 0};
	enum decimal_result result;

	assert_non_null(alone);
	memcpy(alone, text, length);
	snprintf(behind, sizeof(behind), "%s.7,123456789", text);
	result = decimal_parse(value, behind, length, strlen(behind));
	assert_int_equal(decimal_parse(&other, alone, length, length), result);
	if (result == DECIMAL_OK) {
		assert_int_equal(other.whole, value->whole);
		assert_int_equal(other.fraction, value->fraction);
		/* The general way must agree with the fast one. */
		assert_int_equal(decimal_text_parse(&other, alone, length), result);
		assert_int_equal(other.whole, value->whole);
		assert_int_equal(other.fraction, value->fraction);
	} else {
		assert_int_equal(decimal_text_parse(&other, alone, length), result);
	}
	free(alone);
	return result;
}

static void
test_accepts(void **state)
{
	static const struct {
		const char *text;
		int64_t whole, fraction;
	} cases[] = {
	    {"0", 0, 0},
	    {"7", 7, 0},
	    {"+7", 7, 0},
	    {"-7", -7, 0},
	    {"-0", 0, 0},
	    {"12345678", 12345678, 0},
	    {"-1234567", -1234567, 0},
	    {"123456789", 123456789, 0},
	    {".5", 0, 500000000000000000},
	    {"-.5", 0, -500000000000000000},
	    {".1234567", 0, 123456700000000000},
	    {"0.00001", 0, 10000000000000},
	    {"1.5", 1, 500000000000000000},
	    {"-19.99", -19, -990000000000000000},
	    {"123456.7", 123456, 700000000000000000},
	    {"1234567.8", 1234567, 800000000000000000},
	    {"00000000000000000000000012", 12, 0},
	    {"1.50000000000000000000000000", 1, 500000000000000000},
	    {"999999999999999999.999999999999999999", 999999999999999999, 999999999999999999},
	    {"-999999999999999999.999999999999999999", -999999999999999999, -999999999999999999},
	    {"0.000000000000000001", 0, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct decimal value = {-1, -1};

		if (parse(cases[i].text, &value) != DECIMAL_OK)
			fail_msg("'%s' is refused", cases[i].text);
		if (value.whole != cases[i].whole || value.fraction != cases[i].fraction)
			fail_msg("'%s' is read as %lld and %lld", cases[i].text,
			         (long long)value.whole, (long long)value.fraction);
	}
}

static void
test_refuses(void **state)
{
	static const char *const none[] = {
	    "",
	    "-",
	    "+",
	    ".",
	    "-.",
	    "+.",
	    "1.",
	    "12345678.",
	    "1..2",
	    "1.2.3",
	    "--1",
	    "+-1",
	    "1-",
	    "1e5",
	    " 1",
	    "1 ",
	    "1,5",
	    "0x10",
	    "NaN",
	    "inf",
	    "1234a",
	    "a",
	    "1.a",
	    "1.2a",
	    "1\t",
	    "/",
	    ":",
	    "1:",
	    "\xb1",
	    "1234567\xff",
	    "1.234/",
	    "-1.",
	    "5-.2",
	    "1_000",
	    "12345678.9.",
	    "123456789x",
	    "1234567890123456789012x",
	    "\xef\xbc\x91",
	};
	static const char *const digits[] = {
	    "1000000000000000000",   "-1000000000000000000",
	    "1234567890123456789",   "0.0000000000000000001",
	    "1.1234567890123456789", "99999999999999999999999999999999999999999999999999",
	};
	struct decimal value;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (parse(none[i], &value) != DECIMAL_NONE)
			fail_msg("'%s' is no decimal", none[i]);
	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		if (parse(digits[i], &value) != DECIMAL_DIGITS)
			fail_msg("'%s' has too many digits", digits[i]);
}

/* A byte that is no digit is found wherever it stands, among however many. */
static void
test_refuses_any_byte(void **state)
{
	for (size_t length = 1; length <= 12; length++)
		for (size_t at = 0; at < length; at++)
			for (int c = 1; c < 256; c++) {
				char text[16] = "111111111111";
				struct decimal value;
				bool fine = (c >= '0' && c <= '9') ||
				            (c == '.' && at + 1 < length) ||
				            ((c == '-' || c == '+') && at == 0 && length > 1);

				text[at] = (char)c;
				text[length] = '\0';
				if ((parse(text, &value) == DECIMAL_OK) != fine)
					fail_msg("'%s' is %s", text, fine ? "refused" : "accepted");
			}
}

static void
add(struct decimal_sum *sum, const char *text)
{
	struct decimal value;

	assert_int_equal(decimal_text_parse(&value, text, strlen(text)), DECIMAL_OK);
	decimal_sum_add(sum, &value);
}

static void
test_format(void **state)
{
	static const struct {
		const char *add[4];
		const char *sum;
	} cases[] = {
	    {{"0"}, "0"},
	    {{"-0"}, "0"},
	    {{"-0.0"}, "0"},
	    {{"1.50"}, "1.5"},
	    {{"1", "2", "3"}, "6"},
	    {{"0.1", "0.2"}, "0.3"},
	    {{"0.5", "0.5"}, "1"},
	    {{"-0.5", "-0.5"}, "-1"},
	    {{"1", "-0.01"}, "0.99"},
	    {{"-1", "0.01"}, "-0.99"},
	    {{"2", "-0.75", "-0.75"}, "0.5"},
	    {{"-2", "0.75", "0.75"}, "-0.5"},
	    {{"-0.25"}, "-0.25"},
	    {{"100"}, "100"},
	    {{"5", "-5"}, "0"},
	    {{"0.000000000000000001"}, "0.000000000000000001"},
	    {{"999999999999999999.999999999999999999", "0.000000000000000001"},
	     "1000000000000000000"},
	    {{"-999999999999999999.999999999999999999", "-0.000000000000000001"},
	     "-1000000000000000000"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct decimal_sum sum = {0, 0};
		char text[DECIMAL_TEXT_MAX];

		for (size_t k = 0; k < 4 && cases[i].add[k]; k++)
			add(&sum, cases[i].add[k]);
		assert_int_equal(decimal_format(&sum, text), strlen(cases[i].sum));
		assert_string_equal(text, cases[i].sum);
	}
}

/* 2^60 times the largest value, by doubling: no carry may be lost. */
static void
test_extremes(void **state)
{
	static const char *const value[] = {"999999999999999999.999999999999999999",
	                                    "-999999999999999999.999999999999999999"};
	static const char *const expected[] = {
	    "1152921504606846975999999999999999998.847078495393153024",
	    "-1152921504606846975999999999999999998.847078495393153024"};

	for (size_t i = 0; i < 2; i++) {
		struct decimal_sum sum = {0, 0};
		char text[DECIMAL_TEXT_MAX];

		add(&sum, value[i]);
		for (int doubled = 0; doubled < 60; doubled++) {
			struct decimal_sum same = sum;

			decimal_merge(&sum, &same);
		}
		decimal_format(&sum, text);
		assert_string_equal(text, expected[i]);
		decimal_normalize(&sum);
		decimal_format(&sum, text);
		assert_string_equal(text, expected[i]);
	}
}

/* Any order and grouping gives one normal form. */
static void
test_merge_any_order(void **state)
{
	unsigned short seed[3] = {1, 2, 3};

	for (int round = 0; round < 2000; round++) {
		struct decimal_sum all = {0, 0}, part[3] = {{0, 0}};

		for (int i = 0; i < 30; i++) {
			char text[48];

			snprintf(text, sizeof(text), "%s%ld.%.*ld", nrand48(seed) & 1 ? "-" : "",
			         nrand48(seed) % 1000, 1 + (int)(nrand48(seed) % 12),
			         nrand48(seed) % 10);
			add(&all, text);
			add(&part[nrand48(seed) % 3], text);
		}
		decimal_normalize(&part[1]);
		decimal_merge(&part[2], &part[1]);
		decimal_merge(&part[2], &part[0]);
		decimal_normalize(&all);
		decimal_normalize(&part[2]);
		assert_true(all.whole == part[2].whole && all.fraction == part[2].fraction);
		assert_true(all.fraction > -(__int128)DECIMAL_ONE && all.fraction < DECIMAL_ONE);
		assert_false((all.whole < 0 && all.fraction > 0) ||
		             (all.whole > 0 && all.fraction < 0));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepts),          cmocka_unit_test(test_refuses),
	    cmocka_unit_test(test_refuses_any_byte), cmocka_unit_test(test_format),
	    cmocka_unit_test(test_extremes),         cmocka_unit_test(test_merge_any_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

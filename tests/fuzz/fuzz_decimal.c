/* SPDX-License-Identifier: ISC
 *
 * Decimals.  The fast reader, the general one and the ledger's must take the same texts for
 * decimals, and all must come to the sum that a schoolbook addition of digits comes to.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/decimal_word.h"
#include "sim/verdict/ledger_reader.h"
#include "sim/verdict/ledger_text.h"
#include "tests/fuzz/fuzz.h"

#define PLACES 18
#define DIGITS (2 * PLACES + 6) /* digits[0] stands for 10^-18; room for a million values */
#define VALUES_MAX 4096

/* A number as people add: a sign and digits. */
struct paper {
	bool negative;
	uint8_t digit[DIGITS];
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What decimal.h promises about a text, in the plainest way. */
static enum decimal_result
paper_read(struct paper *paper, const char *text, size_t length)
{
	size_t at = length > 0 && (text[0] == '-' || text[0] == '+'), point, end, zeros;

	*paper = (struct paper){.negative = length > 0 && text[0] == '-'};
	for (zeros = at; zeros < length && text[zeros] == '0'; zeros++)
		continue;
	for (point = zeros; point < length && is_digit(text[point]); point++)
		continue;
	for (end = point + 1; end < length && is_digit(text[end]); end++)
		continue;
	if (point == length && point > at)
		end = length;
	else if (point >= length || text[point] != '.' || end == point + 1 || end < length)
		return DECIMAL_NONE;
	while (end > point + 1 && text[end - 1] == '0')
		end--;
	if (point - zeros > PLACES || (point < length && end - point - 1 > PLACES))
		return DECIMAL_DIGITS;
	for (size_t i = zeros; i < point; i++)
		paper->digit[PLACES + (point - 1 - i)] = (uint8_t)(text[i] - '0');
	for (size_t i = point + 1; i < end; i++)
		paper->digit[PLACES - (i - point)] = (uint8_t)(text[i] - '0');
	return DECIMAL_OK;
}

static int
paper_compare(const struct paper *a, const struct paper *b)
{
	for (size_t i = DIGITS; i-- > 0;)
		if (a->digit[i] != b->digit[i])
			return a->digit[i] < b->digit[i] ? -1 : 1;
	return 0;
}

static void
paper_add(struct paper *sum, const struct paper *value)
{
	const struct paper *large = sum, *small = value;
	struct paper result = {0};
	int carry = 0, sign = sum->negative == value->negative ? 1 : -1;

	if (paper_compare(sum, value) < 0) {
		large = value;
		small = sum;
	}
	result.negative = large->negative;
	for (size_t i = 0; i < DIGITS; i++) {
		int digit = large->digit[i] + sign * small->digit[i] + carry;

		carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
		result.digit[i] = (uint8_t)(digit - 10 * carry);
	}
	CHECK(carry == 0);
	*sum = result;
}

static size_t
paper_print(const struct paper *paper, char text[DECIMAL_TEXT_MAX])
{
	size_t low = 0, high = DIGITS - 1, length = 0;

	while (low < PLACES && paper->digit[low] == 0)
		low++;
	while (high > PLACES && paper->digit[high] == 0)
		high--;
	if (paper->negative && paper_compare(paper, &(struct paper){0}) != 0)
		text[length++] = '-';
	for (size_t i = high + 1; i-- > low;) {
		if (i == PLACES - 1)
			text[length++] = '.';
		text[length++] = (char)('0' + paper->digit[i]);
	}
	text[length] = '\0';
	return length;
}

struct sums {
	struct decimal_sum fast, half[2]; /* half: every second value, to be merged */
	struct ledger_amount ledger;
	struct paper paper;
};

/* text[0..length) is one value, and what is up to text[readable) stands behind it. */
static void
check_value(struct sums *sums, const char *text, size_t length, size_t readable, size_t number)
{
	struct decimal fast = {1, 2}, general = {3, 4};
	struct ledger_field field = {.text = text, .length = length};
	struct ledger_amount amount;
	struct paper paper;
	enum decimal_result result = paper_read(&paper, text, length);

	CHECK(decimal_parse(&fast, text, length, readable) == result);
	CHECK(decimal_text_parse(&general, text, length) == result);
	CHECK(ledger_amount_read(&amount, &field) == (result == DECIMAL_OK));
	if (result != DECIMAL_OK)
		return;
	CHECK(fast.whole == general.whole && fast.fraction == general.fraction);
	CHECK(fast.whole == amount.whole && fast.fraction == amount.fraction);
	decimal_sum_add(&sums->fast, &fast);
	decimal_sum_add(&sums->half[number % 2], &fast);
	sums->ledger.whole += amount.whole;
	sums->ledger.fraction += amount.fraction;
	paper_add(&sums->paper, &paper);
}

static void
check_sums(struct sums *sums)
{
	char expected[DECIMAL_TEXT_MAX], is[DECIMAL_TEXT_MAX];
	size_t length = paper_print(&sums->paper, expected);
	struct ledger_text text = {0};
	struct decimal again;

	CHECK(decimal_format(&sums->fast, is) == length && strcmp(is, expected) == 0);
	decimal_normalize(&sums->half[0]);
	decimal_merge(&sums->half[0], &sums->half[1]);
	CHECK(decimal_format(&sums->half[0], is) == length && strcmp(is, expected) == 0);
	CHECK(ledger_text_add_amount(&text, &sums->ledger) == 0);
	CHECK(text.length == length && memcmp(text.bytes, expected, length) == 0);
	if (decimal_text_parse(&again, is, length) == DECIMAL_OK) {
		decimal_normalize(&sums->fast);
		CHECK(again.whole == sums->fast.whole && again.fraction == sums->fast.fraction);
	}
	free(text.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	struct sums sums = {0};

	for (size_t number = 0; number < VALUES_MAX && text <= end; number++) {
		const char *stop = text < end ? memchr(text, ',', (size_t)(end - text)) : NULL;
		size_t length = (size_t)((stop ? stop : end) - text);

		/* The bytes behind it may be read, or not. */
		check_value(&sums, text, length, number % 3 ? (size_t)(end - text) : length,
		            number);
		text += length + 1;
	}
	check_sums(&sums);
	return 0;
}

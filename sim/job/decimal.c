/* SPDX-License-Identifier: ISC
 *
 * Decimals: the general way to read them, and to write them.
 */
#include <string.h>

#include "sim/job/decimal_word.h"

#define DIGITS_MAX 18

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum decimal_result
decimal_text_parse(struct decimal *value, const char *text, size_t length)
{
	const char *end = text + length, *start;
	bool negative = length > 0 && *text == '-', too_long = false;
	int64_t whole = 0, fraction = 0, weight = DECIMAL_ONE / 10;

	if (length > 0 && (*text == '-' || *text == '+'))
		text++;
	for (start = text; text < end && is_digit(*text); text++) {
		too_long |= whole >= DECIMAL_ONE / 10;
		if (!too_long)
			whole = whole * 10 + (*text - '0');
	}
	if (text < end && *text == '.') {
		for (start = ++text; text < end && is_digit(*text); text++) {
			too_long |= weight == 0 && *text != '0';
			fraction += weight * (*text - '0');
			weight /= 10;
		}
	}
	if (text == start || text < end)
		return DECIMAL_NONE;
	if (too_long)
		return DECIMAL_DIGITS;
	value->whole = negative ? -whole : whole;
	value->fraction = negative ? -fraction : fraction;
	return DECIMAL_OK;
}

void
decimal_merge(struct decimal_sum *sum, const struct decimal_sum *other)
{
	sum->whole += other->whole;
	sum->fraction += other->fraction;
}

/* How often DECIMAL_ONE = 2^18 * 5^18 is in the fraction, rounded down.  What a task adds up is
 * nearly always below 2^80: then no 128-bit division is needed. */
static __int128
fraction_carry(__int128 fraction)
{
	const int64_t five = DECIMAL_ONE >> 18;
	__int128 halved = fraction >> 18;
	int64_t low = (int64_t)halved;

	if (low == halved)
		return low / five - (low % five < 0);
	return halved / five - (halved % five < 0);
}

void
decimal_normalize(struct decimal_sum *sum)
{
	__int128 carry = fraction_carry(sum->fraction);

	sum->whole += carry;
	sum->fraction -= carry * DECIMAL_ONE;
	if (sum->whole < 0 && sum->fraction > 0) {
		sum->whole++;
		sum->fraction -= DECIMAL_ONE;
	}
}

/* Writes `number` right-aligned before `end`, with at least `digits` digits; returns its first
 * character. */
static char *
digits_before(char *end, unsigned __int128 number, unsigned digits)
{
	uint64_t low;

	for (; number >> 64; number /= 10, digits -= digits > 0)
		*--end = (char)('0' + (int)(number % 10));
	for (low = (uint64_t)number; low > 0 || digits > 0; low /= 10, digits -= digits > 0)
		*--end = (char)('0' + low % 10);
	return end;
}

size_t
decimal_format(const struct decimal_sum *sum, char text[DECIMAL_TEXT_MAX])
{
	struct decimal_sum normal = *sum;
	__int128 whole;
	int64_t fraction;
	unsigned places = DIGITS_MAX;
	char *end = text + DECIMAL_TEXT_MAX - 1, *start = end;
	size_t length;
	bool negative;

	decimal_normalize(&normal);
	whole = normal.whole;
	fraction = (int64_t)normal.fraction;
	negative = whole < 0 || fraction < 0;
	if (negative)
		fraction = -fraction;
	if (fraction > 0) {
		for (; fraction % 10 == 0; places--)
			fraction /= 10;
		start = digits_before(start, (unsigned __int128)fraction, places);
		*--start = '.';
	}
	start = digits_before(start,
	                      negative ? -(unsigned __int128)whole : (unsigned __int128)whole, 1);
	if (negative)
		*--start = '-';
	*end = '\0';
	length = (size_t)(end - start);
	memmove(text, start, length + 1);
	return length;
}

/* SPDX-License-Identifier: ISC
 *
 * Exact decimal sums, without floating point.  A value has at most 18 significant digits before and
 * 18 behind the point.  A sum keeps the two parts apart, each in 128 bits: 10^18 * 2^63 < 2^127, so
 * fewer than 2^63 values cannot overflow.
 */
#ifndef SIM_JOB_DECIMAL_H
#define SIM_JOB_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_TEXT_MAX 96
#define DECIMAL_ONE INT64_C(1000000000000000000) /* a fraction is in units of 10^-18 */

/* One value: whole + fraction / DECIMAL_ONE, both with the value's sign. */
struct decimal {
	int64_t whole, fraction;
};

/* whole + fraction / DECIMAL_ONE; the signs may differ and the fraction may be more than one. */
struct decimal_sum {
	__int128 whole, fraction;
};

enum decimal_result {
	DECIMAL_OK,
	DECIMAL_NONE,  /* the text is no decimal */
	DECIMAL_DIGITS /* it is one, but has more digits than we hold exactly */
};

/* Reads the decimal in text[0..length): [+-]digits[.digits] or [+-].digits; no exponent, no blanks.
 * Zeros before the first and behind the last other digit do not count towards the 18 digits a side.
 * *value only means something with DECIMAL_OK. */
enum decimal_result decimal_text_parse(struct decimal *value, const char *text, size_t length);

/* *sum += *value */
static inline void
decimal_sum_add(struct decimal_sum *sum, const struct decimal *value)
{
	sum->whole += value->whole;
	sum->fraction += value->fraction;
}

/* *sum += *other; the two together must stand for fewer than 2^63 values. */
void decimal_merge(struct decimal_sum *sum, const struct decimal_sum *other);

/* Carries, so that |fraction| < DECIMAL_ONE and no sign differs from the other: each value has one
 * such form. */
void decimal_normalize(struct decimal_sum *sum);

/* The shortest exact text: no exponent, no trailing zeros, no "-0"; NUL-terminated.  Returns its
 * length. */
size_t decimal_format(const struct decimal_sum *sum, char text[DECIMAL_TEXT_MAX]);

#endif

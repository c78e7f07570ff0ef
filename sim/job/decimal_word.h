/* SPDX-License-Identifier: ISC
 *
 * Decimals of up to eight characters, which most of those in real files are: read as one machine
 * word, without a loop.  Inline, because a job spends much of its time here.
 */
#ifndef SIM_JOB_DECIMAL_WORD_H
#define SIM_JOB_DECIMAL_WORD_H

#include <string.h>

#include "sim/job/decimal.h"

#define DECIMAL_WORD_MAX 8
#define DECIMAL_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Up to eight characters as one number, the first in its lowest byte; what is in the bytes behind
 * them is not said. */
static inline uint64_t
decimal_word_load(const char *text, size_t length, size_t readable)
{
	uint64_t word = 0;

	if (__builtin_expect(readable >= 8, 1)) {
		memcpy(&word, text, 8);
		return word;
	}
	for (size_t i = 0; i < length; i++)
		word |= (uint64_t)(unsigned char)text[i] << (8 * i);
	return word;
}

static inline bool
decimal_word_ok(uint64_t word)
{
	return ((word & DECIMAL_BYTES(0xf0)) |
	        ((word + DECIMAL_BYTES(0x06)) & DECIMAL_BYTES(0xf0)) >> 4) == DECIMAL_BYTES(0x33);
}

/* The number that eight digits make: neighbours are joined to pairs, pairs to fours, fours to the
 * eight. */
static inline uint64_t
decimal_word_value(uint64_t word)
{
	const uint64_t pairs = UINT64_C(0x000000ff000000ff);

	word -= DECIMAL_BYTES('0');
	word = word * 10 + (word >> 8);
	return ((word & pairs) * (100 + (UINT64_C(1000000) << 32)) +
	        (word >> 16 & pairs) * (1 + (UINT64_C(10000) << 32))) >>
	       32;
}

/* Both sides of the point are brought to eight digits with zeros: before it on the left, behind it
 * on the right. */
static inline enum decimal_result
decimal_word_parse(struct decimal *value, const char *text, size_t length, size_t readable)
{
	uint64_t word = decimal_word_load(text, length, readable), points;
	bool negative = text[0] == '-';

	if (negative || text[0] == '+') {
		word >>= 8;
		if (--length == 0)
			return DECIMAL_NONE;
	}
	word <<= 8 * (8 - length);
	word |= length < 8 ? DECIMAL_BYTES('0') >> (8 * length) : 0;

	value->fraction = 0;
	points = word ^ DECIMAL_BYTES('.');
	points = (points - DECIMAL_BYTES(0x01)) & ~points & DECIMAL_BYTES(0x80);
	if (points) {
		unsigned before = (unsigned)__builtin_ctzll(points) / 8;
		uint64_t fraction = word >> (8 * before) >> 8 | DECIMAL_BYTES('0')
		                                                    << (8 * (7 - before));

		if (before == 7 || !decimal_word_ok(fraction))
			return DECIMAL_NONE;
		value->fraction = (int64_t)decimal_word_value(fraction) * (DECIMAL_ONE / 100000000);
		word = word << (8 * (7 - before)) << 8 | DECIMAL_BYTES('0') >> (8 * before);
	}
	if (!decimal_word_ok(word))
		return DECIMAL_NONE;
	value->whole = (int64_t)decimal_word_value(word);
	if (negative) {
		value->whole = -value->whole;
		value->fraction = -value->fraction;
	}
	return DECIMAL_OK;
}

/* Like decimal_text_parse().  The bytes up to text[readable) may be read, readable >= length: it is
 * faster if they are 8 or more. */
static inline enum decimal_result
decimal_parse(struct decimal *value, const char *text, size_t length, size_t readable)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (__builtin_expect(length - 1 < DECIMAL_WORD_MAX, 1))
		return decimal_word_parse(value, text, length, readable);
#endif
	return decimal_text_parse(value, text, length);
}

#endif

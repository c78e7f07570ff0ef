/* SPDX-License-Identifier: ISC
 *
 * What both scans share, and the portable one: eight bytes at a time in plain integers.
 */
#include "sim/job/csv_scan.h"

#define BYTES(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* The bytes that equal c, of 64. */
static inline uint64_t
mask_of(const char *bytes, char c)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t word, nonzero;

		__builtin_memcpy(&word, bytes + 8 * i, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		word ^= BYTES(c);
		nonzero = ((word & BYTES(0x7f)) + BYTES(0x7f)) | word;
		/* The multiplication gathers the lowest bit of each byte in the highest byte. */
		mask |=
		    ((~nonzero >> 7 & BYTES(1)) * UINT64_C(0x0102040810204080)) >> 56 << (8 * i);
	}
	return mask;
}

void
csv_block_resolve(struct csv_block *block, struct csv_state *state, const char *bytes,
                  char separator)
{
	uint64_t quote = mask_of(bytes, '"'),
		 structural = mask_of(bytes, separator) | mask_of(bytes, '\n');
	uint64_t opening = quote & (structural << 1 | state->field_start), real = 0;
	unsigned at = 0;

	if (state->closing) {
		state->closing = false;
		if (quote & 1)
			at = 1;
		else
			state->quoted = false;
	}
	while (at < 64) {
		uint64_t ahead = UINT64_MAX << at, next;

		if (!state->quoted) {
			next = opening & ahead;
			real |= structural & ahead & (next ? (next & -next) - 1 : UINT64_MAX);
			if (!next)
				break;
			at = (unsigned)__builtin_ctzll(next) + 1;
			state->quoted = true;
			continue;
		}
		next = quote & ahead;
		if (!next)
			break;
		at = (unsigned)__builtin_ctzll(next) + 1;
		if (at == 64)
			state->closing = true;
		else if (quote >> at & 1)
			at++;
		else
			state->quoted = false;
	}
	block->structural &= real;
	block->newline &= real;
}

uint64_t
csv_block_empty(const struct csv_block *block, uint64_t line_start, bool *cr_carry)
{
	uint64_t cr = block->cr & line_start;
	uint64_t empty = block->newline & (line_start | cr << 1 | *cr_carry);

	*cr_carry = cr >> 63;
	return empty;
}

#define SCAN

static inline void
scan_block(const char *bytes, char separator, bool fields, struct csv_block *block, bool *special)
{
	block->newline = mask_of(bytes, '\n');
	block->cr = mask_of(bytes, '\r');
	block->structural = fields ? block->newline | mask_of(bytes, separator) : 0;
	*special = (mask_of(bytes, '"') | (fields ? mask_of(bytes, '\0') : 0)) != 0;
}

static inline void
scan_bits(uint32_t *to, uint64_t bits, uint32_t base)
{
	for (; bits; bits &= bits - 1)
		*to++ = base + (uint32_t)__builtin_ctzll(bits);
}

static inline void
scan_lines(uint32_t *to, uint64_t lines, uint64_t structural, uint32_t base)
{
	for (; lines; lines &= lines - 1)
		*to++ =
		    base + 2 * (uint32_t)__builtin_popcountll(structural & ((lines & -lines) - 1));
}

#include "sim/job/csv_scan_body.h"

const struct csv_scan csv_scan_portable = {"portable", scan_walk, scan_index};

bool
csv_scan_has_avx2(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
#else
	return false;
#endif
}

const struct csv_scan *
csv_scan_best(void)
{
	return csv_scan_has_avx2() ? &csv_scan_avx2 : &csv_scan_portable;
}

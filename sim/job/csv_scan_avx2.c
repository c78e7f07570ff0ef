/* SPDX-License-Identifier: ISC
 *
 * The scan with AVX2, chosen at run time.
 */
#include "sim/job/csv_scan.h"

#ifdef __x86_64__
#include <immintrin.h>

#define SCAN __attribute__((target("avx2,bmi,bmi2,popcnt")))

static inline SCAN uint64_t
mask_join(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
	                                                 << 32;
}

static inline SCAN void
scan_block(const char *bytes, char separator, bool fields, struct csv_block *block, bool *special)
{
	const __m256i newline = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r'),
		      quote = _mm256_set1_epi8('"');
	__m256i low = _mm256_loadu_si256((const __m256i *)bytes);
	__m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
	__m256i line_low = _mm256_cmpeq_epi8(low, newline),
		line_high = _mm256_cmpeq_epi8(high, newline);
	__m256i odd =
	    _mm256_or_si256(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote));

	block->newline = mask_join(line_low, line_high);
	block->cr = mask_join(_mm256_cmpeq_epi8(low, cr), _mm256_cmpeq_epi8(high, cr));
	block->structural = 0;
	if (fields) {
		const __m256i between = _mm256_set1_epi8(separator), zero = _mm256_setzero_si256();

		block->structural =
		    mask_join(_mm256_or_si256(line_low, _mm256_cmpeq_epi8(low, between)),
		              _mm256_or_si256(line_high, _mm256_cmpeq_epi8(high, between)));
		odd = _mm256_or_si256(odd, _mm256_cmpeq_epi8(_mm256_min_epu8(low, high), zero));
	}
	*special = !_mm256_testz_si256(odd, odd);
}

/* Writes the position of the lowest bit and returns the others. */
static inline SCAN uint64_t
scan_bit(uint32_t *to, uint64_t bits, uint32_t base)
{
	*to = base + (uint32_t)_tzcnt_u64(bits);
	return _blsr_u64(bits);
}

static inline SCAN uint64_t
scan_four_bits(uint32_t *to, uint64_t bits, uint32_t base)
{
	bits = scan_bit(to, bits, base);
	bits = scan_bit(to + 1, bits, base);
	bits = scan_bit(to + 2, bits, base);
	return scan_bit(to + 3, bits, base);
}

/* Writing a fixed number of positions and forgetting those too many is faster than counting them.
 */
static inline SCAN void
scan_bits(uint32_t *to, uint64_t bits, uint32_t base)
{
	bits = scan_four_bits(to, bits, base);
	bits = scan_four_bits(to + 4, bits, base);
	bits = scan_four_bits(to + 8, bits, base);
	for (to += 12; __builtin_expect(bits != 0, 0); to += 4)
		bits = scan_four_bits(to, bits, base);
}

/* The same for lines: writes how many structural bits there are before each. */
static inline SCAN uint64_t
scan_line(uint32_t *to, uint64_t lines, uint64_t structural, uint32_t base)
{
	*to = base + 2 * (uint32_t)_mm_popcnt_u64(structural & (_blsi_u64(lines) - 1));
	return _blsr_u64(lines);
}

static inline SCAN void
scan_lines(uint32_t *to, uint64_t lines, uint64_t structural, uint32_t base)
{
	lines = scan_line(to++, lines, structural, base);
	lines = scan_line(to++, lines, structural, base);
	while (__builtin_expect(lines != 0, 0))
		lines = scan_line(to++, lines, structural, base);
}

#include "sim/job/csv_scan_body.h"

const struct csv_scan csv_scan_avx2 = {"avx2", scan_walk, scan_index};

#else

const struct csv_scan csv_scan_avx2 = {"avx2, which this machine has not", NULL, NULL};

#endif

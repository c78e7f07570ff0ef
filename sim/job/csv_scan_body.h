/* SPDX-License-Identifier: ISC
 *
 * The scan itself, included by each instruction set after it has defined
 *     SCAN          attributes of its functions
 *     scan_block()  masks of 64 bytes; sets *special if one of them is a quote (or a NUL, if asked)
 *     scan_bits()   writes the positions of a mask's bits
 * so that these become part of the loops.
 */
#include <string.h>

#include "sim/job/csv_scan.h"

/* Position of the nth bit that is set, from 0. */
static SCAN unsigned
scan_nth_bit(uint64_t bits, uint64_t n)
{
	while (n-- > 0)
		bits &= bits - 1;
	return (unsigned)__builtin_ctzll(bits);
}

/* The bytes of the block at `at`, in tail[] with zeros behind them if there are fewer than 64. */
static SCAN const char *
scan_bytes(const char *bytes, size_t length, size_t at, char tail[64])
{
	size_t left = length - at;

	if (__builtin_expect(left >= 64, 1))
		return bytes + at;
	memset(tail, 0, 64);
	memcpy(tail, bytes + at, left);
	return tail;
}

/* The bytes have ended at walk->offset; what stands behind the last line end is a record, if
 * anything does. */
static SCAN void
scan_walk_end(struct csv_walk *walk)
{
	walk->unterminated = walk->quoted && !walk->closing;
	if (walk->line < walk->length && !walk->unterminated) {
		walk->records++;
		walk->line = walk->length;
		walk->quoted = walk->closing = false;
	}
}

static SCAN void
scan_walk(struct csv_walk *walk, uint64_t records, size_t until)
{
	struct csv_state state = {.quoted = walk->quoted, .closing = walk->closing};
	const char *bytes = walk->bytes;
	size_t at = walk->offset, line = walk->line, length = walk->length;
	bool line_start = at == line, cr_carry = at == line + 1 && bytes[line] == '\r';
	uint64_t found = walk->records;
	char tail[64];

	for (until = until < length ? until : length; at < until && found < records; at += 64) {
		const char *p = scan_bytes(bytes, length, at, tail);
		struct csv_block block;
		bool special = false;
		uint64_t lines, starts;

		scan_block(p, walk->separator, false, &block, &special);
		if (__builtin_expect(special | state.quoted, 0)) {
			state.field_start = at == line || bytes[at - 1] == walk->separator;
			csv_block_resolve(&block, &state, p, walk->separator);
		}
		lines = block.newline;
		starts = lines << 1 | line_start;
		if (__builtin_expect(((lines | block.cr) & starts) != 0 || cr_carry, 0))
			lines &= ~csv_block_empty(&block, starts, &cr_carry);
		line_start = block.newline >> 63;
		if ((uint64_t)__builtin_popcountll(lines) >= records - found) {
			line = at + scan_nth_bit(lines, records - found - 1) + 1;
			walk->offset = walk->line = line;
			walk->records = records;
			walk->quoted = walk->closing = false;
			return;
		}
		found += (uint64_t)__builtin_popcountll(lines);
		if (block.newline)
			line = at + 64 - (unsigned)__builtin_clzll(block.newline);
	}
	walk->offset = at < length ? at : length;
	walk->line = line;
	walk->records = found;
	walk->quoted = state.quoted;
	walk->closing = state.closing;
	if (walk->offset == length && found < records)
		scan_walk_end(walk);
}

/* What stands behind the last line end, up to the end of the bytes, is a record. */
static SCAN void
scan_index_end(struct csv_index *index, uint32_t ends, uint32_t length)
{
	if (index->consumed == length)
		return;
	index->end[ends] = length;
	index->last[index->records++] = ends << 1 | 1;
	index->consumed = length;
}

static SCAN void
scan_index(struct csv_index *index, const char *bytes, size_t length, char separator)
{
	struct csv_state state = {.quoted = false};
	uint32_t ends = 0, records = 0, size = length < CSV_WINDOW ? (uint32_t)length : CSV_WINDOW;
	bool line_start = true, cr_carry = false, carried = false;
	char tail[64];

	index->consumed = 0;
	for (uint32_t at = 0; at < size; at += 64) {
		const char *p = scan_bytes(bytes, size, at, tail);
		struct csv_block block;
		bool special = false;
		uint64_t lines, starts, empty = 0;

		scan_block(p, separator, true, &block, &special);
		special |= state.quoted;
		if (__builtin_expect(special, 0)) {
			state.field_start =
			    at == 0 || bytes[at - 1] == separator || bytes[at - 1] == '\n';
			csv_block_resolve(&block, &state, p, separator);
		}
		starts = block.newline << 1 | line_start;
		if (__builtin_expect(((block.newline | block.cr) & starts) != 0 || cr_carry, 0)) {
			empty = csv_block_empty(&block, starts, &cr_carry);
			block.structural &= ~empty;
			special = true;
		}
		line_start = block.newline >> 63;
		lines = block.newline & ~empty;
		carried |= special;
		scan_lines(&index->last[records], lines, block.structural, ends << 1 | carried);
		records += (uint32_t)__builtin_popcountll(lines);
		scan_bits(&index->end[ends], block.structural, at);
		ends += (uint32_t)__builtin_popcountll(block.structural);
		if (block.newline) {
			index->consumed = at + 64 - (uint32_t)__builtin_clzll(block.newline);
			carried = special;
		}
	}
	index->records = records;
	if (size == length)
		scan_index_end(index, ends, size);
}

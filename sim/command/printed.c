/* SPDX-License-Identifier: ISC
 *
 * Text is UTF-8 without NUL bytes, whose last line ends.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/command/printed.h"

/* The first byte of a character: how many follow, and between which bounds the next one is. */
static bool
begin(struct printed *printed, unsigned char byte)
{
	printed->low = 0x80;
	printed->high = 0xbf;
	if (byte == 0 || (byte >= 0x80 && byte < 0xc2) || byte > 0xf4)
		return false;
	if (byte == 0xe0)
		printed->low = 0xa0;
	else if (byte == 0xed)
		printed->high = 0x9f;
	else if (byte == 0xf0)
		printed->low = 0x90;
	else if (byte == 0xf4)
		printed->high = 0x8f;
	printed->open = byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
	return true;
}

static bool
go_on(struct printed *printed, unsigned char byte)
{
	bool fits = byte >= printed->low && byte <= printed->high;

	printed->low = 0x80;
	printed->high = 0xbf;
	printed->open--;
	return fits;
}

void
printed_take(struct printed *printed, const char *bytes, size_t length)
{
	for (size_t i = 0; printed->wanted != PRINTS_BYTES && i < length && !printed->bad; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		printed->bad = !(printed->open > 0 ? go_on(printed, byte) : begin(printed, byte));
		printed->bad_at = printed->bytes + i;
		printed->lines += byte == '\n';
	}
	printed->bytes += length;
	if (length > 0)
		printed->last = bytes[length - 1];
}

const char *
printed_fault(const struct printed *printed, uint64_t records, char *text, size_t size)
{
	if (printed->wanted == PRINTS_BYTES)
		return NULL;
	if (printed->bad)
		snprintf(text, size, "byte %" PRIu64 " of its output is no text", printed->bad_at);
	else if (printed->open > 0 || (printed->bytes > 0 && printed->last != '\n'))
		snprintf(text, size, "the last line of its output has no end");
	else if (printed->wanted == PRINTS_LINES && printed->lines != records)
		snprintf(text, size, "it printed %" PRIu64 " lines for %" PRIu64 " records",
		         printed->lines, records);
	else
		return NULL;
	return text;
}

/* SPDX-License-Identifier: ISC
 *
 * Characters, their widths and stand-ins.
 */
#include <wchar.h>

#include "sim/util/utf8.h"
#include "tui/screen/rune.h"

uint32_t
rune_next(const char **text)
{
	uint32_t rune;
	size_t length = utf8_decode(*text, &rune);

	if (rune == 0)
		return 0;
	*text += length > 0 ? length : 1;
	return length > 0 ? rune : RUNE_UNKNOWN;
}

int
rune_width(uint32_t rune)
{
	if (rune >= 0x20 && rune < 0x7f)
		return 1;
	if (rune < 0xa0)
		return -1;
	return wcwidth((wchar_t)rune);
}

uint32_t
rune_to_ascii(uint32_t rune)
{
	static const struct {
		uint32_t rune;
		char ascii;
	} stand_ins[] = {
	    {0x2500, '-'}, {0x2502, '|'}, {0x2550, '='}, {0x2588, '#'}, {0x2591, '.'},
	    {0x2592, ':'}, {0x00b7, '.'}, {0x2026, '~'}, {0x25b6, '>'}, {0x2192, '>'},
	    {0x25b2, '^'}, {0x25cf, '*'}, {0x2713, '+'}, {0x2717, 'x'}, {0x2013, '-'},
	};

	if (rune < 0x7f)
		return rune;
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		if (stand_ins[i].rune == rune)
			return (uint32_t)stand_ins[i].ascii;
	return RUNE_UNKNOWN;
}

size_t
rune_encode(uint32_t rune, char out[5])
{
	size_t length = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;

	if (length == 1) {
		out[0] = (char)rune;
	} else {
		for (size_t i = length; --i > 0; rune >>= 6)
			out[i] = (char)(0x80 | (rune & 0x3f));
		out[0] = (char)(0xff00u >> length | rune);
	}
	out[length] = '\0';
	return length;
}

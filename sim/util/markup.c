/* SPDX-License-Identifier: ISC
 *
 * Escaping, one character at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/util/markup.h"

/* Length of the UTF-8 sequence at bytes and its code point; 0 if it is none. */
static size_t
decode(const unsigned char *bytes, uint32_t *code)
{
	size_t length = bytes[0] < 0x80   ? 1
	                : bytes[0] < 0xc2 ? 0
	                : bytes[0] < 0xe0 ? 2
	                : bytes[0] < 0xf0 ? 3
	                : bytes[0] < 0xf5 ? 4
	                                  : 0;
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};

	*code = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (bytes[i] & 0x3f);
	}
	if (length > 0 && (*code < least[length] || *code > 0x10ffff))
		return 0;
	return length;
}

static bool
is_text(uint32_t code)
{
	if (code == '\n' || code == '\t')
		return true;
	return code >= 0x20 && !(code >= 0x7f && code < 0xa0) &&
	       !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069) && !(code >= 0xd800 && code <= 0xdfff) &&
	       code != 0xfeff && (code & 0xfffe) != 0xfffe;
}

static void
put_ascii(FILE *out, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		fputc(c, out);
	}
}

void
markup_text(FILE *out, const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	while (*byte != '\0') {
		uint32_t code;
		size_t length = decode(byte, &code);
		if (length == 0 || !is_text(code)) {
			/* All bytes of a character that is not shown, or the one that fits nowhere.
			 */
			size_t hidden = length == 0 ? 1 : length;
			for (size_t i = 0; i < hidden; i++)
				fprintf(out, "\\x%02x", byte[i]);
			byte += hidden;
			continue;
		}
		if (length == 1)
			put_ascii(out, (char)code);
		else
			fwrite(byte, 1, length, out);
		byte += length;
	}
}

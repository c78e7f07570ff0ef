/* SPDX-License-Identifier: ISC
 *
 * Escaping, one character at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/util/markup.h"
#include "sim/util/utf8.h"

static bool
is_text(uint32_t code)
{
	if (code == '\n' || code == '\t')
		return true;
	return code >= 0x20 && !(code >= 0x7f && code < 0xa0) &&
	       !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069) && code != 0xfeff && (code & 0xfffe) != 0xfffe;
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
	while (*text != '\0') {
		uint32_t code;
		size_t length = utf8_decode(text, &code);
		if (length == 0 || !is_text(code)) {
			/* All bytes of a character that is not shown, or the one that fits nowhere.
			 */
			size_t hidden = length == 0 ? 1 : length;
			for (size_t i = 0; i < hidden; i++)
				fprintf(out, "\\x%02x", (unsigned char)text[i]);
			text += hidden;
			continue;
		}
		if (length == 1)
			put_ascii(out, (char)code);
		else
			fwrite(text, 1, length, out);
		text += length;
	}
}

void
markup_put(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	markup_text(out, text);
	fputs(after, out);
}

/* SPDX-License-Identifier: ISC
 *
 * Lines of a result, put together piece by piece.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/verdict/ledger_text.h"

int
ledger_text_add(struct ledger_text *text, const char *bytes, size_t length)
{
	if (length >= text->room - text->length) {
		size_t room = 2 * (text->length + length) + 64;
		char *more = realloc(text->bytes, room);

		if (!more)
			return -ENOMEM;
		text->bytes = more;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	return 0;
}

int
ledger_text_add_string(struct ledger_text *text, const char *string)
{
	return ledger_text_add(text, string, strlen(string));
}

int
ledger_text_add_value(struct ledger_text *text, const struct ledger_field *field)
{
	int error = 0;

	if (!field->doubled)
		return ledger_text_add(text, field->text, field->length);
	for (size_t i = 0; error == 0 && i < field->length; i++) {
		error = ledger_text_add(text, field->text + i, 1);
		if (field->text[i] == '"' && i + 1 < field->length && field->text[i + 1] == '"')
			i++;
	}
	return error;
}

int
ledger_text_add_field(struct ledger_text *text, const char *bytes, size_t length)
{
	bool quoted = false;
	int error;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
			quoted = true;
	if (!quoted)
		return ledger_text_add(text, bytes, length);
	error = ledger_text_add_string(text, "\"");
	for (size_t i = 0; !error && i < length; i++)
		error = ledger_text_add(text, bytes[i] == '"' ? "\"\"" : bytes + i,
		                        bytes[i] == '"' ? 2 : 1);
	return error ? error : ledger_text_add_string(text, "\"");
}

int
ledger_text_add_amount(struct ledger_text *text, const struct ledger_amount *amount)
{
	__int128 whole = amount->whole + amount->fraction / LEDGER_UNIT;
	__int128 fraction = amount->fraction % LEDGER_UNIT;
	char digits[64];
	size_t first = sizeof(digits), behind = 18;
	bool negative;

	/* Give both parts the same sign. */
	if (whole > 0 && fraction < 0) {
		whole--;
		fraction += LEDGER_UNIT;
	} else if (whole < 0 && fraction > 0) {
		whole++;
		fraction -= LEDGER_UNIT;
	}
	negative = whole < 0 || fraction < 0;
	whole = negative ? -whole : whole;
	fraction = negative ? -fraction : fraction;

	for (; fraction > 0 && fraction % 10 == 0; behind--)
		fraction /= 10;
	if (fraction > 0) {
		for (; behind > 0; behind--, fraction /= 10)
			digits[--first] = (char)('0' + (int)(fraction % 10));
		digits[--first] = '.';
	}
	do {
		digits[--first] = (char)('0' + (int)(whole % 10));
		whole /= 10;
	} while (whole > 0);
	if (negative)
		digits[--first] = '-';
	return ledger_text_add(text, digits + first, sizeof(digits) - first);
}

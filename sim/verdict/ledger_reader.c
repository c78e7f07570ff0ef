/* SPDX-License-Identifier: ISC
 *
 * A state machine over bytes, and digits one at a time: simple enough to be checked by eye.
 */
#include "sim/verdict/ledger_reader.h"

void
ledger_reader_init(struct ledger_reader *reader, const char *bytes, size_t length, char separator)
{
	reader->at = bytes;
	reader->end = bytes + length;
	reader->separator = separator;
}

static void
field_close(struct ledger_reader *reader, const char *start, const char *end, bool doubled)
{
	if (reader->fields < LEDGER_COLUMNS_MAX)
		reader->field[reader->fields] =
		    (struct ledger_field){start, (size_t)(end - start), doubled};
	reader->fields++;
}

/* Bytes of the line end that stands at p: 0 if there is none.  A CR that no LF follows is data. */
static size_t
line_end(const struct ledger_reader *reader, const char *p)
{
	if (*p == '\n')
		return 1;
	if (*p == '\r' && p + 1 < reader->end && p[1] == '\n')
		return 2;
	return 0;
}

bool
ledger_reader_next(struct ledger_reader *reader)
{
	enum { START, PLAIN, QUOTED, QUOTE } state = START; /* QUOTE: a quote came inside quotes */
	const char *p = reader->at, *start, *end = NULL;    /* of the field; end: its last quote */
	bool doubled = false;
	size_t newline = 0;

	while (p < reader->end && (newline = line_end(reader, p)) > 0)
		p += newline; /* an empty line is no record */
	reader->bad = NULL;
	reader->fields = 0;
	if (p == reader->end) {
		reader->at = p;
		return false;
	}
	reader->record = p;
	for (start = p; p < reader->end; p++) {
		char c = *p;

		if (c == '\0')
			reader->bad = "it has a NUL byte";
		if (state == QUOTED) {
			if (c == '"') {
				state = QUOTE;
				end = p;
			}
			continue;
		}
		if (c == '"' && state == START) {
			state = QUOTED;
			start = p + 1;
		} else if (c == '"' && state == QUOTE) {
			state = QUOTED;
			doubled = true;
		} else if (c == reader->separator) {
			field_close(reader, start, state == QUOTE ? end : p, doubled);
			state = START;
			start = p + 1;
			doubled = false;
		} else if ((c == '\n' || c == '\r') && (newline = line_end(reader, p)) > 0) {
			break;
		} else {
			if (c == '"')
				reader->bad = "it has a quote inside an unquoted field";
			if (state == QUOTE)
				reader->bad = "it has text after a closing quote";
			state = PLAIN;
		}
	}
	if (state == QUOTED)
		reader->bad = "its quoted field never ends";
	field_close(reader, start, state == QUOTE ? end : p, doubled);
	reader->length = (size_t)(p - reader->record);
	reader->at = p < reader->end ? p + newline : p;
	return true;
}

static bool
is_digit(const struct ledger_field *field, size_t i)
{
	return i < field->length && field->text[i] >= '0' && field->text[i] <= '9';
}

bool
ledger_amount_read(struct ledger_amount *amount, const struct ledger_field *field)
{
	int64_t whole = 0, fraction = 0, weight = LEDGER_UNIT / 10;
	bool negative = field->length > 0 && field->text[0] == '-';
	size_t i = 0, digits = 0;

	if (field->length > 0 && (field->text[0] == '-' || field->text[0] == '+'))
		i++;
	for (; is_digit(field, i); i++, digits++) {
		if (whole >= LEDGER_UNIT / 10)
			return false;
		whole = 10 * whole + (field->text[i] - '0');
	}
	if (i < field->length && field->text[i] == '.') {
		i++;
		if (!is_digit(field, i))
			return false;
		for (; is_digit(field, i); i++, digits++) {
			if (weight == 0 && field->text[i] != '0')
				return false;
			fraction += weight * (field->text[i] - '0');
			weight /= 10;
		}
	}
	if (digits == 0 || i < field->length)
		return false;
	amount->whole = negative ? -whole : whole;
	amount->fraction = negative ? -fraction : fraction;
	return true;
}

/* SPDX-License-Identifier: ISC
 *
 * The exact reader of one CSV record, field by field.
 */
#include <string.h>

#include "sim/job/csv.h"

const char *
record_reason_text(unsigned reason)
{
	static const char *const text[REASONS] = {
	    [REASON_NONE] = "nothing is wrong",
	    [REASON_STRAY_QUOTE] = "a quote inside an unquoted field",
	    [REASON_AFTER_QUOTE] = "text behind a closing quote",
	    [REASON_NUL] = "a NUL byte",
	    [REASON_COLUMNS] = "another number of fields than the header has",
	    [REASON_NOT_DECIMAL] = "not a decimal number",
	    [REASON_DECIMAL_DIGITS] = "more than 18 digits before or behind the point",
	    [REASON_UNTERMINATED] = "a quote that is never closed",
	    [REASON_CHECKSUM] = "the chunk's bytes are not those that were planned",
	    [REASON_FLAKY] = "a flaky record, as scripted",
	    [REASON_CRASHED] = "the record ends its worker",
	    [REASON_HUNG] = "the task hangs its workers",
	    [REASON_ATTEMPTS] = "out of attempts",
	    [REASON_SYSTEM] = "a system call failed",
	    [REASON_NOT_TIME] = "not a time in UTC such as 2026-01-31T23:59:59Z",
	    [REASON_LOCKED] = "its lock is held, or has not expired",
	    [REASON_SINK] = "the sink's server is away",
	    [REASON_EXIT] = "its command failed",
	    [REASON_START] = "its command cannot be started",
	    [REASON_LIMIT] = "its command took longer than job.limit",
	    [REASON_GARBAGE] = "its command printed what job.prints does not allow",
	    [REASON_TOO_MUCH] = "its command wrote more than job.output_max",
	    [REASON_LEFT_BEHIND] = "its command left processes behind",
	    [REASON_NOT_LOG] = "not a line of a web server's log in combined format",
	    [REASON_AWAY] = "its command asked for another try later",
	    [REASON_PAYLOAD] = "its payload is missing or damaged",
	    [REASON_INCOMPLETE] = "not all of its events came in time",
	    [REASON_SILENT] = "its command did not answer within job.limit",
	};

	return reason < REASONS ? text[reason] : "an unknown reason";
}

size_t
csv_empty_lines(const char *bytes, size_t length)
{
	size_t at = 0;

	for (;;) {
		if (at < length && bytes[at] == '\n')
			at += 1;
		else if (at + 1 < length && bytes[at] == '\r' && bytes[at + 1] == '\n')
			at += 2;
		else
			return at;
	}
}

size_t
csv_content(const char *bytes, size_t length)
{
	if (length > 0 && bytes[length - 1] == '\n') {
		length--;
		if (length > 0 && bytes[length - 1] == '\r')
			length--;
	}
	return length;
}

/* Where the unquoted text at bytes[at] ends: at the separator or with the record. */
static size_t
plain_end(const char *bytes, size_t at, size_t length, char separator)
{
	const char *end = memchr(bytes + at, separator, length - at);

	return end ? (size_t)(end - bytes) : length;
}

/* Reads the quoted field whose first byte behind the quote is bytes[at]; *next is then behind its
 * closing quote. */
static enum record_reason
quoted_parse(const char *bytes, size_t at, size_t length, struct csv_field *field, size_t *next)
{
	*field = (struct csv_field){.text = bytes + at};
	for (size_t from = at;; from = *next + 1) {
		const char *quote = memchr(bytes + from, '"', length - from);

		if (!quote) {
			*next = length;
			return REASON_UNTERMINATED;
		}
		*next = (size_t)(quote - bytes) + 1;
		if (*next == length || bytes[*next] != '"') {
			field->length = *next - 1 - at;
			return REASON_NONE;
		}
		field->escaped = true;
	}
}

/* Reads the field at bytes[*at] and moves *at to the separator behind it or to the end. */
static enum record_reason
field_parse(const char *bytes, size_t *at, size_t length, char separator, struct csv_field *field)
{
	enum record_reason reason = REASON_NONE;
	size_t start = *at, next;

	if (start < length && bytes[start] == '"') {
		reason = quoted_parse(bytes, start + 1, length, field, &next);
		if (reason == REASON_NONE && next < length && bytes[next] != separator)
			reason = REASON_AFTER_QUOTE;
	} else {
		next = plain_end(bytes, start, length, separator);
		*field = (struct csv_field){.text = bytes + start, .length = next - start};
		if (memchr(field->text, '"', field->length))
			reason = REASON_STRAY_QUOTE;
	}
	if (memchr(bytes + start, '\0', next - start))
		reason = REASON_NUL;
	*at = next;
	return reason;
}

uint32_t
csv_record_parse(const char *bytes, size_t length, const struct csv_format *format,
                 struct csv_field *field, struct csv_fault *fault)
{
	uint32_t columns = 0, room = format->columns ? format->columns : CSV_COLUMNS_MAX;
	struct csv_field extra;
	size_t at = 0;

	*fault = (struct csv_fault){.reason = REASON_NONE, .column = CSV_NO_COLUMN};
	for (;; at++) {
		size_t start = at;

		fault->reason = field_parse(bytes, &at, length, format->separator,
		                            columns < room ? &field[columns] : &extra);
		if (fault->reason != REASON_NONE) {
			fault->column = columns;
			fault->offset = start;
			return columns + 1;
		}
		columns++;
		if (at == length)
			break;
	}
	if (format->columns > 0 && columns != format->columns)
		fault->reason = REASON_COLUMNS;
	return columns;
}

size_t
csv_field_copy(const struct csv_field *field, char *to)
{
	const char *from = field->text, *end = field->text + field->length;
	char *start = to;

	if (!field->escaped) {
		memcpy(to, from, field->length);
		return field->length;
	}
	while (from < end) {
		const char *quote = memchr(from, '"', (size_t)(end - from));
		size_t length = (size_t)((quote ? quote + 1 : end) - from);

		memcpy(to, from, length);
		to += length;
		from += length + (quote != NULL);
	}
	return (size_t)(to - start);
}

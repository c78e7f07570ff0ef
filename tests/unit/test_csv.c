/* SPDX-License-Identifier: ISC
 *
 * CSV: RFC 4180 case by case, each at every place of a 64-byte block and on both scans; and random
 * bytes against a reader that looks at one byte after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/job/csv.h"
#include "sim/job/csv_reader.h"
#include "sim/job/csv_scan.h"

#define COLUMNS_MAX 8

/* Text that grows. */
struct text {
	char *bytes;
	size_t length, room;
};

static void
text_add(struct text *text, const char *bytes, size_t length)
{
	if (text->length + length + 1 > text->room) {
		text->room = 2 * (text->length + length) + 64;
		text->bytes = realloc(text->bytes, text->room);
		assert_non_null(text->bytes);
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

static void text_print(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
text_print(struct text *text, const char *format, ...)
{
	char line[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	text_add(text, line, strlen(line));
}

static const struct csv_scan *
scan_number(size_t i)
{
	return i == 0 ? &csv_scan_portable : &csv_scan_avx2;
}

static size_t
scan_count(void)
{
	return csv_scan_has_avx2() ? 2 : 1;
}

/* Puts the fields of a record or its fault at the end of the text: "a|b/" or "!1@0/". */
static void
describe(struct text *text, struct csv_reader *reader, uint32_t columns)
{
	struct csv_field field[COLUMNS_MAX];
	struct csv_fault fault = csv_reader_fields(reader, field);

	if (fault.reason != REASON_NONE) {
		text_print(text, "!%d", fault.reason);
		if (fault.column != CSV_NO_COLUMN)
			text_print(text, "@%u", fault.column);
	}
	for (uint32_t i = 0; i < columns && fault.reason == REASON_NONE; i++) {
		char *value = malloc(field[i].length + 1);

		assert_non_null(value);
		if (i > 0)
			text_add(text, "|", 1);
		text_add(text, value,
		         csv_field_copy(&field[i], memset(value, 'x', field[i].length + 1)));
		free(value);
	}
	text_add(text, "/", 1);
}

/* Reads all records of exactly these bytes: nothing behind them may be touched. */
static void
read_all(struct text *text, const struct csv_scan *scan, const char *bytes, size_t length,
         char separator, uint32_t columns)
{
	static const uint32_t column[COLUMNS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct csv_format format = {.separator = separator, .columns = columns};
	struct csv_reader *reader = csv_reader_new(&format, column, columns);
	char *alone = malloc(length + !length);

	assert_non_null(reader);
	assert_non_null(alone);
	memcpy(alone, bytes, length);
	reader->scan = scan;
	csv_reader_start(reader, alone, length);
	while (csv_reader_next(reader))
		describe(text, reader, columns);
	csv_reader_free(reader);
	free(alone);
}

/* Counts the records, never looking further than `step` bytes at a time. */
static uint64_t
count_all(const struct csv_scan *scan, const char *bytes, size_t length, char separator,
          size_t step, bool *unterminated)
{
	char *alone = malloc(length + !length);
	struct csv_walk walk;

	assert_non_null(alone);
	memcpy(alone, bytes, length);
	walk = csv_walk_start(alone, length, 0, separator);
	while (walk.offset < length)
		scan->walk(&walk, UINT64_MAX, walk.offset + step);
	*unterminated = walk.unterminated;
	free(alone);
	return walk.records;
}

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
	const char *name;
	const char *bytes;
	size_t length;
	const char *expected;
	uint32_t columns;
	char separator;
} cases[] = {
    {"nothing", BYTES(""), "", 2, ','},
    {"one record", BYTES("a,b\n"), "a|b/", 2, ','},
    {"two records", BYTES("a,b\nc,d\n"), "a|b/c|d/", 2, ','},
    {"no final newline", BYTES("a,b\nc,d"), "a|b/c|d/", 2, ','},
    {"CRLF", BYTES("a,b\r\nc,d\r\n"), "a|b/c|d/", 2, ','},
    {"CRLF and LF", BYTES("a,b\r\nc,d\ne,f\r\n"), "a|b/c|d/e|f/", 2, ','},
    {"CRLF without the last", BYTES("a,b\r\nc,d"), "a|b/c|d/", 2, ','},
    {"CR that no LF follows is data", BYTES("a\rb,c\rd\n"), "a\rb|c\rd/", 2, ','},
    {"CR at the very end is data", BYTES("a,b\r"), "a|b\r/", 2, ','},
    {"two CRs before LF", BYTES("a,b\r\r\n"), "a|b\r/", 2, ','},
    {"CR first in a record", BYTES("\ra,b\n"), "\ra|b/", 2, ','},
    {"a lone CR", BYTES("\r"), "\r/", 1, ','},
    {"empty fields", BYTES(",\n,\n"), "|/|/", 2, ','},
    {"empty last field at the end", BYTES("a,b\nc,"), "a|b/c|/", 2, ','},
    {"empty lines", BYTES("\n\na,b\n\r\n\nc,d\n\n"), "a|b/c|d/", 2, ','},
    {"empty lines only", BYTES("\n\r\n\n"), "", 2, ','},
    {"an empty line of one column", BYTES("a\n\nb\n"), "a/b/", 1, ','},
    {"an empty quoted field is a record", BYTES("\"\"\n\"\"\n"), "//", 1, ','},
    {"blanks belong to the field", BYTES(" a , b \n"), " a | b /", 2, ','},
    {"quoted", BYTES("\"a\",\"b\"\n"), "a|b/", 2, ','},
    {"quoted CRLF", BYTES("\"a\",\"b\"\r\n\"c\",\"d\"\r\n"), "a|b/c|d/", 2, ','},
    {"quoted at the end", BYTES("a,\"b\""), "a|b/", 2, ','},
    {"quoted separator", BYTES("\"a,x\",b\n"), "a,x|b/", 2, ','},
    {"quoted newline", BYTES("\"a\nx\",b\nc,d\n"), "a\nx|b/c|d/", 2, ','},
    {"quoted CRLF inside", BYTES("\"a\r\nx\",b\r\nc,d\r\n"), "a\r\nx|b/c|d/", 2, ','},
    {"quoted empty lines", BYTES("\"a\n\n\r\n\",b\nc,d\n"), "a\n\n\r\n|b/c|d/", 2, ','},
    {"doubled quote", BYTES("\"a\"\"x\",b\n"), "a\"x|b/", 2, ','},
    {"only doubled quotes", BYTES("\"\"\"\",\"\"\"\"\"\"\n"), "\"|\"\"/", 2, ','},
    {"doubled quote before a newline", BYTES("\"a\"\"\n\",b\nc,d\n"), "a\"\n|b/c|d/", 2, ','},
    {"quoted, then empty line", BYTES("\"a\",\"b\"\n\n\"c\",\"d\"\n"), "a|b/c|d/", 2, ','},
    {"semicolon", BYTES("a,x;\"b;y\"\n"), "a,x|b;y/", 2, ';'},
    {"tab", BYTES("a\tb\n\"\t\"\tc\n"), "a|b/\t|c/", 2, '\t'},
    {"space", BYTES("a b\n\"a b\" c\n"), "a|b/a b|c/", 2, ' '},
    {"stray quote", BYTES("a\"b,c\nd,e\n"), "!1@0/d|e/", 2, ','},
    {"stray quotes do not quote", BYTES("a\"b,c\"\n\"d\ne\",f\n"), "!1@0/d\ne|f/", 2, ','},
    {"stray quote at the end of a field", BYTES("a,b\"\nc,d\n"), "!1@1/c|d/", 2, ','},
    {"quote behind a blank is stray", BYTES("a, \"b\"\nc,d\n"), "!1@1/c|d/", 2, ','},
    {"text behind a closing quote", BYTES("\"a\"x,b\nc,d\n"), "!2@0/c|d/", 2, ','},
    {"blank behind a closing quote", BYTES("a,\"b\" \nc,d\n"), "!2@1/c|d/", 2, ','},
    {"CR behind a closing quote", BYTES("a,\"b\"\rx\nc,d\n"), "!2@1/c|d/", 2, ','},
    {"quote behind text behind a quote", BYTES("\"a\"x\"y,b\nc,d\n"), "!2@0/c|d/", 2, ','},
    {"NUL", BYTES("a\0,b\nc,d\n"), "!3@0/c|d/", 2, ','},
    {"NUL in quotes", BYTES("a,\"b\0\n\"\nc,d\n"), "!3@1/c|d/", 2, ','},
    {"NUL last", BYTES("a,b\nc,d\0"), "a|b/!3@1/", 2, ','},
    {"too few fields", BYTES("a\nc,d\n"), "!4/c|d/", 2, ','},
    {"too many fields", BYTES("a,b,c\nd,e\n"), "!4/d|e/", 2, ','},
    {"too few and quoted", BYTES("\"a,b\"\nc,d\n"), "!4/c|d/", 2, ','},
    {"never closed", BYTES("a,b\nc,\"d\ne,f\n"), "a|b/!7@1/", 2, ','},
    {"never closed, last a doubled quote", BYTES("a,b\nc,\"d\"\""), "a|b/!7@1/", 2, ','},
    {"never closed, nothing in it", BYTES("a,b\nc,\""), "a|b/!7@1/", 2, ','},
    {"one column", BYTES("a\nb\n"), "a/b/", 1, ','},
    {"UTF-8", BYTES("\xc3\xbc,\xe2\x82\xac\n"), "\xc3\xbc|\xe2\x82\xac/", 2, ','},
    {"bytes that are no UTF-8", BYTES("\xff\xfe,\x80\n"), "\xff\xfe|\x80/", 2, ','},
};

/* A record of `size` bytes without its newline, before the case, so that the case begins at any
 * place of a block. */
static void
pad(struct text *bytes, struct text *expected, size_t size, uint32_t columns, char separator)
{
	for (size_t i = columns - 1; i < size; i++) {
		text_add(bytes, "p", 1);
		text_add(expected, "p", 1);
	}
	for (uint32_t i = 1; i < columns; i++) {
		text_add(bytes, &separator, 1);
		text_add(expected, "|", 1);
	}
	text_add(bytes, "\n", 1);
	text_add(expected, "/", 1);
}

static void
check_case(size_t number, size_t padding, const struct csv_scan *scan)
{
	struct text bytes = {0}, expected = {0}, got = {0};
	bool unterminated, never_closed = strstr(cases[number].expected, "!7") != NULL;
	uint64_t records = 0;

	if (padding > 0)
		pad(&bytes, &expected, padding, cases[number].columns, cases[number].separator);
	text_add(&bytes, cases[number].bytes, cases[number].length);
	text_add(&expected, cases[number].expected, strlen(cases[number].expected));
	text_add(&got, "", 0);
	read_all(&got, scan, bytes.bytes, bytes.length, cases[number].separator,
	         cases[number].columns);
	if (strcmp(got.bytes, expected.bytes) != 0)
		fail_msg("%s (%s, %zu bytes before): got %s", cases[number].name, scan->name,
		         padding, got.bytes);
	for (const char *c = expected.bytes; *c; c++)
		records += *c == '/';
	for (size_t step = 64; step <= 256; step += 64) {
		uint64_t found = count_all(scan, bytes.bytes, bytes.length, cases[number].separator,
		                           step, &unterminated);

		if (found != records - never_closed || unterminated != never_closed)
			fail_msg("%s (%s, %zu bytes before): walked over %llu records",
			         cases[number].name, scan->name, padding,
			         (unsigned long long)found);
	}
	free(bytes.bytes);
	free(expected.bytes);
	free(got.bytes);
}

static void
test_cases(void **state)
{
	for (size_t number = 0; number < sizeof(cases) / sizeof(cases[0]); number++)
		for (size_t padding = 0; padding <= 140; padding++)
			for (size_t scan = 0; scan < scan_count(); scan++)
				if (padding == 0 || padding >= cases[number].columns)
					check_case(number, padding, scan_number(scan));
}

/* The same around the end of the window that an index is made of. */
static void
test_cases_at_window_end(void **state)
{
	for (size_t number = 0; number < sizeof(cases) / sizeof(cases[0]); number++)
		for (size_t padding = CSV_WINDOW - 20; padding <= CSV_WINDOW + 2; padding++)
			check_case(number, padding, scan_number(padding % scan_count()));
}

/* A reader that looks at one byte after the other.  Where each record begins and ends, and whether
 * it is bad. */
static void
read_plainly(struct text *out, const char *bytes, size_t length, char separator, uint32_t columns)
{
	size_t at = 0;

	while ((at += csv_empty_lines(bytes + at, length - at)) < length) {
		enum { START, PLAIN, QUOTED, CLOSED } in = START;
		uint32_t fields = 1;
		bool bad = false;
		size_t start = at;

		for (; at < length; at++) {
			char c = bytes[at];

			bad |= c == '\0';
			if (in == QUOTED) {
				in = c == '"' ? CLOSED : QUOTED;
			} else if (c == '\n') {
				break;
			} else if (c == separator) {
				in = START;
				fields++;
			} else if (c == '"' && (in == START || in == CLOSED)) {
				in = QUOTED;
			} else if (c == '\r' && at + 1 < length && bytes[at + 1] == '\n') {
				continue;
			} else {
				bad |= in == CLOSED || c == '"';
				in = PLAIN;
			}
		}
		bad |= in == QUOTED || fields != columns;
		text_print(out, "%zu+%zu%s ", start,
		           csv_content(bytes + start, at - start + (at < length)), bad ? "!" : "");
		at += at < length;
	}
}

/* What the reader under test makes of the same. */
static void
read_in_short(struct text *out, const struct csv_scan *scan, const char *bytes, size_t length,
              char separator, uint32_t columns)
{
	static const uint32_t column[COLUMNS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct csv_format format = {.separator = separator, .columns = columns};
	struct csv_reader *reader = csv_reader_new(&format, column, columns);

	assert_non_null(reader);
	reader->scan = scan;
	csv_reader_start(reader, bytes, length);
	while (csv_reader_next(reader)) {
		struct csv_field field[COLUMNS_MAX];
		size_t offset, size;

		csv_reader_record(reader, &offset, &size);
		text_print(out, "%zu+%zu%s ", offset, size,
		           csv_reader_fields(reader, field).reason != REASON_NONE ? "!" : "");
	}
	csv_reader_free(reader);
}

static void
check_random(const char *bytes, size_t length, char separator, uint32_t columns, int round)
{
	struct text plain = {0}, text[2] = {{0}, {0}};
	uint64_t records = 0, counted;
	bool unterminated;

	text_add(&plain, "", 0);
	read_plainly(&plain, bytes, length, separator, columns);
	for (const char *c = plain.bytes; *c; c++)
		records += *c == ' ';
	for (size_t i = 0; i < scan_count(); i++) {
		text_add(&text[i], "", 0);
		read_in_short(&text[i], scan_number(i), bytes, length, separator, columns);
		if (strcmp(text[i].bytes, plain.bytes) != 0)
			fail_msg("round %d, %s: %s instead of %s", round, scan_number(i)->name,
			         text[i].bytes, plain.bytes);
		counted = count_all(scan_number(i), bytes, length, separator,
		                    64 + (size_t)round % 3 * 64, &unterminated);
		assert_int_equal(counted + unterminated, records);
		free(text[i].bytes);
	}
	free(plain.bytes);
}

static void
test_random(void **state)
{
	/* Mostly what makes trouble; the second with few quotes, so that the fast ways are taken,
	 * too. */
	static const char *const alphabet[] = {"ab,\"\n\r", "abcdefghij,,,\n\n\r\"", "\",,\n",
	                                       "\"\"\n,a", "a\n\r"};
	unsigned short seed[3] = {7, 8, 9};

	for (int round = 0; round < 20000; round++) {
		const char *letters = alphabet[round % 5];
		size_t kinds = strlen(letters);
		size_t length = (size_t)nrand48(seed) % (round % 500 == 0 ? 50000 : 400);
		char *bytes = malloc(length + !length);

		assert_non_null(bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = nrand48(seed) % 997 == 0
			               ? '\0'
			               : letters[(size_t)nrand48(seed) % kinds];
		check_random(bytes, length, ',', 1 + (uint32_t)round % 3, round);
		free(bytes);
	}
}

/* Walking in portions of n records stops behind the nth, wherever that is in a block. */
static void
test_walk_stops_behind_a_record(void **state)
{
	struct text bytes = {0};
	size_t ends[300];

	for (size_t i = 0; i < 300; i++) {
		text_add(&bytes, "\n\r\n", i % 5 == 0 ? 3 : 0);
		text_add(&bytes, "\"x\ny\",", i % 7 == 0 ? 6 : 0);
		text_add(&bytes, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", i % 53);
		text_add(&bytes, ",\r\n", 3);
		ends[i] = bytes.length;
	}
	for (uint64_t portion = 1; portion <= 300; portion++)
		for (size_t scan = 0; scan < scan_count(); scan++) {
			struct csv_walk walk = csv_walk_start(bytes.bytes, bytes.length, 0, ',');

			for (uint64_t until = portion; until <= 300; until += portion) {
				scan_number(scan)->walk(&walk, until, SIZE_MAX);
				assert_int_equal(walk.records, until);
				assert_int_equal(walk.offset, ends[until - 1]);
			}
		}
	free(bytes.bytes);
}

/* Records longer than a window, and more empty lines than fit in one. */
static void
test_long(void **state)
{
	struct text bytes = {0}, expected = {0};

	for (int round = 0; round < 3; round++) {
		text_add(&bytes, "\"", 1);
		for (int i = 0; i < 30000; i++) {
			text_add(&bytes, i % 7 ? "x," : "\"\"\n", i % 7 ? 2 : 3);
			text_add(&expected, i % 7 ? "x," : "\"\n", 2);
		}
		text_add(&bytes, "\",1\n", 4);
		text_add(&expected, "|1/", 3);
		for (int i = 0; i < 20000; i++)
			text_add(&bytes, "\r\n", 2);
		text_add(&bytes, "a,2\n", 4);
		text_add(&expected, "a|2/", 4);
		for (int i = 0; i < 40000; i++) {
			text_add(&bytes, "y", 1);
			text_add(&expected, "y", 1);
		}
		text_add(&bytes, ",3\n", 3);
		text_add(&expected, "|3/", 3);
	}
	for (size_t scan = 0; scan < scan_count(); scan++) {
		struct text got = {0};

		read_all(&got, scan_number(scan), bytes.bytes, bytes.length, ',', 2);
		assert_string_equal(got.bytes, expected.bytes);
		free(got.bytes);
	}
	free(bytes.bytes);
	free(expected.bytes);
}

static void
test_reasons_have_texts(void **state)
{
	for (unsigned i = 0; i < REASONS; i++)
		assert_true(strlen(record_reason_text(i)) > 5);
	assert_string_equal(record_reason_text(REASONS), "an unknown reason");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),  cmocka_unit_test(test_cases_at_window_end),
	    cmocka_unit_test(test_random), cmocka_unit_test(test_walk_stops_behind_a_record),
	    cmocka_unit_test(test_long),   cmocka_unit_test(test_reasons_have_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

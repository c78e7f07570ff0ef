/* SPDX-License-Identifier: ISC
 *
 * CSV.  The portable scan, the one with AVX2 and the ledger's reader, which shares nothing with
 * them, must find the same records with the same fields in any bytes, wherever these stand in a
 * block or window, read in one go or chunk by chunk.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/csv_reader.h"
#include "sim/verdict/ledger_reader.h"
#include "tests/fuzz/fuzz.h"

#define COLUMNS_MAX 6
#define RECORDS_MAX 8192

static const char separators[] = ",;\t| a";

struct text {
	char *bytes;
	size_t length;
	struct csv_format format;
};

/* A record as the ledger reads it. */
struct record {
	size_t start, end; /* end: behind its line end */
	bool bad, unterminated;
	uint32_t fields;
	struct ledger_field field[COLUMNS_MAX];
};

struct records {
	size_t count;
	struct record record[RECORDS_MAX];
};

/* The bytes behind a filler, so that they stand anywhere in a block, or across a window's end. */
static struct text
text_make(struct fuzz_input *input)
{
	uint64_t how = fuzz_take(input, 1), filler = fuzz_take(input, 1);
	struct text text;

	text.format.separator = separators[how % (sizeof(separators) - 1)];
	text.format.columns = 1 + (uint32_t)(how >> 3) % COLUMNS_MAX;
	if (how & 128)
		filler = CSV_WINDOW - filler;
	text.length = filler + fuzz_left(input);
	text.bytes = malloc(text.length + (text.length == 0));
	CHECK(text.bytes != NULL);
	memset(text.bytes, 'x', filler);
	if (filler > 0)
		text.bytes[filler - 1] = '\n';
	memcpy(text.bytes + filler, input->at, fuzz_left(input));
	return text;
}

static void
ledger_read(struct records *records, const struct text *text)
{
	static struct ledger_reader reader;

	records->count = 0;
	ledger_reader_init(&reader, text->bytes, text->length, text->format.separator);
	while (ledger_reader_next(&reader)) {
		struct record *record = &records->record[records->count++];

		CHECK(records->count < RECORDS_MAX);
		*record = (struct record){.end = (size_t)(reader.at - text->bytes)};
		record->start = (size_t)(reader.field[0].text - text->bytes);
		record->bad = reader.bad != NULL;
		record->unterminated =
		    record->bad && strcmp(reader.bad, "its quoted field never ends") == 0;
		record->fields = reader.fields;
		for (uint32_t i = 0; i < reader.fields && i < COLUMNS_MAX; i++)
			record->field[i] = reader.field[i];
	}
}

/* Records that a walk counts: all but one that never ends. */
static size_t
ended(const struct records *records)
{
	size_t count = records->count;

	return count - (count > 0 && records->record[count - 1].unterminated);
}

static void
check_walk(const struct csv_scan *scan, const struct text *text, const struct records *records,
           size_t until_step)
{
	struct csv_walk walk = csv_walk_start(text->bytes, text->length, 0, text->format.separator);
	size_t count = ended(records);

	for (size_t i = 0; i < count; i++) {
		scan->walk(&walk, i + 1, SIZE_MAX);
		CHECK(walk.records == i + 1 && walk.offset == records->record[i].end);
		CHECK(!walk.unterminated);
	}
	scan->walk(&walk, UINT64_MAX, SIZE_MAX);
	CHECK(walk.records == count && walk.offset == text->length);
	CHECK(walk.unterminated == (count < records->count));
	/* In steps that end anywhere. */
	walk = csv_walk_start(text->bytes, text->length, 0, text->format.separator);
	while (walk.offset < text->length)
		scan->walk(&walk, UINT64_MAX, walk.offset + until_step);
	CHECK(walk.records == count && walk.unterminated == (count < records->count));
}

/* Two scans of one window. */
static void
check_index(const struct text *text)
{
	static struct csv_index a, b;
	size_t at = 0;

	while (at < text->length) {
		uint32_t last;

		csv_scan_portable.index(&a, text->bytes + at, text->length - at,
		                        text->format.separator);
		csv_scan_avx2.index(&b, text->bytes + at, text->length - at,
		                    text->format.separator);
		CHECK(a.records == b.records && a.consumed == b.consumed);
		CHECK(memcmp(a.last, b.last, a.records * sizeof(a.last[0])) == 0);
		last = a.records > 0 ? (a.last[a.records - 1] >> 1) + 1 : 0;
		CHECK(memcmp(a.end, b.end, last * sizeof(a.end[0])) == 0);
		CHECK(a.consumed <= text->length - at);
		if (a.consumed == 0)
			break;
		at += a.consumed;
	}
}

static bool
is_syntax(enum record_reason reason)
{
	return reason == REASON_STRAY_QUOTE || reason == REASON_AFTER_QUOTE ||
	       reason == REASON_NUL || reason == REASON_UNTERMINATED;
}

static void
check_fields(const struct text *text, const struct csv_field *field, const struct record *record)
{
	for (uint32_t i = 0; i < text->format.columns; i++) {
		const struct ledger_field *other = &record->field[i];

		CHECK(field[i].length == other->length);
		CHECK(field[i].length == 0 || field[i].text == other->text);
		CHECK(field[i].escaped == other->doubled);
	}
}

/* The reader's present record is that one; base: where the reader's bytes begin. */
static void
check_record(struct csv_reader *reader, const struct text *text, const struct record *record,
             size_t base)
{
	struct csv_field field[COLUMNS_MAX] = {0};
	struct csv_fault fault = csv_reader_fields(reader, field);
	size_t offset, length;
	bool quoted;

	csv_reader_record(reader, &offset, &length);
	offset += base;
	quoted = text->bytes[offset] == '"';
	CHECK(offset + quoted == record->start && offset + length <= record->end);
	CHECK(csv_content(text->bytes + offset, record->end - offset) == length);
	CHECK(is_syntax(fault.reason) == record->bad);
	if (record->bad)
		return;
	CHECK((fault.reason == REASON_COLUMNS) == (record->fields != text->format.columns));
	if (fault.reason == REASON_NONE)
		check_fields(text, field, record);
}

/* In chunks of so many records, each read as if there were no other. */
static void
check_reader(const struct csv_scan *scan, const struct text *text, const struct records *records,
             size_t chunk)
{
	static const uint32_t column[COLUMNS_MAX] = {0, 1, 2, 3, 4, 5};
	struct csv_reader *reader = csv_reader_new(&text->format, column, text->format.columns);
	size_t start = 0, next = 0;

	CHECK(reader != NULL);
	reader->scan = scan;
	while (next < records->count) {
		size_t last = records->count - next > chunk ? next + chunk : records->count;
		size_t end = last == records->count ? text->length : records->record[last - 1].end;

		csv_reader_start(reader, text->bytes + start, end - start);
		for (; next < last; next++) {
			CHECK(csv_reader_next(reader));
			check_record(reader, text, &records->record[next], start);
		}
		CHECK(!csv_reader_next(reader));
		start = end;
	}
	csv_reader_free(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct records records;
	struct fuzz_input input = {data, data + size};
	size_t step = 1 + fuzz_take(&input, 1);
	struct text text = text_make(&input);
	bool avx2 = csv_scan_has_avx2();

	ledger_read(&records, &text);
	check_walk(&csv_scan_portable, &text, &records, step);
	check_reader(&csv_scan_portable, &text, &records, step);
	check_reader(&csv_scan_portable, &text, &records, SIZE_MAX);
	if (avx2) {
		check_walk(&csv_scan_avx2, &text, &records, step);
		check_reader(&csv_scan_avx2, &text, &records, step);
		check_reader(&csv_scan_avx2, &text, &records, SIZE_MAX);
		check_index(&text);
	}
	free(text.bytes);
	return 0;
}

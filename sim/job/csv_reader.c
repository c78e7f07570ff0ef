/* SPDX-License-Identifier: ISC
 *
 * The reader's rarer ways: a new window, a record longer than one, a record that is not plain.
 */
#include <stdlib.h>

#include "sim/job/csv_reader.h"

struct csv_reader *
csv_reader_new(const struct csv_format *format, const uint32_t *column, size_t columns)
{
	struct csv_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->all = calloc(format->columns, sizeof(*reader->all));
	if (!reader->all) {
		free(reader);
		return NULL;
	}
	reader->scan = csv_scan_best();
	reader->format = *format;
	reader->column = column;
	reader->columns = columns;
	return reader;
}

void
csv_reader_free(struct csv_reader *reader)
{
	if (!reader)
		return;
	free(reader->all);
	free(reader);
}

void
csv_reader_start(struct csv_reader *reader, const char *bytes, size_t length)
{
	reader->bytes = bytes;
	reader->length = length;
	reader->window = reader->window_end = 0;
	reader->next = reader->index.records = 0;
}

/* The record at window_end does not end within a window: it is found by itself. */
static void
reader_long_record(struct csv_reader *reader)
{
	struct csv_walk walk = csv_walk_start(reader->bytes, reader->length, reader->window_end,
	                                      reader->format.separator);

	reader->scan->walk(&walk, 1, SIZE_MAX);
	reader->offset = reader->window_end;
	reader->end = walk.records == 1 ? walk.offset : reader->length;
	reader->window = reader->window_end = reader->end;
	reader->field_end = NULL;
}

bool
csv_reader_window(struct csv_reader *reader)
{
	while (reader->window_end < reader->length) {
		reader->window = reader->window_end;
		reader->next = 0;
		reader->scan->index(&reader->index, reader->bytes + reader->window,
		                    reader->length - reader->window, reader->format.separator);
		reader->window_end += reader->index.consumed;
		if (reader->index.records > 0)
			return true;
		if (reader->index.consumed == 0) {
			reader_long_record(reader);
			return true;
		}
	}
	return false;
}

const char *
csv_reader_record(const struct csv_reader *reader, size_t *offset, size_t *length)
{
	const char *record = reader->bytes + reader->offset;
	size_t empty = csv_empty_lines(record, reader->end - reader->offset);
	size_t left = reader->end - reader->offset - empty;

	*offset = reader->offset + empty;
	*length = csv_content(record + empty, left);
	return record + empty;
}

struct csv_fault
csv_reader_parse(struct csv_reader *reader, struct csv_field *want)
{
	struct csv_fault fault;
	size_t offset, length;
	const char *record = csv_reader_record(reader, &offset, &length);

	csv_record_parse(record, length, &reader->format, reader->all, &fault);
	for (size_t i = 0; i < reader->columns && fault.reason == REASON_NONE; i++)
		want[i] = reader->all[reader->column[i]];
	return fault;
}

/* SPDX-License-Identifier: ISC
 *
 * Reads CSV records one after the other: found with csv_scan.h a window at a time, taken apart by
 * way of the index where that is exact, and by csv_record_parse() where there are quotes, NUL bytes
 * or a wrong number of fields.
 */
#ifndef SIM_JOB_CSV_READER_H
#define SIM_JOB_CSV_READER_H

#include "sim/job/csv.h"
#include "sim/job/csv_scan.h"

struct csv_reader {
	const struct csv_scan *scan;
	struct csv_format format;
	const uint32_t *column; /* the wanted ones; the caller's */
	size_t columns;
	struct csv_field *all; /* one for each column of the format; ours */
	const char *bytes;
	size_t length;
	size_t window;     /* start of the window that the index is of */
	size_t window_end; /* where the next one begins */
	uint32_t next;     /* record in the window */
	size_t offset,
	    end; /* the current record, with the empty lines before it and its line end */
	const uint32_t
	    *field_end; /* its fields in the index; NULL = csv_record_parse() must read it */
	struct csv_index index;
};

/* Makes a reader that gives columns column[0..columns) of records in the given format; column[]
 * must outlive it. NULL: no memory. */
struct csv_reader *csv_reader_new(const struct csv_format *format, const uint32_t *column,
                                  size_t columns);
void csv_reader_free(struct csv_reader *reader);

/* Begins at the start of a record, and takes length for the end of the input. */
void csv_reader_start(struct csv_reader *reader, const char *bytes, size_t length);

/* For csv_reader_next() alone: goes on to the next window. */
bool csv_reader_window(struct csv_reader *reader);
/* For csv_reader_fields() alone. */
struct csv_fault csv_reader_parse(struct csv_reader *reader, struct csv_field *want);

/* Goes on to the next record without looking at what is in it; false at the end. */
static inline bool
csv_reader_next(struct csv_reader *reader)
{
	const struct csv_index *index = &reader->index;
	uint32_t first, last;

	if (reader->next == index->records && !csv_reader_window(reader))
		return false;
	if (reader->next == index->records)
		return true; /* longer than a window */
	first = reader->next ? (index->last[reader->next - 1] >> 1) + 1 : 0;
	last = index->last[reader->next++];
	reader->offset = reader->window + (first ? index->end[first - 1] + 1 : 0);
	reader->end = reader->window + index->end[last >> 1] + 1;
	reader->field_end = index->end + first;
	if (last & 1 || (last >> 1) - first + 1 != reader->format.columns) {
		reader->field_end = NULL;
		if (reader->end > reader->length)
			reader->end = reader->length;
	}
	return true;
}

/* Takes the current record apart: want[i] is column[i] of it.  Returns what is wrong with it;
 * want[] is only filled in if nothing is. */
static inline struct csv_fault
csv_reader_fields(struct csv_reader *reader, struct csv_field *want)
{
	const uint32_t *field_end = reader->field_end;

	if (!field_end)
		return csv_reader_parse(reader, want);
	for (size_t i = 0; i < reader->columns; i++) {
		uint32_t column = reader->column[i];
		size_t start = column ? reader->window + field_end[column - 1] + 1 : reader->offset;
		size_t end = reader->window + field_end[column];

		if (column + 1 == reader->format.columns && end > start &&
		    reader->bytes[end - 1] == '\r')
			end--;
		want[i] = (struct csv_field){.text = reader->bytes + start, .length = end - start};
	}
	return (struct csv_fault){.reason = REASON_NONE, .column = CSV_NO_COLUMN};
}

/* The current record without the empty lines before it and its line end; *offset is its place in
 * the bytes. */
const char *csv_reader_record(const struct csv_reader *reader, size_t *offset, size_t *length);

#endif

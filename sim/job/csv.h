/* SPDX-License-Identifier: ISC
 *
 * CSV by RFC 4180, over bytes in memory.  Fields may be quoted; a quote inside is doubled;
 * separators, CR and LF inside quotes belong to the field.  A record ends with LF or CRLF, or with
 * the end of the file; a CR that no LF follows is data.  An empty line is no record.  A UTF-8 byte
 * order mark before the header is skipped.  What RFC 4180 does not allow (a quote inside an
 * unquoted field, text behind a closing quote, a NUL byte) makes that record bad, and only that
 * one: a quote opens a quoted field only at the start of a field, so record boundaries stay true
 * around it.
 *
 * This is the exact reader of one record.  csv_scan.h finds where records are, fast; csv_reader.h
 * joins the two.
 */
#ifndef SIM_JOB_CSV_H
#define SIM_JOB_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_COLUMNS_MAX 4096
#define CSV_RECORD_BYTES_MAX (16u << 20) /* a longer record is an error of the plan phase */
#define CSV_NO_COLUMN UINT32_MAX

/* Why a record could not be used.  Stable numbers: they are stored and logged as reason codes. */
enum record_reason {
	REASON_NONE,
	REASON_STRAY_QUOTE,    /* a quote inside an unquoted field */
	REASON_AFTER_QUOTE,    /* text between a closing quote and the separator */
	REASON_NUL,            /* a NUL byte */
	REASON_COLUMNS,        /* another number of fields than the header has */
	REASON_NOT_DECIMAL,    /* a sum column that is no decimal */
	REASON_DECIMAL_DIGITS, /* a decimal with more digits than we hold exactly */
	REASON_UNTERMINATED,   /* a quoted field that never ends */
	REASON_CHECKSUM,       /* the chunk's bytes are not those of the plan */
	REASON_FLAKY,          /* a scripted flaky record */
	REASON_CRASHED,        /* the record ends its worker */
	REASON_HUNG,           /* the task makes its workers hang */
	REASON_ATTEMPTS,       /* out of attempts */
	REASON_SYSTEM,         /* a system call failed (disk full, ...): see the log */
	REASON_NOT_TIME,       /* an event's time that is none */
	REASON_SINK,           /* the server that the sink is on is away: it may come back */
	REASON_LOCKED,         /* somebody else holds the task's lock, or held it until lately */
	REASON_EXIT,           /* a command ended by a signal, or with no success */
	REASON_START,          /* a command cannot be started */
	REASON_LIMIT,          /* a command took too long */
	REASON_GARBAGE,        /* a command's output is not what it has to be */
	REASON_TOO_MUCH,       /* a command wrote too much */
	REASON_LEFT_BEHIND,    /* a command left processes behind */
	REASON_NOT_LOG,        /* a line that is none of a web log in combined format */
	REASON_AWAY,           /* a command says that it may do better later */
	REASON_PAYLOAD,        /* what a token stands for is gone, or other bytes */
	REASON_INCOMPLETE,     /* not all of the events that belong together came in time */
	REASON_SILENT,         /* a command that stays did not answer at all */
	REASONS
};
/* A few words for people, without a full stop; "an unknown reason" for a number out of range. */
const char *record_reason_text(unsigned reason);

struct csv_field {
	const char *text; /* without the outer quotes; doubled quotes still doubled if `escaped` */
	size_t length;
	bool escaped;
};

struct csv_format {
	char separator;
	uint32_t columns; /* fields in the header */
};

/* What is wrong with a record, and where. */
struct csv_fault {
	enum record_reason reason;
	uint32_t column; /* from 0; CSV_NO_COLUMN: the record as a whole */
	size_t offset;   /* of that column's first byte in the record */
};

/* Bytes of the empty lines that bytes[0..length) begins with. */
size_t csv_empty_lines(const char *bytes, size_t length);

/* Length of a record without its line end, if it has one. */
size_t csv_content(const char *bytes, size_t length);

/* Reads the one record in bytes[0..length), which stand without line end, and stores up to
 * format->columns of its fields, which point into bytes.  Returns the number of fields read, more
 * than format->columns included; format->columns = 0 takes any number of them, as for a header.
 * *fault says what is wrong (reason REASON_NONE: nothing); reading stops at the first thing that
 * is. */
uint32_t csv_record_parse(const char *bytes, size_t length, const struct csv_format *format,
                          struct csv_field *field, struct csv_fault *fault);

/* Copies a field's value, doubled quotes made one, to `to`, which has room for field->length bytes.
 * Returns the value's length. */
size_t csv_field_copy(const struct csv_field *field, char *to);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Lines, and what is in them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/verdict/ledger_lines.h"

/* Where in a line of combined format one is:
 *     host ident user [time] "METHOD page HTTP/1.1" status size rest */
enum place {
	HOST,
	IDENT,
	USER,
	TIME_BRACKET,
	TIME,
	TIME_BLANK,
	QUOTE,
	METHOD,
	PAGE,
	PROTOCOL, /* H, T, T, P, / */
	VERSION = PROTOCOL + 5,
	VERSION_BLANK,
	STATUS, /* three digits */
	STATUS_BLANK = STATUS + 3,
	SIZE,
	SIZE_END, /* behind a '-' */
	REST,
	BAD
};

struct reading {
	int place;
	unsigned length; /* of what is being read: most of it must not be empty */
};

static int
stay_or_go(struct reading *reading, bool fits, bool over, int next)
{
	if (fits) {
		reading->length++;
		return reading->place;
	}
	return over && reading->length > 0 ? next : BAD;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static int
next_place(struct reading *reading, char byte)
{
	int place = reading->place;

	switch (place) {
	case HOST:
	case IDENT:
	case USER:
		return stay_or_go(reading, byte != ' ', true, place + 1);
	case TIME_BRACKET:
		return byte == '[' ? TIME : BAD;
	case TIME:
		return byte == ']' ? TIME_BLANK : TIME;
	case TIME_BLANK:
	case VERSION_BLANK:
	case STATUS_BLANK:
		return byte == ' ' ? place + 1 : BAD;
	case QUOTE:
		return byte == '"' ? METHOD : BAD;
	case METHOD:
		return stay_or_go(reading, byte >= 'A' && byte <= 'Z', byte == ' ', PAGE);
	case PAGE:
		return stay_or_go(reading, byte != ' ' && byte != '"', byte == ' ', PROTOCOL);
	case VERSION:
		return stay_or_go(reading, is_digit(byte) || byte == '.', byte == '"',
		                  VERSION_BLANK);
	case STATUS:
	case STATUS + 1:
	case STATUS + 2:
		return is_digit(byte) ? place + 1 : BAD;
	case SIZE:
		if (byte == '-' && reading->length == 0)
			return SIZE_END;
		return stay_or_go(reading, is_digit(byte), byte == ' ', REST);
	case SIZE_END:
		return byte == ' ' ? REST : BAD;
	case REST:
		return REST;
	default:
		return place >= PROTOCOL && place < VERSION && byte == "HTTP/"[place - PROTOCOL]
		           ? place + 1
		           : BAD;
	}
}

/* The page of a line, or false. */
static bool
find_page(const char *line, size_t length, size_t *start, size_t *end)
{
	struct reading reading = {.place = HOST};

	for (size_t i = 0; i < length; i++) {
		int place = next_place(&reading, line[i]);

		if (place == reading.place)
			continue;
		if (place == BAD)
			return false;
		if (place == PAGE)
			*start = i + 1;
		if (reading.place == PAGE)
			*end = i;
		reading = (struct reading){.place = place};
	}
	return (reading.place == SIZE && reading.length > 0) || reading.place == SIZE_END ||
	       reading.place == REST;
}

static int
count(struct ledger_table *table, const char *key, size_t length)
{
	struct ledger_total *total = ledger_table_find(table, key, length);

	if (total == NULL)
		total = ledger_table_add(table, key, length);
	if (total == NULL)
		return -ENOMEM;
	total->records++;
	return 0;
}

static int
count_words(struct ledger_table *table, const char *line, size_t length)
{
	size_t start = 0;
	int error = 0;

	for (size_t i = 0; i <= length && error == 0; i++) {
		if (i < length && line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			continue;
		if (i > start)
			error = count(table, line + start, i - start);
		start = i + 1;
	}
	return error;
}

static bool
is_in_gap(const struct ledger_gap *gaps, size_t gap_count, uint64_t record, size_t *gap)
{
	while (*gap < gap_count && gaps[*gap].first + gaps[*gap].count <= record)
		++*gap;
	return *gap < gap_count && gaps[*gap].first <= record;
}

static void
note(struct ledger_finding *finding, const char *what, uint64_t record)
{
	if (finding->example[0] == '\0')
		snprintf(finding->example, sizeof(finding->example), "record %" PRIu64 " %s",
		         record, what);
}

static int
use_line(enum job_function function, const char *line, size_t length, bool in_gap,
         struct ledger_table *table, struct ledger_finding *finding)
{
	size_t start = 0, end = 0;
	bool usable = function == FUNCTION_WORDS || find_page(line, length, &start, &end);

	if (in_gap) {
		if (usable) {
			finding->unfounded++;
			note(finding, "is a dead letter, but nothing is wrong with it",
			     finding->records);
		}
		return 0;
	}
	finding->counted++;
	if (!usable) {
		finding->unreadable++;
		note(finding, "should be a dead letter", finding->records);
		return 0;
	}
	return function == FUNCTION_WORDS ? count_words(table, line, length)
	                                  : count(table, line + start, end - start);
}

int
ledger_lines_sum(enum job_function function, const char *bytes, size_t length,
                 const struct ledger_gap *gaps, size_t gap_count, struct ledger_table *table,
                 struct ledger_finding *finding)
{
	size_t start = 0, gap = 0;
	int error = 0;

	for (size_t i = 0; i <= length && error == 0; i++) {
		if (i < length ? bytes[i] != '\n' : start == length)
			continue;
		error =
		    use_line(function, bytes + start, i - start,
		             is_in_gap(gaps, gap_count, finding->records, &gap), table, finding);
		finding->records++;
		start = i + 1;
	}
	return error;
}

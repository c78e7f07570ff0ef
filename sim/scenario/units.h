/* SPDX-License-Identifier: ISC
 *
 * Numbers with their units, exactly: durations in nanoseconds, shares in millionths, sizes in
 * bytes, counts.
 */
#ifndef SIM_SCENARIO_UNITS_H
#define SIM_SCENARIO_UNITS_H

#include <stddef.h>
#include <stdint.h>

struct unit {
	const char *name; /* "" = a plain number; NULL ends a list */
	uint64_t factor;
};

/* Largest first; two names of one factor: the one to write comes first. */
extern const struct unit unit_none[], unit_durations[], unit_shares[], unit_sizes[], unit_records[],
    unit_tasks[], unit_times[];

enum unit_error {
	UNIT_OK,
	UNIT_NO_NUMBER,
	UNIT_MISSING,
	UNIT_UNKNOWN,
	UNIT_TOO_LARGE, /* for 64 bits */
	UNIT_TOO_FINE   /* more digits behind the point than can be held */
};

/* "1.5s", "90 %", "10000 records": digits, perhaps a point and more digits, perhaps blanks, a unit
 * of the list. *value is only set on UNIT_OK. */
enum unit_error unit_parse(const struct unit *units, const char *text, uint64_t *value);

/* The shortest exact way to write the value, such that unit_parse reads it.  Returns text. */
const char *unit_format(const struct unit *units, uint64_t value, char *text, size_t size);

/* What is wrong with the text and what is expected, one line.  Returns message. */
const char *unit_explain(const struct unit *units, enum unit_error error, const char *text,
                         char *message, size_t size);

#endif

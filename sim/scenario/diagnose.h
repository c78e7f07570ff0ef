/* SPDX-License-Identifier: ISC
 *
 * Errors in what the user wrote, with the place they are at.  They are collected, not printed one
 * by one, so that a scenario with five mistakes is corrected in one go; the report shows each
 * source line with a caret below it.
 */
#ifndef SIM_SCENARIO_DIAGNOSE_H
#define SIM_SCENARIO_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROBLEMS_MAX 100 /* shown; more are only counted */

/* A text that places point into: a file, or one "key=value" of --set.  Borrowed. */
struct source {
	const char *name;
	const char *text;
	size_t length;
	bool numbered; /* messages give line and column */
	unsigned order;
};

/* Columns and width count characters, from 1; line 0 means the source as a whole. */
struct place {
	const struct source *source;
	size_t line, column, width;
};

struct problem {
	struct place at;
	char *message; /* NULL: there was no memory for it */
	size_t order;
};

struct problems {
	struct problem problem[PROBLEMS_MAX];
	size_t count;
};

/* Notes an error, once if it is the same one again.  The message is one line, without "error:" and
 * full stop; bytes that the user wrote may be in it. */
void problem_add(struct problems *problems, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints all of them by place, and the line "N errors; nothing was run".  Unprintable bytes go
 * through vis(3). */
void problems_print(struct problems *problems, FILE *out);

void problems_fini(struct problems *problems);

/* The place `length` bytes into the source. */
struct place place_of_byte(const struct source *source, size_t offset);

#endif

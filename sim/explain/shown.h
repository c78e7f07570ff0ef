/* SPDX-License-Identifier: ISC
 *
 * The place in the shipped scenarios at which a key or a point is used.
 */
#ifndef SIM_EXPLAIN_SHOWN_H
#define SIM_EXPLAIN_SHOWN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define SHOWN_LINE_SIZE 128

struct shown {
	char file[PATH_MAX]; /* as "scenarios/06-zombie.yaml" */
	size_t line;
	char text[SHOWN_LINE_SIZE]; /* of the line, without blanks and comments around it */
};

/* The first scenario that has the key, in a short line if there is one; with a value, the first in
 * which it is that.  False: none has, or the scenarios are not installed. */
bool shown_find(struct shown *shown, const char *key, const char *value);

#endif

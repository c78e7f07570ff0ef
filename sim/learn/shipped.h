/* SPDX-License-Identifier: ISC
 *
 * The files of the lessons, which the program carries with it: scenarios/lessons/LESSON/FILE.
 */
#ifndef SIM_LEARN_SHIPPED_H
#define SIM_LEARN_SHIPPED_H

#include <stddef.h>

struct shipped {
	const char *lesson; /* its folder's name */
	const char *name;   /* of the file, below that folder */
	const char *text;   /* with a 0 behind it */
	const char *end;    /* where that is */
};

/* In the order of their names, those of a lesson together. */
extern const struct shipped shipped_files[];
extern const size_t shipped_count;

/* NULL: there is none of that name. */
const struct shipped *shipped_find(const char *lesson, const char *name);
size_t shipped_length(const struct shipped *file);

#endif

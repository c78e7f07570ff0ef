/* SPDX-License-Identifier: ISC
 *
 * How far a learner is: what was begun, where, what was passed, how many hints were read.  One file
 * in the state directory, written whole or not at all.
 */
#ifndef SIM_LEARN_STUDY_H
#define SIM_LEARN_STUDY_H

#include <limits.h>
#include <stdbool.h>

#include "sim/learn/lesson.h"

struct study_lesson {
	char folder[PATH_MAX]; /* absolute; "": it was not begun */
	bool passed;
	unsigned hints; /* that were read */
};

/* What is known of a lesson; nothing, if it was never begun.  0, or -errno after saying why. */
int study_read(const char *lesson, struct study_lesson *state);
/* The lesson that was begun last; "" if none was.  0, or -errno after saying why. */
int study_current(char lesson[LESSON_NAME_MAX]);

/* Each changes one thing and leaves the rest, whoever else is at it.  0, or -errno after saying
 * why. */
int study_begin(const char *lesson, const char *folder);
int study_pass(const char *lesson);
int study_hint(const char *lesson, unsigned hints);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The folder in which a learner works at a lesson: the story, the file to mend, the question's
 * variant and its answer.  It is also what is handed in.
 */
#ifndef SIM_LEARN_EXERCISE_H
#define SIM_LEARN_EXERCISE_H

#include <limits.h>
#include <stdio.h>

#include "sim/learn/lesson.h"

#define EXERCISE_ANSWER "answer.yaml"
#define EXERCISE_ANSWER_MAX 128

struct exercise {
	char folder[PATH_MAX];
	uint64_t seed;                    /* of the question's variant */
	char answer[EXERCISE_ANSWER_MAX]; /* "": none was given */
};

/* Puts the lesson's files into the folder, which is made if it is not there; one that is there is
 * left as it is, unless `again` says that it is to be as shipped.  The answer's file is made anew,
 * with this variant.  0, or -errno after saying why. */
int exercise_lay(const struct lesson *lesson, const char *folder, uint64_t seed, bool again);

/* The path of a file of the folder as people type it: from the current folder, if it is below that.
 */
const char *exercise_path(const struct exercise *exercise, const char *name, char path[PATH_MAX]);

/* Reads the variant and the answer.  0, or -errno after saying what is wrong. */
int exercise_open(struct exercise *exercise, const char *folder);
/* Writes both. */
int exercise_answer(const struct exercise *exercise);

/* A file of the folder as a text, which the caller frees; NULL after saying why. */
char *exercise_read(const char *folder, const char *name, size_t *length);
/* Writes one that is there whole or not at all. */
int exercise_write(const char *folder, const char *name, const char *text, size_t length);

#endif

/* SPDX-License-Identifier: ISC
 *
 * graveshift learn: its commands, a function each.
 */
#ifndef SIM_LEARN_LEARN_H
#define SIM_LEARN_LEARN_H

#include <stddef.h>
#include <stdint.h>

/* What was said behind the command. */
struct learn_words {
	const char *const *word;
	size_t count;
	const uint64_t *seed; /* NULL: none was given */
};

/* Each returns the exit code. */
typedef int learn_command(const struct learn_words *words);

learn_command learn_list, learn_status;
/* LESSON [FOLDER]; the seed is that of the question's variant. */
learn_command learn_start;
learn_command learn_check, learn_watch, learn_hint, learn_reset, learn_solution;
/* The answer. */
learn_command learn_predict;
/* FOLDER; the seed is that of the questions' variants. */
learn_command learn_export;
/* FOLDER...: a learner's each, or of one lesson.  The seed is that of the hidden runs, and variant
 * if it was not given. */
learn_command learn_grade;

#endif

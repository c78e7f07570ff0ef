/* SPDX-License-Identifier: ISC
 *
 * Questions, asked before a run and answered by it.
 */
#ifndef SIM_LEARN_QUESTION_H
#define SIM_LEARN_QUESTION_H

#include "sim/learn/judge.h"

/* Prints the question and, if there are several, which variant it is. */
int question_ask(const struct lesson *lesson, const struct exercise *exercise, FILE *out);

/* Is it something that could be an answer?  If not, says what would be. */
bool question_takes(const struct lesson *lesson, const char *answer);

/* Plays the variant, says what the answer is by what was measured, and whether exercise->answer is
 * right.  0, or an exit code after saying why. */
int question_judge(const struct judging *judging, bool *right);

/* forensic.c: the name of the variant's recording, in the learner's folder.  Returns name. */
const char *forensic_folder(const struct exercise *exercise, char *name, size_t size);
/* Lays the recording of the variant into the learner's folder.  0, or an exit code
 * after saying why. */
int forensic_lay(const struct lesson *lesson, const struct exercise *exercise);
/* What happened in it: the words of lesson->wanted. */
int forensic_truth(const struct lesson *lesson, const struct exercise *exercise,
                   char text[EXERCISE_ANSWER_MAX]);

#endif

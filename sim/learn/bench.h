/* SPDX-License-Identifier: ISC
 *
 * What the commands of learn share: the lesson that is being worked at, and words about it.
 */
#ifndef SIM_LEARN_BENCH_H
#define SIM_LEARN_BENCH_H

#include "sim/learn/exercise.h"
#include "sim/learn/study.h"

#define BENCH_USUAL_SEED 1

struct bench {
	size_t index;
	struct lesson lesson;
	struct study_lesson state;
	struct exercise exercise;
};

/* The lesson that was begun last, with its folder.  0, or an exit code after saying why; bench_fini
 * only after 0. */
int bench_open(struct bench *bench);
void bench_fini(struct bench *bench);

/* "Lesson 4 of 22: Retry and its budget". */
void bench_title(const struct lesson *lesson, FILE *out);
/* A file of the lesson, as it is. */
void bench_print(const struct lesson *lesson, const char *name, FILE *out);
/* The command that comes next when this lesson was passed. */
void bench_next(size_t index, FILE *out);

/* Has a question been asked that was not answered?  On a terminal it is answered now; else it is
 * said how.  0 = there is nothing left to answer. */
int bench_question(struct bench *bench);

/* Keeps bench->exercise.answer; of a lesson with something to mend, says what is true.  0 or an
 * exit code. */
int bench_answer(struct bench *bench);

/* Asks the question, and says where to look.  0 or an exit code. */
int bench_ask(const struct lesson *lesson, const struct exercise *exercise, FILE *out);

/* Judges it, and says what next.  The exit code. */
int bench_judge(const struct bench *bench, FILE *out);

#endif

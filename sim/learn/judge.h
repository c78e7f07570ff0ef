/* SPDX-License-Identifier: ISC
 *
 * Was a lesson passed?  Said line by line; each is true of runs that were made for it.
 */
#ifndef SIM_LEARN_JUDGE_H
#define SIM_LEARN_JUDGE_H

#include <stdio.h>

#include "sim/learn/exercise.h"
#include "sim/learn/play.h"

struct judging {
	const struct lesson *lesson;
	const struct exercise *exercise;
	uint64_t seed; /* of the first hidden run; the next ones count on */
	FILE *out;
};

/* EXIT_MET: passed; EXIT_UNMET: not; EXIT_USAGE: what is in the folder cannot be judged, which was
 * said; or another exit code after saying why. */
int judge(const struct judging *judging);

/* One line of the judgement: "  ok  what". */
void judge_say(const struct judging *judging, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What is wrong with a run, in words. */
const char *judge_words(const struct lesson *lesson, const struct played *played, char *text,
                        size_t size);

/* judge_scenario.c, judge_attack.c, judge_script.c */
int judge_scenario(const struct judging *judging, const struct source *shipped,
                   const struct source *mended);
int judge_attack(const struct judging *judging, const struct source *shipped,
                 const struct source *mended);
int judge_script(const struct judging *judging, const struct source *shipped,
                 const struct source *mended);

/* hidden.c: plays the text on each hidden seed, and says whether is_right() of all of them. */
int judge_hidden(const struct judging *judging, const struct source *text, const char *what,
                 bool (*is_right)(const struct lesson *lesson, const struct played *played));

/* Plays the text as it stands, with these overrides. */
int judge_play(const struct source *text, char *const *set, size_t sets, struct played *played);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Runs of a lesson: each in a process of its own, several side by side, and what their verdicts
 * say.
 */
#ifndef SIM_LEARN_PLAY_H
#define SIM_LEARN_PLAY_H

#include "sim/learn/measure.h"

#define PLAYED_LINES_MAX 8

/* One run: a scenario in memory, and overrides. */
struct play {
	const char *path; /* stands for the file's: what it names begins at its folder */
	const char *text;
	size_t length;
	char *const *set;
	size_t sets;
};

struct played {
	bool judged;
	int exit_code; /* of the verdict, or why there is none */
	uint64_t measure[MEASURES];
	size_t lines; /* that are not ok, the first of them */
	struct played_line {
		enum line_result result;
		char name[112], detail[256];
	} line[PLAYED_LINES_MAX];
};

/* Plays them.  0, or an exit code after saying why; played[count] is filled in. */
int play_all(const struct play *plays, size_t count, struct played *played);

/* The first line that failed and whose name begins so; NULL: there is none. */
const struct played_line *played_failure(const struct played *played, const char *name);
/* The line to tell: that one, another that failed, or one that could not be judged; NULL: none. */
const struct played_line *played_worst(const struct played *played, const char *name);

#endif

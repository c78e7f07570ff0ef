/* SPDX-License-Identifier: ISC
 *
 * What is said between graveshift and a command that does one task after the other, in lines:
 *
 *     > task TASK ATTEMPT FROM TO LINES MARK      and then so many lines
 *     < its output, and then
 *     < done MARK                                 or: failed MARK CODE
 *
 * The mark is made up for each attempt, so that no line of its output can be taken for the answer's
 * end, and none of an earlier answer for this one.
 */
#ifndef SIM_COMMAND_TALK_H
#define SIM_COMMAND_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/command/words.h"

#define TALK_MARK 16 /* hexadecimal digits */
#define TALK_END_MAX 64
#define TALK_BEGIN_MAX 160

struct talk {
	char begin[TALK_BEGIN_MAX]; /* the line that begins the task, with its end */
	char mark[TALK_MARK + 1];
	/* Where the bytes of its output go.  0 or -errno. */
	int (*take)(void *context, const char *bytes, size_t length);
	void *context;
	char held[TALK_END_MAX]; /* of the line that is read: it may be the last one */
	size_t holds;
	bool begun;  /* its first line was there */
	bool inside; /* of a line that is none */
	bool said;   /* anything */
	bool over;
	int code;        /* of its last line; 0: done */
	char fault[100]; /* with -EBADMSG: what is wrong */
};

/* lines: so many follow.  mark: any number, another one for each attempt. */
void talk_init(struct talk *talk, const struct words_values *values, uint64_t lines, uint64_t mark);

/* The next bytes of its answer.  0; 1: that was its end; -EBADMSG; -errno. */
int talk_take(struct talk *talk, const char *bytes, size_t length);

#endif

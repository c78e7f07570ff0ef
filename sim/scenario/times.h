/* SPDX-License-Identifier: ISC
 *
 * Times of faults: a duration, or one that goes by the recovery timers, such as "lease * 1.05" or
 * "dead + 100ms", so that a fault keeps to the edge of a timer whatever that is set to.
 */
#ifndef SIM_SCENARIO_TIMES_H
#define SIM_SCENARIO_TIMES_H

#include <stddef.h>
#include <stdint.h>

/* What is wrong with a part of a text; offset and length in bytes. */
struct text_problem {
	size_t offset, length;
	char message[320];
	char guess[80]; /* "; did you mean 'lease'?", or "": the message's end */
};

/* All in nanoseconds. */
struct timers {
	int64_t lease, suspect, dead, beat;
};
/* Their names, in this order; NULL ends the list. */
extern const char *const timer_names[];

/* Reads the `length` bytes at text: at most TIME_TERMS_MAX terms with + between them, each a
 * duration, or the name of a timer, perhaps with "* factor".  A factor has at most six digits
 * behind its point, and what is finer than a nanosecond is cut off.  Returns 0, or -EINVAL after
 * filling in the problem. */
#define TIME_TERMS_MAX 8
int time_parse(const struct timers *timers, const char *text, size_t length, uint64_t *ns,
               struct text_problem *problem);

#endif

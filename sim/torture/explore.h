/* SPDX-License-Identifier: ISC
 *
 * Which states are played, in which order, and what is known of each point when they were.
 */
#ifndef SIM_TORTURE_EXPLORE_H
#define SIM_TORTURE_EXPLORE_H

#include "sim/torture/session.h"

#define POINT_UNKNOWN UINT32_MAX /* as sums_find has it */

struct exploration {
	uint32_t points; /* with the end */
	uint32_t
	    *played;    /* for each point the candidate whose state is its own, or POINT_UNKNOWN */
	uint32_t *like; /* for each point the candidate that stands for it, or POINT_UNKNOWN */
	uint32_t explored; /* points whose own state was played */
	uint32_t states;   /* that are different from each other, in the whole run */
	uint32_t classes;
	uint32_t unkept; /* points that there was no room to keep */
	uint32_t torn;   /* states within a write */
	uint32_t saved;  /* states that were played as they were saved, whole */
	uint32_t left;   /* candidates that were not played */
	uint32_t missed; /* points that did not come when the command was run again */
};

/* Chooses the candidates: the end; of each pair of classes the first and the last occurrence; then
 * those whose number is a power of two; then, if everything or a budget was asked for, the rest by
 * chance.  Never every so-many-th: jobs are periodic.  0 or -ENOMEM. */
int explore_choose(struct session *session);

/* Does the check look at this of its variables? */
bool explore_reads(const struct session *session, const char *variable);
/* Of a state: with what the command has printed, if the check looks at that. */
uint64_t explore_sum(const struct session *session, uint64_t sum, int64_t output);

/* What is known of all points, when the candidates were played.  0 or -ENOMEM. */
int explore_know(const struct session *session, struct exploration *exploration);
void exploration_fini(struct exploration *exploration);

/* The points that do not come out right in one piece, each time that it came. */
struct window {
	uint32_t first, last; /* points, of its first time */
	uint32_t times;       /* it came */
	uint32_t points;      /* in all of them */
	uint32_t played;      /* candidates of it that have failed */
	uint32_t shown;       /* the candidate that stands for it */
	enum judged judged;   /* the worst in it */
};

/* Returns how many windows there are in which something was played, the first `max` of them in
 * windows[]. */
uint32_t explore_windows(const struct session *session, const struct exploration *exploration,
                         struct window *windows, uint32_t max);

#endif

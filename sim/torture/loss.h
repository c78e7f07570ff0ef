/* SPDX-License-Identifier: ISC
 *
 * What is lost in a state that a loss of power leaves, and failures that are lost alike as one.
 */
#ifndef SIM_TORTURE_LOSS_H
#define SIM_TORTURE_LOSS_H

#include "sim/torture/power.h"
#include "sim/torture/session.h"

#define LOSSES_SHOWN_MAX 32
#define LOSS_STEPS_MAX 16

/* Changes that are lost in it, in order, of which no more than so many are named. */
struct loss {
	uint32_t candidate;
	const struct step *lost[LOSS_STEPS_MAX]; /* of each class the first */
	uint32_t classes, steps;                 /* that are lost, in all */
	/* The last that is not, behind the first that is, one that names what is lost before all
	 * others; or NULL. */
	const struct step *kept;
};

/* 0 or -ENOMEM. */
int loss_of(const struct session *session, uint32_t candidate, struct loss *loss);

/* Failures in which the same is lost: that with the least stands for all in which that, and
 * perhaps more, is. */
struct loss_group {
	struct loss loss;
	uint32_t states;
	enum judged judged; /* the worst */
};

/* How many groups there are, the first LOSSES_SHOWN_MAX of them in group[]; or -ENOMEM. */
int64_t loss_groups(const struct session *session, struct loss_group *group);

/* "a and b": the classes that are lost; returns text. */
const char *loss_text(const struct session *session, const struct loss *loss, char *text,
                      size_t size);
/* "f is lost, g is not". */
const char *loss_story(const struct session *session, const struct loss *loss, char *text,
                       size_t size);
/* What to do about it, or NULL. */
const char *loss_advice(const struct session *session, const struct loss *loss);

#endif

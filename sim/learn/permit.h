/* SPDX-License-Identifier: ISC
 *
 * Whether a learner's file differs from the shipped one only where the lesson allows it.
 */
#ifndef SIM_LEARN_PERMIT_H
#define SIM_LEARN_PERMIT_H

#include <stdio.h>

#include "sim/learn/lesson.h"

#define PERMIT_BEGIN "# --- yours"
#define PERMIT_END "# --- end of yours"

/* A scenario: keys below lesson->change (an attack: faults) may have other values, and there may be
 * more of them; none may be missing that the shipped file has.  0, or -EINVAL after printing what
 * may not be so. */
int permit_scenario(const struct lesson *lesson, const struct source *shipped,
                    const struct source *mended, FILE *errors);

/* A program: only what stands between the lines PERMIT_BEGIN and PERMIT_END. */
int permit_program(const struct source *shipped, const struct source *mended, FILE *errors);

#endif

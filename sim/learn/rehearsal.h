/* SPDX-License-Identifier: ISC
 *
 * Playing a learner's program: whole, on inputs of hidden seeds; and killed at each point at which
 * it changes files, by sim/torture.
 */
#ifndef SIM_LEARN_REHEARSAL_H
#define SIM_LEARN_REHEARSAL_H

#include "sim/learn/judge.h"

/* EXIT_MET: it is right every time; EXIT_UNMET: not; or another exit code after saying why. */
int rehearsal_play(const struct judging *judging, const struct source *program);

#endif

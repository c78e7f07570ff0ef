/* SPDX-License-Identifier: ISC
 *
 * How much code a strategy is, counted when graveshift was built.
 */
#ifndef SIM_COMPARE_CODE_SIZE_H
#define SIM_COMPARE_CODE_SIZE_H

#include "sim/strategy/strategies.h"

struct code_size {
	unsigned lines;      /* with code on them */
	unsigned statements; /* semicolons, but for those in the head of a for */
};

/* Of sim/strategy/SYMBOL.c and of the files whose headers it includes, which it may share with its
 * twin.  What all strategies share is not in it. */
struct code_size code_size_of(enum strategy_id id);

#endif

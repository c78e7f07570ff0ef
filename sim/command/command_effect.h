/* SPDX-License-Identifier: ISC
 *
 * What a task of kind `command` commits beside its `done`.
 */
#ifndef SIM_COMMAND_COMMAND_EFFECT_H
#define SIM_COMMAND_COMMAND_EFFECT_H

#include "sim/job/part.h"

struct command_effect {
	struct part_mark part; /* what it printed */
	uint64_t records;
};

#endif

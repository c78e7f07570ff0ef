/* SPDX-License-Identifier: ISC
 *
 * The parts that a stage has committed.
 */
#ifndef SIM_MAPREDUCE_INPUTS_H
#define SIM_MAPREDUCE_INPUTS_H

#include "sim/mapreduce/effects.h"

struct inputs {
	struct part_mark *mark;
	uint32_t count, room;
};

/* Of one partition, from all maps.  0, to be ended by inputs_fini, or -errno. */
int inputs_of_maps(struct inputs *inputs, struct work *work, uint32_t partition);
/* Of all partitions. */
int inputs_of_reduces(struct inputs *inputs, struct work *work);
void inputs_fini(struct inputs *inputs);

#endif

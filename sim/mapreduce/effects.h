/* SPDX-License-Identifier: ISC
 *
 * What maps and reduces commit beside their `done`.
 */
#ifndef SIM_MAPREDUCE_EFFECTS_H
#define SIM_MAPREDUCE_EFFECTS_H

#include "sim/mapreduce/gather.h"

#define STAGE_MAP 0
#define STAGE_REDUCE 1
#define STAGE_RESULT 2

struct map_effect {
	uint32_t partitions;
	uint32_t remade; /* how often its parts were lost, and made again */
	struct part_mark mark[GATHER_PARTITIONS_MAX]; /* only the first `partitions` are stored */
};

static inline size_t
map_effect_length(uint32_t partitions)
{
	return offsetof(struct map_effect, mark) + partitions * sizeof(struct part_mark);
}

struct reduce_effect {
	struct part_mark mark;
	uint64_t lines, digest; /* of functions that are commands: printout.h */
};

/* Takes a stored effect apart; false: it is none. */
bool map_effect_read(struct map_effect *effect, const void *blob, size_t length);
bool reduce_effect_read(struct reduce_effect *effect, const void *blob, size_t length);

#endif

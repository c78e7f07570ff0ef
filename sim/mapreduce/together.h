/* SPDX-License-Identifier: ISC
 *
 * Many sorted parts as one sorted sequence, whatever their number, in bounded memory.
 */
#ifndef SIM_MAPREDUCE_TOGETHER_H
#define SIM_MAPREDUCE_TOGETHER_H

#include "sim/mapreduce/merge.h"
#include "sim/mapreduce/totals.h"

/* Partitions numbered from here on are spilled runs: of one attempt, and of no use to others. */
#define PART_SPILLS 1000000
/* Likewise what a map hands to its own combiner. */
#define PART_COMBINES 2000000

/* Whose the spilled runs are, how entries with one key are combined, and on whose behalf. */
struct together_task {
	struct work *work;
	uint32_t task, maker;
	uint32_t number; /* of the next spilled run, from PART_SPILLS on */
	bool adds;       /* equal keys become one entry, by totals.h */
	size_t sums;
};

/* Parts that are open, merged. */
struct together {
	const struct together_task *task;
	struct part_mark mark[MERGE_WAYS];
	const char *bytes[MERGE_WAYS];
	uint32_t count;
	uint64_t entries; /* that were passed */
	struct merge merge;
	struct totals totals;
	char value[sizeof(struct totals)];
	bool stale; /* the entry at the top was given out, and is to be passed */
};

/* Opens up to MERGE_WAYS parts, each held against its mark.  0; -EUCLEAN: one is lost or damaged;
 * -errno. */
int together_open(struct together **together, const struct together_task *task,
                  const struct part_mark *mark, uint32_t count);
void together_close(struct together *together);
/* The next entry, combined with those of the same key if they are to be.  1, 0 at the end, or
 * -errno; beats now and then. */
int together_next(struct together *together, struct entry *entry);
/* Writes all that is left.  0 or -errno. */
int together_write(struct together *together, struct part *part);

/* Merges parts by MERGE_WAYS until there are no more than that: mark[] and *count are then those of
 * spilled runs.  What was spilled before and is merged now is removed.  0 or -errno. */
int together_narrow(struct together_task *task, struct part_mark *mark, uint32_t *count);

/* Removes those of the parts that are spilled runs. */
void together_remove_spilled(const struct together_task *task, const struct part_mark *mark,
                             uint32_t count);

#endif

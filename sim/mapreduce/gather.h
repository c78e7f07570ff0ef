/* SPDX-License-Identifier: ISC
 *
 * Gathering what a task makes, in any order, in bounded memory: when there is too much of it, it is
 * sorted and spilled into parts, and in the end all of them are merged into one part for each
 * partition.
 */
#ifndef SIM_MAPREDUCE_GATHER_H
#define SIM_MAPREDUCE_GATHER_H

#include "sim/job/partial.h"
#include "sim/mapreduce/merge.h"

#define GATHER_PARTITIONS_MAX 64

struct gather_pair {
	size_t at; /* of its key, and the value behind it, in pairs.bytes */
	uint32_t key_length, value_length;
};

struct gather {
	struct work *work;
	uint32_t task, maker;       /* whose parts, and who makes them */
	uint32_t first, partitions; /* their numbers begin there: 0 unless it is said */
	size_t room;                /* of memory, for what is not spilled */
	/* What adds up is combined at once, key by key. */
	bool adds;
	struct partial table;
	/* All else is kept pair by pair. */
	struct {
		char *bytes;
		size_t used, room;
		struct gather_pair *pair;
		size_t count, pair_room;
	} pairs;
	struct part *part[GATHER_PARTITIONS_MAX]; /* of the run that is written */
	struct part_mark *spill;                  /* of each run, as many as there are partitions */
	uint32_t spills, spills_room;             /* runs */
	uint32_t number;                          /* of the next spilled part */
};

/* adds: with so many sums.  0 or -ENOMEM; gather_fini() is due in either case. */
int gather_init(struct gather *gather, bool adds, size_t sums);
void gather_fini(struct gather *gather);

/* Begins with nothing. */
void gather_begin(struct gather *gather, struct work *work, uint32_t task, uint32_t maker,
                  uint32_t partitions, size_t room);
/* The same again, after gather_drop(). */
void gather_again(struct gather *gather);
/* Adds a pair.  0 or -errno. */
int gather_pair(struct gather *gather, const char *key, size_t key_length, const char *value,
                size_t value_length);
/* Spills if there is too much: to be called by who has added a key to the table, which may be empty
 * then.  0 or -errno. */
int gather_check(struct gather *gather);
/* Writes the parts, each in the order of its keys.  0 with mark[partitions], or -errno. */
int gather_end(struct gather *gather, struct part_mark *mark);
/* Removes what was written, if it was not ended. */
void gather_drop(struct gather *gather);

#endif

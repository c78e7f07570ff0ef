/* SPDX-License-Identifier: ISC
 *
 * Merging sorted sequences of entries: the memory it needs is an entry's address for each of them.
 */
#ifndef SIM_MAPREDUCE_MERGE_H
#define SIM_MAPREDUCE_MERGE_H

#include "sim/mapreduce/entry.h"

#define MERGE_WAYS 256 /* sequences that are merged at once; more of them take another pass */

struct merge_way {
	const char *at, *end;
	struct entry entry; /* its next */
};

struct merge {
	struct merge_way way[MERGE_WAYS];
	uint32_t heap[MERGE_WAYS]; /* of the ways that are not over, the least key first */
	uint32_t count, ways;
};

void merge_init(struct merge *merge);
/* One more sequence; of equal keys those of the sequence added first come first.  0 or -EBADMSG. */
int merge_add(struct merge *merge, const char *bytes, size_t length);
/* The next entry, or NULL: there is none; valid as long as its bytes. */
const struct entry *merge_top(const struct merge *merge);
/* Goes on behind it.  0 or -EBADMSG. */
int merge_next(struct merge *merge);

#endif

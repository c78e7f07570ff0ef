/* SPDX-License-Identifier: ISC
 *
 * The files of the work folders as anybody sees them, and how two such sets differ.
 */
#ifndef SIM_TORTURE_LISTING_H
#define SIM_TORTURE_LISTING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/torture/arena.h"
#include "sim/torture/world.h"

struct listed {
	const char *path;
	mode_t mode;
	int64_t size;
	uint64_t sum;      /* of its bytes, or of what a link says */
	const char *bytes; /* of small files; NULL: not kept */
	bool is_loose;     /* differs from one clean run to the next, and is not compared */
};

struct listing {
	struct listed *item; /* by path */
	uint32_t count, room;
};

/* Reads all work folders, from inside of the world.  NULL when there is no room. */
struct listing *listing_read(const struct world *world, struct arena *arena);
struct listed *listing_find(const struct listing *listing, const char *path);
bool listed_equal(const struct listed *one, const struct listed *other);

#define DIFFERENCE_SIZE 256

struct difference {
	uint32_t wrong;               /* files that differ or are missing */
	uint32_t extra;               /* that should not be there */
	char what[DIFFERENCE_SIZE];   /* about the first that is wrong */
	char litter[DIFFERENCE_SIZE]; /* the first extra ones */
};

/* Holds what is there now against what there should be; what is loose is left out.  With `same`
 * (ends with NULL) only these paths count. */
void listing_compare(const struct world *world, const struct listing *wanted,
                     const struct listing *now, const char *const *same,
                     struct difference *difference);

#endif

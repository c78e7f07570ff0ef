/* SPDX-License-Identifier: ISC
 *
 * Which of its versions each thing has in a state: as a kill leaves it, the newest of all of them
 * at one moment; as a loss of power may, of each another one (power.h).
 */
#ifndef SIM_TORTURE_VIEW_H
#define SIM_TORTURE_VIEW_H

#include "sim/torture/versions.h"

struct view {
	/* Whose name it is; NULL: nobody's. */
	const struct node *(*node)(const struct view *view, const struct entry *entry);
	/* What it has besides its bytes, its length with that; false: it is not there. */
	bool (*meta)(const struct view *view, const struct node *node, struct meta *meta);
	/* A page's block, of which *length bytes count and the rest is zero; NULL: all of it is. */
	const struct block *(*block)(const struct view *view, const struct node *node,
	                             uint32_t index, uint32_t *length);
};

/* The newest that is not newer than a version; NULL: it was not there yet. */
const struct meta *version_meta(const struct node *node, uint32_t version);
const struct block *version_block(const struct node *node, uint32_t index, uint32_t version);

/* All that was there at a version, with what of a write is torn. */
struct moment {
	struct view view;
	uint32_t version;
	const struct tear *tear; /* NULL: nothing is */
};

void moment_init(struct moment *moment, uint32_t version, const struct tear *tear);

/* The sum of all files in it, as struct versions has it of those that are there now. */
uint64_t view_sum(const struct versions *versions, const struct view *view);

/* Makes the files of a view, as versions_restore does those of a version. */
int view_restore(const struct versions *versions, const struct view *view, const int *fd);

#endif

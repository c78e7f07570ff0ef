/* SPDX-License-Identifier: ISC
 *
 * The views of somebody who forks a virtual run, and forks that again: one upon the other, with the
 * run that he began with at the bottom.
 */
#ifndef TUI_VIEW_BRANCHES_H
#define TUI_VIEW_BRANCHES_H

#include "tui/view/viewer.h"

#define BRANCHES_MAX 16

struct branches {
	const struct viewer *viewer;
	struct view *view[BRANCHES_MAX]; /* [0] is the caller's, the others are ours */
	size_t count;
};

void branches_init(struct branches *branches, const struct viewer *viewer, struct view *view);
void branches_fini(struct branches *branches);

/* The one that is looked at. */
struct view *branches_top(const struct branches *branches);

/* Makes the branch that is asked for, or leaves the one that is to be left; false: neither was
 * asked, and there is nothing to go on with. */
bool branches_move(struct branches *branches);

#endif

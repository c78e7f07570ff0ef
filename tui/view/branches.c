/* SPDX-License-Identifier: ISC
 *
 * Going into branches and back.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/view/branches.h"

void
branches_init(struct branches *branches, const struct viewer *viewer, struct view *view)
{
	*branches = (struct branches){.viewer = viewer, .view = {view}, .count = 1};
	view->may_fork = viewer->fork != NULL;
}

struct view *
branches_top(const struct branches *branches)
{
	return branches->view[branches->count - 1];
}

static void
leave(struct branches *branches)
{
	struct view *view = branches_top(branches);
	int rows = view->rows, columns = view->columns;

	branches->count--;
	view_fini(view);
	free(view);
	branches->viewer->leave(branches->viewer->context);
	view_resize(branches_top(branches), rows, columns);
	branches_top(branches)->redraw = true;
}

void
branches_fini(struct branches *branches)
{
	while (branches->count > 1)
		leave(branches);
}

/* A view on the branch, at the moment at which it branches off. */
static void
enter(struct branches *branches, struct view *parent, struct history *history)
{
	struct view *view = malloc(sizeof(*view));

	if (view != NULL && view_init_branch(view, parent, history) == 0) {
		branches->view[branches->count++] = view;
		return;
	}
	free(view);
	branches->viewer->leave(branches->viewer->context);
	strlcpy(parent->message, "no memory for a branch", sizeof(parent->message));
}

static void
branch_off(struct branches *branches)
{
	const struct viewer *viewer = branches->viewer;
	struct view *view = branches_top(branches);
	struct history *history = NULL;

	if (branches->count == BRANCHES_MAX)
		strlcpy(view->message, "that is deep enough: b goes back", sizeof(view->message));
	else
		history = viewer->fork(viewer->context, view->now_ns, view->fork, view->message,
		                       sizeof(view->message));
	view->fork[0] = '\0';
	if (history != NULL)
		enter(branches, view, history);
}

bool
branches_move(struct branches *branches)
{
	struct view *view = branches_top(branches);

	if (view->quit)
		return false;
	if (view->fork[0] != '\0')
		branch_off(branches);
	else if (view->leave && branches->count > 1)
		leave(branches);
	else
		return false;
	return true;
}

/* SPDX-License-Identifier: ISC
 *
 * Searching: "17" or "#17" is a task, "w2" a worker, anything else a word in the text of an event.
 */
#ifndef TUI_VIEW_FIND_H
#define TUI_VIEW_FIND_H

#include "tui/view/view.h"

/* Searches for view->find; forward: towards later events.  Says in view->message what came of it.
 */
void find_go(struct view *view, bool forward);

#endif

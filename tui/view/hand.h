/* SPDX-License-Identifier: ISC
 *
 * Faults by hand on what is selected: what exactly would be done is asked first.
 */
#ifndef TUI_VIEW_HAND_H
#define TUI_VIEW_HAND_H

#include "tui/view/keys.h"
#include "tui/view/view.h"

/* DO_KILL to DO_CORRUPT: asks whether to do that, or says why it cannot be.  DO_SCRIPT,
 * DO_SCRIPT_STEP hold the fault script, let it go on, or let one fault begin: nothing is asked. */
void hand_key(struct view *view, enum command_key command);
/* The answer to what was asked: only y does it. */
void hand_answer(struct view *view, uint32_t key);

#endif

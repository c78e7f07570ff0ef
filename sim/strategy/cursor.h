/* SPDX-License-Identifier: ISC
 *
 * A task's cursor: the mark that says which record is next and where it begins.  It goes only
 * forward, in the transaction of what was done, and only from where the attempt has found it.
 */
#ifndef SIM_STRATEGY_CURSOR_H
#define SIM_STRATEGY_CURSOR_H

#include "sim/strategy/strategy.h"

/* recover(): the attempt goes on where the cursor is, if there is one.  0 or -errno. */
int cursor_recover(struct attempt *attempt);
/* Ends the transaction in which the batch was written (error: how far that went well), with the
 * cursor moved behind it.  0, -ESTALE when the cursor is not where it was, or -errno. */
int cursor_end(struct attempt *attempt, const struct batch *batch, int error);
/* Where the cursor of a task is: its first record if there is none.  0 or -errno. */
int cursor_find(const struct strategy_task *task, uint64_t *next);

#endif

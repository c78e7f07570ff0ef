/* SPDX-License-Identifier: ISC
 *
 * Whatever becomes of the process that has taken a terminal over, the terminal is usable
 * afterwards: the work is done in a child, and the parent waits for it and puts right what it has
 * left.
 */
#ifndef SIM_SCREEN_GUARD_H
#define SIM_SCREEN_GUARD_H

/* Calls work(context) in a child and returns its exit code, 128 + signal if it was killed.  SIGINT,
 * SIGTERM and SIGHUP to this process end the child with SIGTERM; so does this process's death.
 * Call it before any store is opened.  -errno if there could be no child. */
int guard_run(int (*work)(void *context), void *context);

#endif

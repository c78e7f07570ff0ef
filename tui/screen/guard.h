/* SPDX-License-Identifier: ISC
 *
 * Whatever becomes of the process that has taken a terminal over, the terminal is usable
 * afterwards: the screen is a child's, and its parent waits for it and puts right what it has left.
 *
 * SIGTERM and SIGHUP to the parent, and SIGINT that does not come from the terminal, are handed on;
 * the parent's own death ends its children.  Called before any store is opened.
 */
#ifndef TUI_SCREEN_GUARD_H
#define TUI_SCREEN_GUARD_H

/* Calls screen(context) in a child.  Its exit code, 128 + signal if it was killed; -errno if there
 * could be no child. */
int guard_run(int (*screen)(void *context), void *context);

/* Calls work(work_context, screen_fd) in a second child at the same time, and ends the screen when
 * it is over.  The screen may end before: then screen_fd, a pidfd, is readable.  The work's exit
 * code, as above. */
int guard_run_beside(int (*screen)(void *context), void *context,
                     int (*work)(void *context, int screen_fd), void *work_context);

#endif

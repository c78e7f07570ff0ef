/* SPDX-License-Identifier: ISC
 *
 * What the terminal of standard output can do, and sending it single commands, without ncurses'
 * screens.
 */
#ifndef TUI_SCREEN_TERMINFO_H
#define TUI_SCREEN_TERMINFO_H

#include <stdbool.h>

/* Can full screens be shown: are standard input and output a terminal that TERM describes well
 * enough? */
bool terminfo_is_able(void);

/* What somebody who had taken the terminal over would have sent to give it back. */
void terminfo_leave(void);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Showing grids on the terminal of this process, and its keys.  One terminal at a time; ncurses
 * keeps it in variables of its own.
 */
#ifndef TUI_SCREEN_TERMINAL_H
#define TUI_SCREEN_TERMINAL_H

#include "tui/screen/grid.h"

/* Keys that are no character. */
enum terminal_key {
	TERMINAL_NOTHING = 0, /* nothing came in time */
	TERMINAL_UP = 0x110000,
	TERMINAL_DOWN,
	TERMINAL_LEFT,
	TERMINAL_RIGHT,
	TERMINAL_HOME,
	TERMINAL_END,
	TERMINAL_PAGE_UP,
	TERMINAL_PAGE_DOWN,
	TERMINAL_F1,
	TERMINAL_BACK_TAB,
	TERMINAL_RESIZED,
	TERMINAL_GONE /* it does not answer any more */
};
#define TERMINAL_TAB '\t'
#define TERMINAL_ENTER '\n'
#define TERMINAL_ESCAPE 27
#define TERMINAL_ERASE 127
#define TERMINAL_REDRAW 12 /* ^L */

/* Does the person's locale write UTF-8?  Sets the process's LC_CTYPE from the environment. */
bool terminal_locale_is_utf8(void);

/* Takes the terminal over.  color: as far as it has some, and NO_COLOR does not forbid it.  0, or
 * -ENOTTY. */
int terminal_open(bool color);
/* Gives it back as it was. */
void terminal_close(void);

void terminal_size(int *rows, int *columns);
void terminal_color(bool on);
/* Shows it; sends what differs from what is there. */
void terminal_show(const struct grid *grid);
/* Sends everything again, at the next terminal_show. */
void terminal_redraw(void);
/* Waits for a key: a character, a control as above or an enum terminal_key.  A signal ends the wait
 * early. */
uint32_t terminal_key(int timeout_ms);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Grids on a terminal, with ncursesw: it knows what differs from what the terminal shows.
 */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tui/screen/terminal.h"

#define ESCAPE_WAIT_MS 25 /* until a lone Escape is one */

static struct {
	SCREEN *screen;
	struct grid shown; /* what was sent last */
	bool has_color, color;
} terminal;

bool
terminal_locale_is_utf8(void)
{
	return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* The terminal's own colours stand for plain; blue is too dark on many of them. */
static void
set_up_colors(void)
{
	const char *no_color = getenv("NO_COLOR");
	static const short colors[ROLES] = {
	    [ROLE_PLAIN] = -1,          [ROLE_GOOD] = COLOR_GREEN, [ROLE_BUSY] = COLOR_CYAN,
	    [ROLE_WARN] = COLOR_YELLOW, [ROLE_BAD] = COLOR_RED,    [ROLE_FAULT] = COLOR_MAGENTA};

	terminal.has_color = (no_color == NULL || no_color[0] == '\0') && has_colors() &&
	                     start_color() == OK && use_default_colors() == OK;
	for (short role = 1; terminal.has_color && role < ROLES; role++)
		init_pair(role, colors[role], -1);
}

int
terminal_open(bool color)
{
	terminal.screen = newterm(NULL, stdout, stdin);
	if (terminal.screen == NULL)
		return -ENOTTY;
	set_term(terminal.screen);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_WAIT_MS);
	curs_set(0);
	set_up_colors();
	terminal.color = color && terminal.has_color;
	return 0;
}

void
terminal_close(void)
{
	if (terminal.screen == NULL)
		return;
	/* Where there is no other screen to go back to, the shell goes on in this line. */
	move(LINES - 1, 0);
	clrtoeol();
	refresh();
	endwin();
	delscreen(terminal.screen);
	terminal.screen = NULL;
	grid_fini(&terminal.shown);
}

void
terminal_size(int *rows, int *columns)
{
	*rows = LINES;
	*columns = COLS;
}

void
terminal_color(bool on)
{
	terminal.color = on && terminal.has_color;
	terminal_redraw();
}

static void
put_cell(int row, int column, struct cell cell)
{
	attr_t attributes = ((cell.look & GRID_BOLD) != 0 ? WA_BOLD : 0) |
	                    ((cell.look & GRID_DIM) != 0 ? WA_DIM : 0) |
	                    ((cell.look & GRID_REVERSE) != 0 ? WA_REVERSE : 0);
	wchar_t text[2] = {(wchar_t)cell.rune, L'\0'};
	cchar_t wide;

	setcchar(&wide, text, attributes, terminal.color ? (short)(cell.look & GRID_ROLE) : 0,
	         NULL);
	mvadd_wch(row, column, &wide);
}

static bool
is_shown(int row, int column, struct cell cell)
{
	struct cell there = grid_cell(&terminal.shown, row, column);

	return there.rune == cell.rune && there.look == cell.look;
}

void
terminal_show(const struct grid *grid)
{
	bool fits = terminal.shown.rows == grid->rows && terminal.shown.columns == grid->columns;

	if (!fits) {
		grid_fini(&terminal.shown);
		if (grid_init(&terminal.shown, grid->rows, grid->columns, grid->ascii) != 0)
			return;
		erase();
	}
	for (int row = 0; row < grid->rows; row++)
		for (int column = 0; column < grid->columns; column++) {
			struct cell cell = grid_cell(grid, row, column);
			if (cell.rune != 0 && !is_shown(row, column, cell))
				put_cell(row, column, cell);
		}
	memcpy(terminal.shown.cell, grid->cell,
	       sizeof(struct cell) * (size_t)grid->rows * (size_t)grid->columns);
	refresh();
}

void
terminal_redraw(void)
{
	grid_fini(&terminal.shown);
	clearok(stdscr, TRUE);
}

static uint32_t
key_of(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return TERMINAL_UP;
	case KEY_DOWN:
		return TERMINAL_DOWN;
	case KEY_LEFT:
		return TERMINAL_LEFT;
	case KEY_RIGHT:
		return TERMINAL_RIGHT;
	case KEY_HOME:
		return TERMINAL_HOME;
	case KEY_END:
		return TERMINAL_END;
	case KEY_PPAGE:
		return TERMINAL_PAGE_UP;
	case KEY_NPAGE:
		return TERMINAL_PAGE_DOWN;
	case KEY_F(1):
		return TERMINAL_F1;
	case KEY_BTAB:
		return TERMINAL_BACK_TAB;
	case KEY_ENTER:
		return TERMINAL_ENTER;
	case KEY_BACKSPACE:
		return TERMINAL_ERASE;
	case KEY_RESIZE:
		return TERMINAL_RESIZED;
	default:
		return TERMINAL_NOTHING;
	}
}

uint32_t
terminal_key(int timeout_ms)
{
	wint_t key;
	int kind;

	errno = 0;
	timeout(timeout_ms);
	kind = get_wch(&key);
	if (kind == KEY_CODE_YES)
		return key_of(key);
	if (kind == ERR)
		return errno == EIO || errno == ENXIO ? TERMINAL_GONE : TERMINAL_NOTHING;
	switch (key) {
	case '\r':
		return TERMINAL_ENTER;
	case '\b':
		return TERMINAL_ERASE;
	default:
		return (uint32_t)key;
	}
}

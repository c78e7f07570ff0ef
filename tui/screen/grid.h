/* SPDX-License-Identifier: ISC
 *
 * A screen as a grid of cells, each one character with its looks.  It knows neither runs nor
 * terminals: it is drawn into, and then printed as text, as SVG, or shown (terminal.h).
 */
#ifndef TUI_SCREEN_GRID_H
#define TUI_SCREEN_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What something means; the colour for it is the terminal's, or the SVG's, business. */
enum grid_role {
	ROLE_PLAIN,
	ROLE_GOOD,
	ROLE_BUSY,
	ROLE_WARN,
	ROLE_BAD,
	ROLE_FAULT, /* what was done on purpose */
	ROLES
};

/* A look: a role, and any of these. */
#define GRID_BOLD 0x10u
#define GRID_DIM 0x20u
#define GRID_REVERSE 0x40u
#define GRID_ROLE 0x0fu

struct cell {
	uint32_t rune; /* 0: the right half of the wide character before it */
	uint32_t look;
};

#define GRID_ROWS_MAX 200
#define GRID_COLUMNS_MAX 500

struct grid {
	int rows, columns;
	bool ascii; /* nothing else is put into it */
	struct cell *cell;
};

/* An empty grid of that size, brought within 1x1 and the maximum.  0 or -ENOMEM; grid_fini frees
 * it. */
int grid_init(struct grid *grid, int rows, int columns, bool ascii);
void grid_fini(struct grid *grid);
void grid_clear(struct grid *grid);

/* Outside of the grid nothing is drawn, and nothing is wrong with trying. */

/* Puts UTF-8 text, at most `width` columns of it; a character that does not fit in whole is left
 * out, one that cannot be shown is a question mark.  Returns how many columns it took. */
int grid_put(struct grid *grid, int row, int column, int width, uint32_t look, const char *text);
/* The same with a format, up to the right edge. */
int grid_print(struct grid *grid, int row, int column, uint32_t look, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* `width` times the same character of one column. */
void grid_fill(struct grid *grid, int row, int column, int width, uint32_t look, uint32_t rune);
/* Changes the looks of what stands there. */
void grid_mark(struct grid *grid, int row, int column, int width, uint32_t look);
/* How many columns the text takes. */
int grid_width(const char *text);

/* The cell there; a blank outside. */
struct cell grid_cell(const struct grid *grid, int row, int column);

/* A line for each row, without blanks at its end. */
void grid_print_text(const struct grid *grid, FILE *out);

/* One SVG picture, light or dark as its reader has it, with `title` as its name. */
void grid_print_svg(const struct grid *grid, const char *title, FILE *out);

#endif

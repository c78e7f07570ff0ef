/* SPDX-License-Identifier: ISC
 *
 * Drawing into the grid, and printing it as text.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tui/screen/grid.h"
#include "tui/screen/rune.h"

#define PRINT_MAX 1024

static int
within(int value, int most)
{
	return value < 1 ? 1 : value > most ? most : value;
}

int
grid_init(struct grid *grid, int rows, int columns, bool ascii)
{
	grid->rows = within(rows, GRID_ROWS_MAX);
	grid->columns = within(columns, GRID_COLUMNS_MAX);
	grid->ascii = ascii;
	grid->cell = calloc((size_t)grid->rows * (size_t)grid->columns, sizeof(grid->cell[0]));
	if (grid->cell == NULL)
		return -ENOMEM;
	grid_clear(grid);
	return 0;
}

void
grid_fini(struct grid *grid)
{
	free(grid->cell);
	grid->cell = NULL;
	grid->rows = grid->columns = 0;
}

void
grid_clear(struct grid *grid)
{
	for (int i = 0; i < grid->rows * grid->columns; i++)
		grid->cell[i] = (struct cell){.rune = ' '};
}

static bool
is_inside(const struct grid *grid, int row, int column)
{
	return row >= 0 && row < grid->rows && column >= 0 && column < grid->columns;
}

static void
put_rune(struct grid *grid, int row, int column, uint32_t look, uint32_t rune)
{
	struct cell *cell = &grid->cell[row * grid->columns + column];

	/* Half of a wide character is none. */
	if (rune != 0 && cell->rune == 0 && column > 0)
		cell[-1].rune = ' ';
	if (column + 1 < grid->columns && cell[1].rune == 0)
		cell[1].rune = ' ';
	*cell = (struct cell){.rune = rune, .look = look};
}

/* What is shown for it and in how many columns. */
static int
shown(const struct grid *grid, uint32_t *rune)
{
	int width = rune_width(*rune);

	if (grid->ascii && *rune >= 0x7f) {
		*rune = rune_to_ascii(*rune);
		/* Where the locale knows its width, the columns behind it stay where they are. */
		return width < 0 ? 1 : width;
	}
	if (width >= 0)
		return width;
	*rune = RUNE_UNKNOWN;
	return 1;
}

int
grid_put(struct grid *grid, int row, int column, int width, uint32_t look, const char *text)
{
	uint32_t rune;
	int used = 0;

	if (width > grid->columns - column)
		width = grid->columns - column;
	while ((rune = rune_next(&text)) != 0) {
		int columns = shown(grid, &rune);
		if (used + columns > width)
			break;
		if (columns > 0 && is_inside(grid, row, column + used)) {
			put_rune(grid, row, column + used, look, rune);
			if (columns == 2)
				put_rune(grid, row, column + used + 1, look, grid->ascii ? ' ' : 0);
		}
		used += columns;
	}
	return used;
}

int
grid_print(struct grid *grid, int row, int column, uint32_t look, const char *format, ...)
{
	char text[PRINT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return grid_put(grid, row, column, grid->columns, look, text);
}

void
grid_fill(struct grid *grid, int row, int column, int width, uint32_t look, uint32_t rune)
{
	shown(grid, &rune);
	for (int i = 0; i < width; i++)
		if (is_inside(grid, row, column + i))
			put_rune(grid, row, column + i, look, rune);
}

void
grid_mark(struct grid *grid, int row, int column, int width, uint32_t look)
{
	for (int i = 0; i < width; i++)
		if (is_inside(grid, row, column + i))
			grid->cell[row * grid->columns + column + i].look = look;
}

int
grid_width(const char *text)
{
	uint32_t rune;
	int width = 0, columns;

	while ((rune = rune_next(&text)) != 0) {
		columns = rune_width(rune);
		width += columns < 0 ? 1 : columns;
	}
	return width;
}

struct cell
grid_cell(const struct grid *grid, int row, int column)
{
	if (!is_inside(grid, row, column))
		return (struct cell){.rune = ' '};
	return grid->cell[row * grid->columns + column];
}

void
grid_print_text(const struct grid *grid, FILE *out)
{
	char bytes[5];

	for (int row = 0; row < grid->rows; row++) {
		int end = grid->columns;
		while (end > 0 && grid_cell(grid, row, end - 1).rune == ' ')
			end--;
		for (int column = 0; column < end; column++) {
			struct cell cell = grid_cell(grid, row, column);
			size_t length = rune_encode(cell.rune, bytes);
			if (cell.rune != 0)
				fwrite(bytes, 1, length, out);
		}
		putc('\n', out);
	}
}

/* SPDX-License-Identifier: ISC
 *
 * A grid as SVG: for documents, so that the picture of a screen comes from the program itself. Each
 * run of cells with one look is one text of a given length, so that any monospaced font will do.
 */
#include "sim/util/markup.h"
#include "tui/screen/grid.h"
#include "tui/screen/rune.h"

#define CELL_WIDTH 8
#define CELL_HEIGHT 18
#define BASELINE 13
#define MARGIN 12

static const char style[] =
    "<style>\n"
    "  text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace;"
    " white-space: pre; fill: var(--text) }\n"
    "  svg { --back: #fff; --text: #24292f; --good: #116329; --busy: #0b5c75; --warn: #7d4e00;"
    " --bad: #b3131d; --fault: #8a2688 }\n"
    "  @media (prefers-color-scheme: dark) { svg { --back: #15191f; --text: #d7dde4;"
    " --good: #6fd083; --busy: #67c6e0; --warn: #e6b450; --bad: #ff7b72; --fault: #e58be0 } }\n"
    "  .back { fill: var(--back) } .b { font-weight: bold } .d { opacity: .62 }\n"
    "  .r1 { fill: var(--good) } .r2 { fill: var(--busy) } .r3 { fill: var(--warn) }"
    " .r4 { fill: var(--bad) } .r5 { fill: var(--fault) }\n"
    "  rect.r0 { fill: var(--text) } text.i { fill: var(--back) }\n"
    "</style>\n";

static void
put_rune(uint32_t rune, FILE *out)
{
	char bytes[5];

	rune_encode(rune, bytes);
	markup_text(out, bytes);
}

static bool
is_blank(const struct grid *grid, int row, int from, int to)
{
	for (int column = from; column < to; column++)
		if (grid_cell(grid, row, column).rune != ' ')
			return false;
	return true;
}

static void
print_run(const struct grid *grid, int row, int from, int to, FILE *out)
{
	uint32_t look = grid_cell(grid, row, from).look;
	bool reverse = (look & GRID_REVERSE) != 0;
	int x = MARGIN + from * CELL_WIDTH, y = MARGIN + row * CELL_HEIGHT,
	    width = (to - from) * CELL_WIDTH;

	if (reverse)
		fprintf(out, "<rect class=\"r%u\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
		        look & GRID_ROLE, x, y, width, CELL_HEIGHT);
	if (is_blank(grid, row, from, to))
		return;
	fprintf(out,
	        "<text class=\"%s%s%s r%u\" x=\"%d\" y=\"%d\" textLength=\"%d\" "
	        "lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">",
	        reverse ? "i" : "", (look & GRID_BOLD) != 0 ? " b" : "",
	        (look & GRID_DIM) != 0 ? " d" : "", reverse ? 0 : look & GRID_ROLE, x, y + BASELINE,
	        width);
	for (int column = from; column < to; column++) {
		uint32_t rune = grid_cell(grid, row, column).rune;
		if (rune != 0)
			put_rune(rune, out);
	}
	fputs("</text>\n", out);
}

static void
print_row(const struct grid *grid, int row, FILE *out)
{
	int from = 0;

	for (int to = 1; to <= grid->columns; to++)
		if (to == grid->columns ||
		    grid_cell(grid, row, to).look != grid_cell(grid, row, from).look) {
			print_run(grid, row, from, to, out);
			from = to;
		}
}

void
grid_print_svg(const struct grid *grid, const char *title, FILE *out)
{
	int width = grid->columns * CELL_WIDTH + 2 * MARGIN,
	    height = grid->rows * CELL_HEIGHT + 2 * MARGIN;
	uint32_t rune;

	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
	        "height=\"%d\" role=\"img\">\n<title>",
	        width, height, width, height);
	while ((rune = rune_next(&title)) != 0)
		put_rune(rune_width(rune) < 0 ? RUNE_UNKNOWN : rune, out);
	fprintf(out, "</title>\n%s<rect class=\"back\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
	        style, width, height);
	for (int row = 0; row < grid->rows; row++)
		print_row(grid, row, out);
	fputs("</svg>\n", out);
}

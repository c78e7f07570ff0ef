/* SPDX-License-Identifier: ISC
 *
 * Points on the page: a strip in which each has a place, or many share one, and their classes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/torture/page.h"
#include "sim/util/markup.h"

#define COLUMNS 100u
#define CELLS_MAX (12 * COLUMNS)
#define CELL 10u

/* From the least to the most telling: of the points that share a place it is the last one's. */
enum mark { MARK_UNKNOWN, MARK_LIKE_SAFE, MARK_SAFE, MARK_LIKE_UNSAFE, MARK_UNJUDGED, MARK_UNSAFE };

static const char *const names[] = {
    [MARK_UNKNOWN] = "unknown",         [MARK_LIKE_SAFE] = "like-safe", [MARK_SAFE] = "safe",
    [MARK_LIKE_UNSAFE] = "like-unsafe", [MARK_UNJUDGED] = "unjudged",   [MARK_UNSAFE] = "unsafe"};
static const char *const meanings[] = {
    [MARK_UNKNOWN] = "not played, and nothing stands for it",
    [MARK_LIKE_SAFE] = "not played; the last of its kind was right",
    [MARK_SAFE] = "played, and right",
    [MARK_LIKE_UNSAFE] = "not played; the last of its kind was wrong",
    [MARK_UNJUDGED] = "played, and not judged",
    [MARK_UNSAFE] = "played, and wrong"};

enum { MARKS = sizeof(names) / sizeof(names[0]) };

static enum mark
mark_of(const struct page *page, uint32_t point)
{
	const struct exploration *exploration = page->exploration;
	uint32_t played = exploration->played[point], like = exploration->like[point];
	enum judged judged;

	if (played == POINT_UNKNOWN && like == POINT_UNKNOWN)
		return MARK_UNKNOWN;
	judged = page->session->outcome[played != POINT_UNKNOWN ? played : like].judged;
	if (judged == JUDGED_UNKNOWN)
		return played != POINT_UNKNOWN ? MARK_UNJUDGED : MARK_UNKNOWN;
	if (judged >= JUDGED_FAIL)
		return played != POINT_UNKNOWN ? MARK_UNSAFE : MARK_LIKE_UNSAFE;
	return played != POINT_UNKNOWN ? MARK_SAFE : MARK_LIKE_SAFE;
}

static void
put_title(const struct page *page, uint32_t first, uint32_t last, FILE *out)
{
	const struct record *record = page->session->record;
	char text[OP_NAME_SIZE + 16];

	fprintf(out, "<title>%u of %u: before ", first + 1, page->exploration->points);
	if (first == record->ops)
		fputs("the end", out);
	else
		markup_text(out, op_text(record, &record->op[first], text, sizeof(text)));
	if (last > first)
		fprintf(out, ", and %u more", last - first);
	fputs("</title>", out);
}

static void
put_legend(FILE *out)
{
	fputs("<p class=\"legend\">", out);
	for (unsigned i = MARKS; i-- > 0;)
		fprintf(out, "<span><i class=\"key %s\"></i>%s</span>", names[i], meanings[i]);
	fputs("</p>\n", out);
}

void
page_put_points(const struct page *page, FILE *out)
{
	uint32_t points = page->exploration->points;
	uint32_t each = (points + CELLS_MAX - 1) / CELLS_MAX, cells = (points + each - 1) / each;

	fprintf(out,
	        "<section>\n<h2>Points, in the order of the run</h2>\n<svg class=\"points\" "
	        "viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"what a kill at each point "
	        "leads to\">\n",
	        COLUMNS * CELL, (cells + COLUMNS - 1) / COLUMNS * (CELL + 4));
	for (uint32_t cell = 0; cell < cells; cell++) {
		uint32_t first = cell * each, last = first + each - 1;
		enum mark worst = MARK_UNKNOWN;
		if (last >= points)
			last = points - 1;
		for (uint32_t i = first; i <= last; i++)
			if (mark_of(page, i) > worst)
				worst = mark_of(page, i);
		fprintf(out, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\">",
		        names[worst], cell % COLUMNS * CELL, cell / COLUMNS * (CELL + 4), CELL - 1,
		        CELL + 1);
		put_title(page, first, last, out);
		fputs("</rect>\n", out);
	}
	fputs("</svg>\n", out);
	put_legend(out);
	if (each > 1)
		fprintf(out,
		        "<p class=\"note\">A place is %u points; it has the worst's colour.</p>\n",
		        each);
	fputs("</section>\n", out);
}

/* --- classes */

struct tally {
	uint32_t times, played, unsafe;
};

void
page_put_classes(const struct page *page, FILE *out)
{
	const struct record *record = page->session->record;
	struct tally *tally = calloc((size_t)record->classes->used + 1, sizeof(*tally));

	if (tally == NULL)
		return;
	for (uint32_t i = 0; i < record->ops; i++) {
		struct tally *one = &tally[record->op[i].class];
		enum mark mark = mark_of(page, i);
		one->times++;
		one->played += mark == MARK_SAFE || mark == MARK_UNSAFE || mark == MARK_UNJUDGED;
		one->unsafe += mark == MARK_UNSAFE || mark == MARK_LIKE_UNSAFE;
	}
	fputs("<section>\n<h2>Classes</h2>\n<div class=\"wide\"><table>\n<tr><th>killed "
	      "before</th><th class=\"num\">times</th><th class=\"num\">played</th><th "
	      "class=\"num\">wrong, or taken for it</th></tr>\n",
	      out);
	for (uint32_t i = 0; i < record->classes->used; i++) {
		if (tally[i].times == 0)
			continue;
		markup_put(out, "<tr><td class=\"class\">", record->classes->label[i].text,
		           "</td>");
		fprintf(out,
		        "<td class=\"num\">%u</td><td class=\"num\">%u</td><td class=\"num "
		        "%s\">%u</td></tr>\n",
		        tally[i].times, tally[i].played, tally[i].unsafe > 0 ? "broken" : "",
		        tally[i].unsafe);
	}
	fputs("</table></div>\n</section>\n", out);
	free(tally);
}

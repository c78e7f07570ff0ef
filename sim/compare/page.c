/* SPDX-License-Identifier: ISC
 *
 * The comparison as a page that needs nothing else, neither network nor script.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compare/page_frame.h"
#include "sim/compare/stars.h"
#include "sim/report/axis.h"
#include "sim/util/clock.h"
#include "sim/util/markup.h"

/* What prints into a stream, as text of the page. */
struct quoting {
	char *text;
	size_t length;
	FILE *stream;
};

static FILE *
quote_begin(struct quoting *quoting)
{
	quoting->text = NULL;
	quoting->stream = open_memstream(&quoting->text, &quoting->length);
	return quoting->stream;
}

static void
quote_end(struct quoting *quoting, FILE *out)
{
	if (fclose(quoting->stream) == 0)
		markup_text(out, quoting->text);
	free(quoting->text);
}

/* --- the table */

static void
put_number(uint64_t value, FILE *out)
{
	fprintf(out, "<td class=\"num\">%" PRIu64 "</td>", value);
}

static void
put_time(int64_t ns, FILE *out)
{
	char text[24];

	fprintf(out, "<td class=\"num\">%s</td>", duration_text(ns, text));
}

static const char *
verdict_class(enum side_verdict verdict)
{
	if (verdict == SIDE_CLEAN || verdict == SIDE_CAUGHT)
		return "passed";
	return verdict == SIDE_FAILED || verdict == SIDE_MISSED ? "broken" : "open";
}

static void
put_figures(const struct side *side, FILE *out)
{
	const struct side_tally *calm = &side->calm, *hurt = &side->hurt;

	put_number(hurt->lost, out);
	put_number(hurt->effects_lost, out);
	put_number(hurt->doubled, out);
	put_number(hurt->effects_doubled, out);
	put_number(hurt->redone, out);
	put_time(side_time_ns(calm), out);
	put_time(side_time_ns(hurt), out);
	put_time(side_recovery_ns(hurt), out);
	fprintf(out, "<td class=\"num\">%.1f MB</td>", (double)side_written(calm) / 1e6);
	fprintf(out, "<td class=\"num\">%.1f MB</td>", (double)side_written(hurt) / 1e6);
	put_number(side->code.lines, out);
	put_number(side->code.statements, out);
}

static void
put_row(const struct comparison *comparison, const struct side *side, FILE *out)
{
	enum side_verdict verdict = side_verdict_of(comparison, side);
	bool naive = (strategy_flags(side->strategy) & STRATEGY_NAIVE) != 0;

	fprintf(out, "<tr%s>", naive ? " class=\"naive\"" : "");
	markup_put(out, "<td title=\"", strategy_meaning(side->strategy), "\">");
	fprintf(out, "%s</td><td><b class=\"%s\">%s</b></td>", strategy_name(side->strategy),
	        verdict_class(verdict), side_verdict_name(verdict));
	if (side->loaded)
		put_figures(side, out);
	else
		fputs("<td colspan=\"12\"></td>", out);
	fputs("</tr>\n", out);
}

static void
put_reasons(const struct comparison *comparison, FILE *out)
{
	fputs("<ul class=\"reasons\">\n", out);
	for (size_t i = 0; i < comparison->sides; i++) {
		const struct side *side = &comparison->side[i];
		struct quoting reason;
		if (side_verdict_of(comparison, side) == SIDE_CLEAN || quote_begin(&reason) == NULL)
			continue;
		markup_put(out, "<li><b>", strategy_name(side->strategy), "</b>: ");
		side_print_reason(comparison, side, reason.stream);
		quote_end(&reason, out);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void
put_table(const struct comparison *comparison, FILE *out)
{
	fputs("<section><h2>What each loses, doubles and costs</h2>\n<div class=\"wide\"><table "
	      "class=\"figures\"><thead><tr><th rowspan=\"2\">strategy</th><th "
	      "rowspan=\"2\">verdict</th><th colspan=\"2\" class=\"num\">lost</th><th "
	      "colspan=\"2\" class=\"num\">doubled</th><th class=\"num\">done "
	      "again</th><th colspan=\"2\" class=\"num\">time</th><th "
	      "class=\"num\">recovery</th><th colspan=\"2\" class=\"num\">wrote</th><th "
	      "colspan=\"2\" class=\"num\">code</th></tr>\n<tr><th class=\"num\">rows</th><th "
	      "class=\"num\">effects</th><th class=\"num\">rows</th><th "
	      "class=\"num\">effects</th><th class=\"num\">records</th><th "
	      "class=\"num\">alone</th><th class=\"num\">faults</th><th "
	      "class=\"num\"></th><th class=\"num\">alone</th><th "
	      "class=\"num\">faults</th><th class=\"num\">lines</th><th "
	      "class=\"num\">statements</th></tr></thead><tbody>\n",
	      out);
	for (size_t i = 0; i < comparison->sides; i++)
		put_row(comparison, &comparison->side[i], out);
	fprintf(out,
	        "</tbody></table></div>\n<p class=\"note\">%" PRIu64
	        " records. Most that went wrong, and medians, of %u round%s. Done again: records "
	        "worked on in attempts that were cut off, less what they had committed. Time: "
	        "of the job. "
	        "Recovery: longest from a death to leased again. Wrote: bytes that all processes "
	        "of a run handed to write(), by /proc/PID/io. Lines and statements: of the "
	        "strategy&#39;s own; what all share is not in it.</p>\n",
	        comparison->records, comparison->rounds, comparison->rounds == 1 ? "" : "s");
	put_reasons(comparison, out);
	fputs("</section>\n", out);
}

static void
put_faults(const struct comparison *comparison, FILE *out)
{
	char text[256];

	fputs("<section><h2>The faults</h2>\n<ul>\n", out);
	for (size_t i = 0; i < comparison->scenario.faults; i++) {
		fault_describe(&comparison->scenario, i, text, sizeof(text));
		markup_put(out, "<li>", text, "</li>\n");
	}
	if (comparison->scenario.faults == 0)
		fputs("<li>none</li>\n", out);
	fputs("</ul></section>\n", out);
}

/* --- stars */

static void
put_stars(unsigned count, const char *class, FILE *out)
{
	fprintf(out, "<td class=\"stars %s\" title=\"%u of %d\">", class, count, STARS_MAX);
	for (unsigned i = 0; i < STARS_MAX && count > 0; i++)
		fputs(i < count ? "\u2605" : "\u2606", out);
	fputs(count == 0 ? "-</td>" : "</td>", out);
}

static void
put_seen(const struct comparison *comparison, const struct side *side, enum star_kind kind,
         FILE *out)
{
	struct quoting figure;

	put_stars(side == NULL ? 0 : stars_measured(comparison, side, kind), "seen", out);
	fputs("<td class=\"detail\">", out);
	if (side != NULL && quote_begin(&figure) != NULL) {
		stars_print_figure(comparison, side, kind, figure.stream);
		quote_end(&figure, out);
	}
	fputs("</td>", out);
}

static void
put_approaches(const struct comparison *comparison, FILE *out)
{
	fputs("<section><h2>Stars, as said and as seen</h2>\n<div class=\"wide\"><table "
	      "class=\"figures\"><thead><tr><th>approach</th>",
	      out);
	for (unsigned kind = 0; kind < STAR_KINDS; kind++)
		fprintf(out, "<th>%s, said</th><th>seen</th><th></th>", star_kind_name(kind));
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < approach_count; i++) {
		const struct side *side = approach_side(comparison, &approaches[i]);
		markup_put(out, "<tr><td>", approaches[i].name, "</td>");
		for (unsigned kind = 0; kind < STAR_KINDS; kind++) {
			put_stars(approaches[i].stars[kind], "said", out);
			put_seen(comparison, side, kind, out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
	for (unsigned kind = 0; kind < STAR_KINDS; kind++) {
		struct quoting limits;
		if (quote_begin(&limits) == NULL)
			continue;
		stars_print_limits(kind, limits.stream);
		fputs("<p class=\"note\">", out);
		quote_end(&limits, out);
		fputs(".</p>\n", out);
	}
	fputs("</section>\n", out);
}

/* --- the grid */

static const char *
letter_class(char letter)
{
	switch (letter) {
	case '.':
		return "clean";
	case 'D':
		return "doubled";
	case 'L':
		return "lost";
	case 'B':
		return "both";
	case 'S':
		return "stuck";
	case 'X':
		return "other";
	case '?':
		return "unlanded";
	default:
		return "redone";
	}
}

static void
put_cell(const struct comparison *comparison, const struct side *side, enum point point, FILE *out)
{
	const struct cell *cell = &side->cell[point];
	char letter = cell_letter(comparison, cell);
	struct quoting words;

	if (cell->planned == 0) {
		fputs("<td></td>", out);
		return;
	}
	fprintf(out, "<td class=\"c %s\" title=\"%s killed at %s: ", letter_class(letter),
	        strategy_name(side->strategy), point_name(point));
	if (quote_begin(&words) != NULL) {
		cell_print(comparison, cell, words.stream);
		quote_end(&words, out);
	}
	fprintf(out, "\">%c</td>", letter);
}

static void
put_legend(FILE *out)
{
	static const struct {
		char letter;
		const char *meaning;
	} legend[] = {
	    {'.', "clean, nothing done again"},
	    {'1', "clean, up to so many tenths of the records done again"},
	    {'D', "doubled"},
	    {'L', "lost"},
	    {'B', "lost and doubled"},
	    {'S', "stuck"},
	    {'X', "another promise broken"},
	    {'?', "no kill landed"},
	};

	fputs("<p class=\"legend\">", out);
	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++)
		fprintf(out, "<span><b class=\"%s\">%c</b>%s</span>",
		        letter_class(legend[i].letter), legend[i].letter, legend[i].meaning);
	fputs("<span>blank: its run does not come there</span></p>\n", out);
}

static void
put_grid(const struct comparison *comparison, FILE *out)
{
	fprintf(out,
	        "<section><h2>One kill at each point</h2>\n<p class=\"note\">At up to %d of its "
	        "hits: the worst of them.</p>\n<div class=\"wide\"><table "
	        "class=\"grid\"><thead><tr><th></th>",
	        GRID_KILLS);
	for (size_t i = 0; i < comparison->sides; i++)
		markup_put(out, "<th><span>", strategy_name(comparison->side[i].strategy),
		           "</span></th>");
	fputs("</tr></thead><tbody>\n", out);
	for (unsigned point = 0; point < POINTS; point++) {
		uint32_t planned = 0;
		for (size_t i = 0; i < comparison->sides; i++)
			planned += comparison->side[i].cell[point].planned;
		if (planned == 0)
			continue;
		fputs("<tr><th class=\"point\" title=\"", out);
		markup_text(out, point_meaning(point));
		markup_put(out, "\">", point_name(point), "</th>");
		for (size_t i = 0; i < comparison->sides; i++)
			put_cell(comparison, &comparison->side[i], point, out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
	put_legend(out);
	fputs("</section>\n", out);
}

int
comparison_html(const void *document, FILE *out)
{
	const struct comparison *comparison = document;
	const struct page_frame frame = {
	    .name = comparison->scenario.name,
	    .title = "the strategies side by side",
	    .about = comparison->scenario.about,
	    .result = comparison_result(comparison),
	    .sentence = comparison_result_text(comparison),
	    .options = comparison->options,
	};

	page_frame_begin(&frame, out);
	put_table(comparison, out);
	put_faults(comparison, out);
	put_approaches(comparison, out);
	if (comparison->options->grid)
		put_grid(comparison, out);
	page_frame_end(&frame, out);
	return ferror(out) ? -EIO : 0;
}

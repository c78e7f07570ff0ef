/* SPDX-License-Identifier: ISC
 *
 * The comparison on a terminal of 80 columns.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compare/stars.h"
#include "sim/util/clock.h"
#include "sim/util/safe_text.h"
#include "sim/util/wrap.h"

#define POINT_COLUMNS 34

/* Collects a paragraph: begin, print into *stream, end. */
struct paragraph {
	char *text;
	size_t length;
	FILE *stream;
};

static FILE *
paragraph_begin(struct paragraph *paragraph)
{
	paragraph->stream = open_memstream(&paragraph->text, &paragraph->length);
	return paragraph->stream;
}

static void
paragraph_end(struct paragraph *paragraph, FILE *out)
{
	if (fclose(paragraph->stream) == 0)
		wrap_print(paragraph->text, out);
	free(paragraph->text);
}

/* At most five columns. */
static const char *
count_text(uint64_t value, char text[24])
{
	if (value < 100000)
		snprintf(text, 24, "%" PRIu64, value);
	else if (value < 1000000)
		snprintf(text, 24, "%.0fk", (double)value / 1e3);
	else
		snprintf(text, 24, "%.*fM", value < 10000000 ? 2 : 0, (double)value / 1e6);
	return text;
}

static const char *
time_text(int64_t ns, char text[24])
{
	double seconds = (double)ns / NS_PER_S;

	if (ns < NS_PER_S)
		snprintf(text, 24, "%.0fms", seconds * 1e3);
	else
		snprintf(text, 24, "%.*fs", seconds < 10 ? 2 : seconds < 100 ? 1 : 0, seconds);
	return text;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void
print_row(const struct comparison *comparison, const struct side *side, FILE *out)
{
	const struct side_tally *calm = &side->calm, *hurt = &side->hurt;
	char text[7][24];

	fprintf(out, "%-16s ", strategy_name(side->strategy));
	if (!side->loaded) {
		fprintf(out, "%54s %s\n", "", side_verdict_name(SIDE_REFUSED));
		return;
	}
	fprintf(out, "%5s %5s %5s %5s %6s %6s %5s %5.0f %4u %s\n",
	        count_text(larger(hurt->lost, hurt->effects_lost), text[0]),
	        count_text(hurt->doubled, text[1]), count_text(hurt->effects_doubled, text[2]),
	        count_text(hurt->redone, text[3]), time_text(side_time_ns(calm), text[4]),
	        time_text(side_time_ns(hurt), text[5]), time_text(side_recovery_ns(hurt), text[6]),
	        (double)side_written(hurt) / 1e6, side->code.statements,
	        side_verdict_name(side_verdict_of(comparison, side)));
}

static void
print_table(const struct comparison *comparison, FILE *out)
{
	fputs("                              doubled     done  time   with reco- wrote\n"
	      "strategy          lost  rows effec again  alone faults  very    MB code\n",
	      out);
	for (size_t i = 0; i < comparison->sides; i++)
		print_row(comparison, &comparison->side[i], out);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->sides; i++) {
		const struct side *side = &comparison->side[i];
		struct paragraph paragraph;
		if (side_verdict_of(comparison, side) == SIDE_CLEAN ||
		    paragraph_begin(&paragraph) == NULL)
			continue;
		fprintf(paragraph.stream, "%s: ", strategy_name(side->strategy));
		side_print_reason(comparison, side, paragraph.stream);
		paragraph_end(&paragraph, out);
	}
}

static void
print_explanation(const struct comparison *comparison, FILE *out)
{
	char text[600];

	snprintf(text, sizeof(text),
	         "Most that went wrong, and medians, of %u round%s. Done again: records worked on "
	         "in attempts that were cut off, less what they had committed. Time: of the "
	         "job. Recovery: "
	         "longest from a death to leased again. Wrote: bytes that all processes of the "
	         "run with faults handed to write() (/proc/PID/io). Code: the strategy's "
	         "own statements; what all share is not in it.",
	         comparison->rounds, comparison->rounds == 1 ? "" : "s");
	fputc('\n', out);
	wrap_print(text, out);
}

/* --- stars */

static void
print_stars(unsigned given, unsigned measured, bool last, FILE *out)
{
	static const char stars[] = "*****";

	fprintf(out, " %-5.*s %-*.*s", (int)given, stars, last ? 0 : 6,
	        measured > 0 ? (int)measured : 1, measured > 0 ? stars : "-");
}

static void
print_disagreement(const struct comparison *comparison, const struct approach *approach,
                   const struct side *side, enum star_kind kind, FILE *out)
{
	unsigned measured = stars_measured(comparison, side, kind);
	struct paragraph paragraph;

	if (measured == 0 || measured == approach->stars[kind] ||
	    paragraph_begin(&paragraph) == NULL)
		return;
	fprintf(paragraph.stream, "%s, %s: said %u, seen %u: ", approach->name,
	        star_kind_name(kind), approach->stars[kind], measured);
	stars_print_figure(comparison, side, kind, paragraph.stream);
	if (kind == STARS_RECOVERY)
		fprintf(paragraph.stream, "; it keeps %s", strategy_meaning(side->strategy));
	paragraph_end(&paragraph, out);
}

static void
print_approaches(const struct comparison *comparison, FILE *out)
{
	fputs("\nStars: as the usual comparison has them (said) and as measured here (seen)\n"
	      "                 recovery     performance  complexity\n"
	      "                 said  seen   said  seen   said  seen\n",
	      out);
	for (size_t i = 0; i < approach_count; i++) {
		const struct side *side = approach_side(comparison, &approaches[i]);
		fprintf(out, "%-16s", approaches[i].name);
		for (unsigned kind = 0; kind < STAR_KINDS; kind++)
			print_stars(approaches[i].stars[kind],
			            side == NULL ? 0 : stars_measured(comparison, side, kind),
			            kind + 1 == STAR_KINDS, out);
		fputc('\n', out);
	}
	for (unsigned kind = 0; kind < STAR_KINDS; kind++) {
		struct paragraph paragraph;
		if (paragraph_begin(&paragraph) == NULL)
			continue;
		stars_print_limits(kind, paragraph.stream);
		paragraph_end(&paragraph, out);
	}
	fputs("Where the two differ:\n", out);
	for (size_t i = 0; i < approach_count; i++) {
		const struct side *side = approach_side(comparison, &approaches[i]);
		for (unsigned kind = 0; side != NULL && kind < STAR_KINDS; kind++)
			print_disagreement(comparison, &approaches[i], side, kind, out);
	}
}

/* --- the grid */

static bool
is_reached(const struct comparison *comparison, enum point point)
{
	for (size_t i = 0; i < comparison->sides; i++)
		if (comparison->side[i].cell[point].planned > 0)
			return true;
	return false;
}

static void
print_grid(const struct comparison *comparison, FILE *out)
{
	fprintf(out, "\nOne kill at each point, at up to %d of its hits: the worst of them\n%*s",
	        GRID_KILLS, POINT_COLUMNS, "");
	for (size_t i = 0; i < comparison->sides; i++)
		fprintf(out, "%3zu", i + 1);
	fputc('\n', out);
	for (unsigned point = 0; point < POINTS; point++) {
		if (!is_reached(comparison, point))
			continue;
		fprintf(out, "%-*s", POINT_COLUMNS, point_name(point));
		for (size_t i = 0; i < comparison->sides; i++)
			fprintf(out, "  %c",
			        cell_letter(comparison, &comparison->side[i].cell[point]));
		fputc('\n', out);
	}
	for (size_t i = 0; i < comparison->sides; i++)
		fprintf(out, "%2zu %-*s%s", i + 1,
		        i % 4 == 3 || i + 1 == comparison->sides ? 0 : 17,
		        strategy_name(comparison->side[i].strategy),
		        i % 4 == 3 || i + 1 == comparison->sides ? "\n" : "");
	wrap_print(". clean, nothing done again; 1 to 9 clean, up to so many tenths of the "
	           "records done again; L lost, D doubled, B both, S stuck, X another "
	           "promise broken, ? no kill landed; blank: its run does not come there",
	           out);
}

static void
print_head(const struct comparison *comparison, FILE *out)
{
	const struct scenario *scenario = &comparison->scenario;
	char text[256], safe[4 * sizeof(text) + 1];

	fprintf(out, "%s: %" PRIu64 " records, %zu strategies, %u workers\n", scenario->name,
	        comparison->records, comparison->sides, scenario->core.workers);
	for (size_t i = 0; i < scenario->faults; i++) {
		fault_describe(scenario, i, text, sizeof(text));
		fprintf(out, "  %s\n", safe_text(safe, sizeof(safe), text, strlen(text)));
	}
	fputc('\n', out);
}

int
comparison_print(const void *document, FILE *out)
{
	const struct comparison *comparison = document;

	print_head(comparison, out);
	print_table(comparison, out);
	print_explanation(comparison, out);
	print_approaches(comparison, out);
	if (comparison->options->grid)
		print_grid(comparison, out);
	fprintf(out, "\n%s: %s (%.0f s)\n", comparison_result(comparison),
	        comparison_result_text(comparison), (double)comparison->took_ns / NS_PER_S);
	return ferror(out) ? -EIO : 0;
}

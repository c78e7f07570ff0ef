/* SPDX-License-Identifier: ISC
 *
 * What the page tells over time: how the records got done, and what happened that is worth a line.
 */
#include "sim/history/why.h"
#include "sim/report/report.h"
#include "sim/util/markup.h"

#define SAMPLES 400
#define EVENTS_MAX 300
#define HEIGHT 120.0

/* The place of a share of the records, from the bottom. */
static double
height_of(const struct books *books, uint64_t records)
{
	return books->in > 0 ? HEIGHT * (1.0 - (double)records / (double)books->in) : HEIGHT;
}

/* Calls each() for moments over the run, evenly over the axis. */
static int
sample(const struct report *report, const struct axis *axis, FILE *out,
       void (*each)(const struct axis *axis, const struct moment *moment, int64_t ns, FILE *out))
{
	struct moment *moment = NULL;
	int error = 0;

	for (int64_t i = 0; error == 0 && i <= SAMPLES; i++) {
		int64_t ns = axis_time(axis, i, SAMPLES);
		error = history_seek(report->history, &moment, history_at(report->history, ns));
		if (error == 0)
			each(axis, moment, ns, out);
	}
	moment_free(moment);
	return error;
}

static void
put_committed(const struct axis *axis, const struct moment *moment, int64_t ns, FILE *out)
{
	struct books books = moment_books(moment);

	fprintf(out, "%.1f,%.1f ", axis_place(axis, ns), height_of(&books, books.committed));
}

static void
put_begun(const struct axis *axis, const struct moment *moment, int64_t ns, FILE *out)
{
	struct books books = moment_books(moment);

	fprintf(out, "%.1f,%.1f ", axis_place(axis, ns),
	        height_of(&books, books.committed + books.leased + books.dead));
}

int
html_progress(const struct report *report, const struct axis *axis, FILE *out)
{
	int error;

	fprintf(
	    out,
	    "<div class=\"wide\"><svg class=\"progress\" viewBox=\"0 -6 1180 %.0f\" role=\"img\" "
	    "aria-label=\"records committed over time\">\n",
	    HEIGHT + 30);
	axis_draw(axis, 0, HEIGHT, out);
	fprintf(out,
	        "<text class=\"slot\" x=\"54\" y=\"8\">all</text><text class=\"slot\" x=\"54\" "
	        "y=\"%.0f\">0</text>\n<polygon class=\"begun\" points=\"%d,%.0f ",
	        HEIGHT, AXIS_LEFT, HEIGHT);
	error = sample(report, axis, out, put_begun);
	fprintf(out, "%d,%.0f\"/>\n<polygon class=\"committed\" points=\"%d,%.0f ",
	        AXIS_LEFT + AXIS_WIDTH, HEIGHT, AXIS_LEFT, HEIGHT);
	if (error == 0)
		error = sample(report, axis, out, put_committed);
	fprintf(out,
	        "%d,%.0f\"/>\n</svg></div>\n<p class=\"legend\"><span><b class=\"key "
	        "committed\"></b>committed</span><span><b class=\"key begun\"></b>leased, or given "
	        "up</span></p>\n",
	        AXIS_LEFT + AXIS_WIDTH, HEIGHT);
	return error;
}

static void
put_event(const struct report *report, const struct moment *before, uint64_t number, FILE *out)
{
	static const char *const names[] = {
	    [WHY_ROUTINE] = "",        [WHY_NOTE] = "note",   [WHY_DOUBT] = "doubt",
	    [WHY_TROUBLE] = "trouble", [WHY_FAULT] = "fault", [WHY_HEAL] = "heal"};
	const struct logged *record = history_record(report->history, number);
	enum why_class class = why_class_of(record);
	char text[512], at[24];

	why_text(before, record, text, sizeof(text));
	fprintf(out, "<tr class=\"%s\"><td class=\"num\">%s</td><td>%s</td><td>", names[class],
	        duration_text(history_time(report->history, number), at), names[class]);
	markup_text(out, text);
	fputs("</td></tr>\n", out);
}

int
html_events(const struct report *report, FILE *out)
{
	const struct history *history = report->history;
	struct moment *moment = NULL;
	uint64_t shown = 0, more = 0;
	int error = 0;

	fputs("<table class=\"events\"><thead><tr><th class=\"num\">time</th><th></th><th>what and "
	      "why</th></tr></thead><tbody>\n",
	      out);
	for (uint64_t i = 0; error == 0 && i < history_count(history); i++) {
		if (why_class_of(history_record(history, i)) == WHY_ROUTINE)
			continue;
		if (shown == EVENTS_MAX) {
			more++;
			continue;
		}
		error = history_seek(history, &moment, i);
		if (error == 0)
			put_event(report, moment, i, out);
		shown++;
	}
	fputs("</tbody></table>\n", out);
	if (more > 0)
		fprintf(out,
		        "<p class=\"note\">And %llu more; `graveshift log` has all of them.</p>\n",
		        (unsigned long long)more);
	moment_free(moment);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * From run time to a place on the page and back.
 */
#include <math.h>

#include "sim/report/axis.h"
#include "sim/util/clock.h"

#define CUT_FROM_NS (2 * NS_PER_S) /* shorter waits are part of the picture */
#define GAP_SHARE 40               /* of the axis, for each cut */

void
axis_init(struct axis *axis, const struct history *history)
{
	int64_t last_ns = 0;

	*axis = (struct axis){.end_ns = history_end(history)};
	axis->shown_ns = axis->end_ns;
	for (uint64_t i = 0; i < history_count(history); i++) {
		int64_t ns = history_time(history, i);
		bool begins = history_record(history, i)->step.kind == NOTE_RUN_STARTED;
		if (begins && ns - last_ns > CUT_FROM_NS && axis->cuts < AXIS_CUTS_MAX) {
			axis->cut[axis->cuts++] = (struct axis_cut){last_ns, ns};
			axis->shown_ns -= ns - last_ns;
		}
		last_ns = ns;
	}
	axis->gap_ns = axis->shown_ns / GAP_SHARE;
	axis->shown_ns += (int64_t)axis->cuts * axis->gap_ns;
}

/* Run time without what was cut. */
static int64_t
shown_at(const struct axis *axis, int64_t ns)
{
	int64_t shown_ns = ns;

	for (size_t i = 0; i < axis->cuts; i++) {
		const struct axis_cut *cut = &axis->cut[i];
		if (ns >= cut->to_ns)
			shown_ns -= cut->to_ns - cut->from_ns - axis->gap_ns;
		else if (ns > cut->from_ns)
			shown_ns -= ns - cut->from_ns;
	}
	return shown_ns;
}

double
axis_place(const struct axis *axis, int64_t ns)
{
	if (axis->shown_ns <= 0)
		return AXIS_LEFT;
	return AXIS_LEFT + (double)shown_at(axis, ns) / (double)axis->shown_ns * AXIS_WIDTH;
}

int64_t
axis_time(const struct axis *axis, int64_t step, int64_t steps)
{
	int64_t ns = (int64_t)((double)axis->shown_ns * (double)step / (double)steps);

	if (step == steps)
		return axis->end_ns;
	for (size_t i = 0; i < axis->cuts; i++) {
		const struct axis_cut *cut = &axis->cut[i];
		if (ns >= cut->from_ns + axis->gap_ns)
			ns += cut->to_ns - cut->from_ns - axis->gap_ns;
		else if (ns > cut->from_ns)
			ns = cut->from_ns;
	}
	return ns;
}

const char *
duration_text(int64_t ns, char text[24])
{
	double value = (double)ns;

	if (ns < NS_PER_MS)
		snprintf(text, 24, "%.0f us", value / 1e3);
	else if (ns < 100 * NS_PER_MS)
		snprintf(text, 24, "%.1f ms", value / 1e6);
	else if (ns < NS_PER_S)
		snprintf(text, 24, "%.0f ms", value / 1e6);
	else if (ns < 600 * NS_PER_S)
		snprintf(text, 24, "%.2f s", value / 1e9);
	else
		snprintf(text, 24, "%.1f h", value / 3600e9);
	return text;
}

/* A round distance between ticks, so that there are about ten. */
static int64_t
tick_ns(int64_t shown_ns)
{
	double rough = (double)(shown_ns > 10000 ? shown_ns : 10000) / 10.0;
	double power = pow(10.0, floor(log10(rough))), times = rough / power;

	return (int64_t)((times < 1.5   ? 1.0
	                  : times < 3.5 ? 2.0
	                  : times < 7.5 ? 5.0
	                                : 10.0) *
	                 power);
}

/* Ticks of one stretch of time, the first at its beginning. */
static void
draw_ticks(const struct axis *axis, int64_t from_ns, int64_t to_ns, double top, double height,
           FILE *out)
{
	int64_t step_ns = tick_ns(axis->shown_ns);
	char text[24];

	for (int64_t ns = from_ns; ns <= to_ns; ns += step_ns) {
		double x = axis_place(axis, ns);
		fprintf(out,
		        "<line class=\"tick\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		        "<text class=\"time\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
		        x, top, x, top + height, x, top + height + 14,
		        ns == 0 ? "0" : duration_text(ns, text));
	}
}

static void
draw_cut(const struct axis *axis, const struct axis_cut *cut, double top, double height, FILE *out)
{
	double x = axis_place(axis, cut->from_ns), width = axis_place(axis, cut->to_ns) - x;
	char text[24];

	fprintf(out,
	        "<g class=\"cut\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
	        "<title>nobody was at work on the run for %s</title></g>\n",
	        x, top, width, height, duration_text(cut->to_ns - cut->from_ns, text));
}

void
axis_draw(const struct axis *axis, double top, double height, FILE *out)
{
	int64_t from_ns = 0;

	for (size_t i = 0; i < axis->cuts; i++) {
		draw_ticks(axis, from_ns, axis->cut[i].from_ns, top, height, out);
		draw_cut(axis, &axis->cut[i], top, height, out);
		from_ns = axis->cut[i].to_ns;
	}
	draw_ticks(axis, from_ns, axis->end_ns, top, height, out);
}

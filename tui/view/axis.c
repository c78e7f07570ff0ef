/* SPDX-License-Identifier: ISC
 *
 * Columns of time.
 */
#include <stdio.h>

#include "sim/util/clock.h"
#include "tui/view/axis.h"

#define FINEST_NS 1000
#define STEP_MAX 130 /* centuries */

/* Lengths of a column that people can count in, in tenths of their unit. */
static const int64_t steps[] = {10, 12, 15, 20, 25, 30, 40, 50, 60, 80};
#define STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

static int64_t
length_of(int step)
{
	int64_t unit = FINEST_NS / 10;

	for (; step >= STEPS; step -= STEPS)
		unit *= 10;
	return steps[step] * unit;
}

void
axis_make(struct axis *axis, int columns, int64_t length_ns, int64_t now_ns, int zoom)
{
	int64_t half;
	int step = 0;

	axis->columns = columns < 1 ? 1 : columns;
	while (step < STEP_MAX && length_of(step) * axis->columns <= length_ns)
		step++;
	step -= zoom;
	step = step < 0 ? 0 : step > STEP_MAX ? STEP_MAX : step;
	axis->column_ns = length_of(step);
	half = axis->column_ns * (axis->columns > 1 ? axis->columns / 2 : 1);
	axis->start_ns = 0;
	if (now_ns >= axis->column_ns * axis->columns)
		axis->start_ns = (now_ns / half - 1) * half;
}

int64_t
axis_column(const struct axis *axis, int64_t at_ns)
{
	if (at_ns < axis->start_ns)
		return -1;
	return (at_ns - axis->start_ns) / axis->column_ns;
}

int64_t
axis_begin_ns(const struct axis *axis, int column)
{
	return axis->start_ns + column * axis->column_ns;
}

const char *
time_text(int64_t ns, char *text, size_t size)
{
	double value = (double)ns;

	if (ns == 0)
		snprintf(text, size, "0");
	else if (ns < 10000)
		snprintf(text, size, "%.3g us", value / 1e3);
	else if (ns < NS_PER_S)
		snprintf(text, size, "%.3g ms", value / 1e6);
	else if (ns < 100 * NS_PER_S)
		snprintf(text, size, "%.3g s", value / 1e9);
	else
		snprintf(text, size, "%.0f s", value / 1e9);
	return text;
}

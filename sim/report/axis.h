/* SPDX-License-Identifier: ISC
 *
 * The time axis that the page's drawings share.  Long times in which nobody was at work on the run,
 * between a director's death and the next one's start, are cut short.
 */
#ifndef SIM_REPORT_AXIS_H
#define SIM_REPORT_AXIS_H

#include <stdint.h>
#include <stdio.h>

#include "sim/history/history.h"

/* In units of the drawings. */
#define AXIS_LEFT 64
#define AXIS_WIDTH 1096
#define AXIS_CUTS_MAX 16

struct axis_cut {
	int64_t from_ns, to_ns;
};

struct axis {
	struct axis_cut cut[AXIS_CUTS_MAX];
	size_t cuts;
	int64_t gap_ns;   /* what is shown of each cut, at the scale of the rest */
	int64_t shown_ns; /* length of the whole axis */
	int64_t end_ns;   /* run time at its end */
};

void axis_init(struct axis *axis, const struct history *history);

/* The place of a run time. */
double axis_place(const struct axis *axis, int64_t ns);

/* The run time at a share of the axis: step of steps. */
int64_t axis_time(const struct axis *axis, int64_t step, int64_t steps);

/* Ticks with their times, lines from top down to `height` below it, and where time was cut. */
void axis_draw(const struct axis *axis, double top, double height, FILE *out);

/* "12.3 ms", "2.50 s", "3.1 h" */
const char *duration_text(int64_t ns, char text[24]);

#endif

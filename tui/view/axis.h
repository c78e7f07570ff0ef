/* SPDX-License-Identifier: ISC
 *
 * Time from left to right: which column a moment is in.  A column's length is a round number, and
 * the picture moves by half a screen at a time, so that it stands still in between.
 */
#ifndef TUI_VIEW_AXIS_H
#define TUI_VIEW_AXIS_H

#include <stddef.h>
#include <stdint.h>

struct axis {
	int64_t start_ns, column_ns; /* since the run's start */
	int columns;
};

/* An axis on which length_ns fits, then finer by `zoom` steps, with now_ns on it. */
void axis_make(struct axis *axis, int columns, int64_t length_ns, int64_t now_ns, int zoom);
/* Below 0 or at least axis->columns: not on it. */
int64_t axis_column(const struct axis *axis, int64_t at_ns);
int64_t axis_begin_ns(const struct axis *axis, int column);

/* A length of time in a few characters: "250 ms", "2.5 s", "3 min".  Returns text. */
const char *time_text(int64_t ns, char *text, size_t size);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A text of bounded size that is written piece by piece; what does not fit is cut off.
 */
#ifndef SIM_SCENARIO_LINE_H
#define SIM_SCENARIO_LINE_H

#include <stddef.h>

struct line {
	char *text;
	size_t size, used;
};

void line_say(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

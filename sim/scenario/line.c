/* SPDX-License-Identifier: ISC
 *
 * Writes a line piece by piece.
 */
#include <stdarg.h>
#include <stdio.h>

#include "sim/scenario/line.h"

void
line_say(struct line *line, const char *format, ...)
{
	va_list arguments;
	if (line->used >= line->size)
		return;
	va_start(arguments, format);
	int length = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
	va_end(arguments);
	line->used += length > 0 ? (size_t)length : 0;
}

/* SPDX-License-Identifier: ISC
 *
 * Messages to the person at the terminal, and what a broken CHECK does.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/check.h"
#include "sim/util/fail.h"
#include "sim/util/safe_text.h"

void
complain(const char *format, ...)
{
	char line[1024], safe[4 * sizeof(line)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* One write, so that lines of several processes do not mix. */
	dprintf(STDERR_FILENO, "graveshift: %s\n",
	        safe_text(safe, sizeof(safe), line, strlen(line)));
}

void
check_failed(const char *condition, const char *file, int line)
{
	complain("internal error: %s does not hold (%s:%d); please report it", condition, file,
	         line);
	_exit(EXIT_INTERNAL);
}

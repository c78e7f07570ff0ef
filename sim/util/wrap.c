/* SPDX-License-Identifier: ISC
 *
 * Breaking lines between words.
 */
#include <stdbool.h>
#include <string.h>

#include "sim/util/wrap.h"

#define COLUMNS 80

void
wrap_print(const char *text, FILE *out)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		bool breaks = column > 0 && column + 1 + word > COLUMNS;
		if (column > 0)
			fputs(breaks ? "\n    " : " ", out);
		column = (breaks ? 4 : column + (column > 0)) + word;
		fprintf(out, "%.*s", (int)word, text);
		text += word + strspn(text + word, " ");
	}
	fputc('\n', out);
}

/* SPDX-License-Identifier: ISC
 *
 * Breaking lines between words.
 */
#include <stdbool.h>
#include <string.h>

#include "sim/learn/paragraph.h"
#include "sim/util/safe_text.h"

#define COLUMNS 80
#define WORD_MAX 512

void
paragraph_print(const char *text, size_t column, size_t indent, FILE *out)
{
	char word[4 * WORD_MAX + 1];
	bool first = true;

	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		size_t length = strcspn(text, " "), width;
		if (length > WORD_MAX)
			length = WORD_MAX;
		safe_text(word, sizeof(word), text, length);
		width = strlen(word);
		if (!first && column + 1 + width > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(out, "%s%s", first ? "" : " ", word);
		column += width + !first;
		first = false;
		text += length;
	}
	fputc('\n', out);
}

/* SPDX-License-Identifier: ISC
 *
 * Text in lines of 80 columns.
 */
#include <ctype.h>
#include <string.h>

#include "sim/explain/lines.h"

#define COLUMNS 80
#define INDENT 2
#define LABEL 12

void
lines_print(const char *label, const char *text, FILE *out)
{
	size_t indent = INDENT + (label[0] != '\0' ? LABEL : 0), column = indent;

	if (label[0] != '\0')
		fprintf(out, "%*s%-*s", INDENT, "", LABEL, label);
	else
		fprintf(out, "%*s", INDENT, "");
	text += strspn(text, " ");
	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		if (column > indent && column + 1 + word > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		column +=
		    (size_t)fprintf(out, "%s%.*s", column > indent ? " " : "", (int)word, text);
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void
lines_print_sentence(const char *label, const char *fragment, FILE *out)
{
	char sentence[1024];
	size_t length = strlen(fragment);

	snprintf(sentence, sizeof(sentence), "%s%s", fragment,
	         length > 0 && fragment[length - 1] == '.' ? "" : ".");
	if (fragment[strcspn(fragment, " :")] != ':')
		sentence[0] = (char)toupper((unsigned char)sentence[0]);
	lines_print(label, sentence, out);
}

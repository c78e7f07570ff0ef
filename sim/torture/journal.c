/* SPDX-License-Identifier: ISC
 *
 * Lines in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/torture/journal.h"

void
journal_add(struct journal *journal, enum journal_kind kind, bool ok, const char *text)
{
	struct journal_line *larger =
	    reallocarray(journal->line, journal->lines + 1, sizeof(*journal->line));
	char *copy = strdup(text);

	if (larger != NULL)
		journal->line = larger;
	if (larger == NULL || copy == NULL) {
		free(copy);
		journal->is_short = true;
		return;
	}
	journal->line[journal->lines++] = (struct journal_line){kind, ok, copy};
}

void
journal_fini(struct journal *journal)
{
	for (size_t i = 0; i < journal->lines; i++)
		free(journal->line[i].text);
	free(journal->line);
}

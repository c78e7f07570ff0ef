/* SPDX-License-Identifier: ISC
 *
 * The lines of a report, kept for a page that is written when all is said.
 */
#ifndef SIM_TORTURE_JOURNAL_H
#define SIM_TORTURE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

/* A note that begins with blanks belongs to the line before it. */
enum journal_kind { JOURNAL_TEST, JOURNAL_FINDING, JOURNAL_NOTE };

struct journal_line {
	enum journal_kind kind;
	bool ok;
	char *text;
};

struct journal {
	struct journal_line *line;
	size_t lines;
	bool is_short; /* there was no memory for some */
};

void journal_add(struct journal *journal, enum journal_kind kind, bool ok, const char *text);
void journal_fini(struct journal *journal);

#endif

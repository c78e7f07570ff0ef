/* SPDX-License-Identifier: ISC
 *
 * Text in lines of 80 columns, with a label in front of the first.
 */
#ifndef SIM_EXPLAIN_LINES_H
#define SIM_EXPLAIN_LINES_H

#include <stdio.h>

/* The label two blanks in, the text behind it, as many lines as it takes; "" is no label. */
void lines_print(const char *label, const char *text, FILE *out);
/* A fragment of a table as a sentence: it begins with a capital, unless its first word is one that
 * is being explained, and ends with a full stop. */
void lines_print_sentence(const char *label, const char *fragment, FILE *out);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Paragraphs on a terminal.
 */
#ifndef SIM_UTIL_WRAP_H
#define SIM_UTIL_WRAP_H

#include <stdio.h>

/* Words in lines of 80 columns; lines behind the first are indented. */
void wrap_print(const char *text, FILE *out);

#endif

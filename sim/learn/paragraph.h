/* SPDX-License-Identifier: ISC
 *
 * Words for people, in lines of 80 columns.
 */
#ifndef SIM_LEARN_PARAGRAPH_H
#define SIM_LEARN_PARAGRAPH_H

#include <stdio.h>

/* Prints the text and a line end; `column` characters stand in its first line already, and further
 * lines begin behind `indent` blanks.  Bytes that could steer a terminal are escaped. */
void paragraph_print(const char *text, size_t column, size_t indent, FILE *out);

#endif

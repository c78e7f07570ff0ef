/* SPDX-License-Identifier: ISC
 *
 * Text from outside on its way into XML and HTML.
 */
#ifndef SIM_UTIL_MARKUP_H
#define SIM_UTIL_MARKUP_H

#include <stdio.h>

/* Writes text so that it is nothing but text, also inside an attribute: markup is escaped, and what
 * is no printable UTF-8 (control characters, broken sequences, marks that turn the direction of
 * writing) is shown as \xNN. */
void markup_text(FILE *out, const char *text);
/* The same with markup around it, which is written as it is. */
void markup_put(FILE *out, const char *before, const char *text, const char *after);

#endif

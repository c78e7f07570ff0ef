/* SPDX-License-Identifier: ISC
 *
 * Reading UTF-8.
 */
#ifndef SIM_UTIL_UTF8_H
#define SIM_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the character that `text`, which ends with a NUL, begins with, and its number in
 * *code; 0 if there is none: a broken or longer than needed sequence, half of a pair, a number
 * beyond the last one.  A NUL has length 1. */
size_t utf8_decode(const char *text, uint32_t *code);

#endif

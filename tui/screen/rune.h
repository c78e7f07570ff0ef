/* SPDX-License-Identifier: ISC
 *
 * Single characters on their way to a screen: decoding UTF-8, how many columns they take, and what
 * stands for them where there is only ASCII.
 */
#ifndef TUI_SCREEN_RUNE_H
#define TUI_SCREEN_RUNE_H

#include <stddef.h>
#include <stdint.h>

/* What is shown for bytes and characters that cannot be. */
#define RUNE_UNKNOWN '?'

/* Takes the next character from *text, which ends with a NUL, and moves *text behind it.  A byte
 * that is no UTF-8 is RUNE_UNKNOWN.  0 at the end. */
uint32_t rune_next(const char **text);

/* Columns it takes: 1 or 2; 0 for one that joins the one before it or would turn the direction of
 * writing.  Controls and what the locale does not know: -1. */
int rune_width(uint32_t rune);

/* The ASCII character that stands for it: lines, blocks and dots have one, others are
 * RUNE_UNKNOWN. */
uint32_t rune_to_ascii(uint32_t rune);

/* Writes it as UTF-8, with a NUL, into out; returns its length. */
size_t rune_encode(uint32_t rune, char out[5]);

#endif

/* SPDX-License-Identifier: ISC
 *
 * "Did you mean": the nearest of some words by edit distance, if one is near enough to be meant.
 */
#ifndef SIM_SCENARIO_GUESS_H
#define SIM_SCENARIO_GUESS_H

#include <stddef.h>

struct guess {
	const char *typed;
	size_t distance;  /* only words nearer than this are taken */
	const char *best; /* NULL: none so far */
};

void guess_init(struct guess *guess, const char *typed);
/* Takes the word, which must outlive the guess, if it is nearer than what was tried before. */
void guess_try(struct guess *guess, const char *word);
/* Writes "; did you mean 'best'?" or, with no best word, nothing.  Returns text. */
const char *guess_text(const struct guess *guess, char *text, size_t size);

#endif

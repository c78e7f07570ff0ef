/* SPDX-License-Identifier: ISC
 *
 * Edit distance with insertions, deletions, replacements and swapped neighbours, upper and lower
 * case alike.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/guess.h"

#define WORD_MAX 48

static bool
same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

/* Lengths are at most WORD_MAX. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_length; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same = same_letter(a[i - 1], b[j - 1]);
			row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
			bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			               same_letter(a[i - 2], b[j - 1]);
			if (swapped && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		size_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[b_length];
}

void
guess_init(struct guess *guess, const char *typed)
{
	*guess = (struct guess){.typed = typed, .distance = (strlen(typed) + 2) / 3 + 1};
}

void
guess_try(struct guess *guess, const char *word)
{
	size_t typed_length = strlen(guess->typed), length = strlen(word);
	if (typed_length == 0 || typed_length > WORD_MAX || length > WORD_MAX)
		return;
	size_t distance = edit_distance(guess->typed, typed_length, word, length);
	if (distance < guess->distance && distance < length) {
		guess->distance = distance;
		guess->best = word;
	}
}

const char *
guess_text(const struct guess *guess, char *text, size_t size)
{
	text[0] = '\0';
	if (guess->best != NULL)
		snprintf(text, size, "; did you mean '%s'?", guess->best);
	return text;
}

/* SPDX-License-Identifier: ISC
 *
 * Placeholders.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/command/words.h"

#define PLACEHOLDERS 6
#define NUMBER_MAX 24

struct placeholder {
	const char *name; /* with its braces */
	const char *value;
};

bool
words_have(char *const *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(words[i], name) != NULL)
			return true;
	return false;
}

/* The placeholder that `text` begins with, or NULL. */
static const struct placeholder *
find(const struct placeholder list[PLACEHOLDERS], const char *text)
{
	for (size_t i = 0; i < PLACEHOLDERS; i++)
		if (strncmp(text, list[i].name, strlen(list[i].name)) == 0)
			return &list[i];
	return NULL;
}

static char *
fill_one(const char *word, const struct placeholder list[PLACEHOLDERS])
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	while (*word != '\0') {
		const struct placeholder *found = find(list, word);

		if (found != NULL)
			fputs(found->value, out);
		else
			fputc(*word, out);
		word += found != NULL ? strlen(found->name) : 1;
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

char **
words_fill(char *const *words, size_t count, const struct words_values *values)
{
	char task[NUMBER_MAX], attempt[NUMBER_MAX], from[NUMBER_MAX], to[NUMBER_MAX];
	const struct placeholder list[PLACEHOLDERS] = {
	    {"{task}", task},
	    {"{attempt}", attempt},
	    {"{from}", from},
	    {"{to}", to},
	    {"{input}", values->input != NULL ? values->input : ""},
	    {"{output}", values->output != NULL ? values->output : ""},
	};
	char **filled = calloc(count + 1, sizeof(*filled));

	snprintf(task, sizeof(task), "%" PRIu32, values->task);
	snprintf(attempt, sizeof(attempt), "%" PRIu32, values->attempt);
	snprintf(from, sizeof(from), "%" PRIu64, values->from);
	snprintf(to, sizeof(to), "%" PRIu64, values->to);
	for (size_t i = 0; filled != NULL && i < count; i++) {
		filled[i] = fill_one(words[i], list);
		if (filled[i] == NULL) {
			words_free(filled, i);
			return NULL;
		}
	}
	return filled;
}

void
words_free(char **words, size_t count)
{
	if (words == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		free(words[i]);
	free(words);
}

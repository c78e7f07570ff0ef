/* SPDX-License-Identifier: ISC
 *
 * A scenario's command with its placeholders filled in for one task.
 */
#ifndef SIM_COMMAND_WORDS_H
#define SIM_COMMAND_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What placeholders stand for.  {task} {attempt} {input} {from} {to} {output} */
struct words_values {
	uint32_t task, attempt;
	uint64_t from, to;          /* its first and last record, from 1 */
	const char *input, *output; /* paths; NULL: "" */
};

/* Is {name} in one of the words? */
bool words_have(char *const *words, size_t count, const char *name);

/* A copy with every placeholder replaced, to be freed by words_free; NULL: no memory.  Braces
 * around anything else stay. */
char **words_fill(char *const *words, size_t count, const struct words_values *values);
void words_free(char **words, size_t count);

#endif

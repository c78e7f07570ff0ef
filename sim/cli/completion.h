/* SPDX-License-Identifier: ISC
 *
 * What the shells are told: scripts that ask graveshift itself which words may stand where the
 * cursor is.
 */
#ifndef SIM_CLI_COMPLETION_H
#define SIM_CLI_COMPLETION_H

#include <stddef.h>
#include <stdio.h>

/* The script for "bash", "zsh" or "fish"; NULL for another shell. */
const char *completion_script(const char *shell);

/* Prints what may stand in the place of the last of the words behind `graveshift`, of which it is
 * the beginning: a line with the word, a tab and its meaning for each; or ":files", a tab and a
 * pattern, or ":folders" and a tab, for what the shell knows better.  Never an error. */
void completion_words(const char *const *word, size_t words, FILE *out);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Merged entries as lines for a command's standard input: what reduces and combiners get.
 */
#ifndef SIM_MAPREDUCE_SORTED_LINES_H
#define SIM_MAPREDUCE_SORTED_LINES_H

#include "sim/mapreduce/together.h"

struct sorted_lines {
	struct together *together;
	char *block;
	size_t room;
};

/* For struct command: about a block of them, *length 0 at the end.  0 or -errno. */
int sorted_lines_give(struct sorted_lines *lines, const char **bytes, size_t *length);
void sorted_lines_fini(struct sorted_lines *lines);

#endif

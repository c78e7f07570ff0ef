/* SPDX-License-Identifier: ISC
 *
 * What a command prints by the convention of Hadoop Streaming: lines, up to the first TAB the key,
 * from there on the value.  The TAB stays with the value, so that a line without one is the same
 * line again when it is printed.
 */
#ifndef SIM_MAPREDUCE_PRINTOUT_H
#define SIM_MAPREDUCE_PRINTOUT_H

#include "sim/mapreduce/gather.h"

#define PRINTOUT_LINE_MAX (16u << 20)

struct printout {
	struct gather *gather; /* where the pairs go; if it adds, values are whole numbers */
	char *line;            /* the beginning of one that is not complete */
	size_t length, room;
	uint64_t lines;
	uint64_t digest; /* sum of XXH3 64 of the lines, in whatever order */
	char fault[120]; /* with -EBADMSG: what is wrong */
};

void printout_init(struct printout *printout, struct gather *gather);
void printout_fini(struct printout *printout);

/* The next bytes.  0; -EBADMSG: that is no such output; -errno. */
int printout_take(struct printout *printout, const char *bytes, size_t length);
/* That was all: the last line may have no end. */
int printout_end(struct printout *printout);

#endif

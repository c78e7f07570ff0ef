/* SPDX-License-Identifier: ISC
 *
 * Memory that is shared by all processes of a command and only grows: what one of them has recorded
 * is there for the others, at the same address.  It goes with the last of them.
 */
#ifndef SIM_TORTURE_ARENA_H
#define SIM_TORTURE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
	char *base;
	size_t used, max;
};

/* Makes an arena of at most max bytes, of which none is taken yet; NULL and errno.  It must be made
 * before the processes that share it are forked; one of them at a time may take of it. */
struct arena *arena_new(size_t max);
/* size bytes, all zero, fit for any type; NULL when there is no room. */
void *arena_take(struct arena *arena, size_t size);
/* A copy of text; NULL when there is no room. */
const char *arena_text(struct arena *arena, const char *text);
void arena_free(struct arena *arena);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A shared mapping, of which pages come into being when they are touched.
 */
#include <string.h>
#include <sys/mman.h>

#include "sim/torture/arena.h"

#define ALIGNMENT 16

static size_t
aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

struct arena *
arena_new(size_t max)
{
	struct arena *arena;

	max += aligned(sizeof(*arena));
	arena = mmap(NULL, max, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	             -1, 0);
	if (arena == MAP_FAILED)
		return NULL;
	arena->base = (char *)arena;
	arena->used = aligned(sizeof(*arena));
	arena->max = max;
	return arena;
}

void *
arena_take(struct arena *arena, size_t size)
{
	char *taken = arena->base + arena->used;

	if (size > arena->max - arena->used)
		return NULL;
	size = aligned(size);
	arena->used = size > arena->max - arena->used ? arena->max : arena->used + size;
	return taken;
}

const char *
arena_text(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_take(arena, size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

void
arena_free(struct arena *arena)
{
	if (arena != NULL)
		munmap(arena, arena->max);
}

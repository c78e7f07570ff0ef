/* SPDX-License-Identifier: ISC
 *
 * Entries one behind the other, a block at a time.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/mapreduce/sorted_lines.h"

#define BLOCK_BYTES (64u << 10)

static int
append(struct sorted_lines *lines, size_t *used, const char *bytes, size_t length)
{
	if (*used + length > lines->room) {
		size_t room = 2 * (*used + length);
		char *larger = realloc(lines->block, room);

		if (larger == NULL)
			return -ENOMEM;
		lines->block = larger;
		lines->room = room;
	}
	memcpy(lines->block + *used, bytes, length);
	*used += length;
	return 0;
}

int
sorted_lines_give(struct sorted_lines *lines, const char **bytes, size_t *length)
{
	struct entry entry;
	size_t used = 0;
	int more = 1;

	while (used < BLOCK_BYTES && (more = together_next(lines->together, &entry)) == 1) {
		int error = append(lines, &used, entry.key, entry.key_length);

		if (error == 0)
			error = append(lines, &used, entry.value, entry.value_length);
		if (error == 0)
			error = append(lines, &used, "\n", 1);
		if (error != 0)
			return error;
	}
	*bytes = lines->block;
	*length = used;
	return more < 0 ? more : 0;
}

void
sorted_lines_fini(struct sorted_lines *lines)
{
	free(lines->block);
	*lines = (struct sorted_lines){.together = NULL};
}

/* SPDX-License-Identifier: ISC
 *
 * Growing arrays.
 */
#include <stdlib.h>

#include "sim/util/array.h"

#define ROOM_MIN 64

void *
array_grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room < ROOM_MIN ? ROOM_MIN : 2 * *room;
	void *larger;

	if (count < *room)
		return array;
	larger = reallocarray(array, more, size);
	if (larger != NULL)
		*room = more;
	return larger;
}

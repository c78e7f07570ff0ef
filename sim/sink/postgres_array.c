/* SPDX-License-Identifier: ISC
 *
 * Arrays as PostgreSQL reads them: dimensions, whether there are NULLs, the elements' type, how
 * many and from which number on; then for each its length and its bytes.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sink/postgres_array.h"

#define HEAD_BYTES 20
#define COUNT_AT 12
#define ROOM_MIN 65536

static void
put_word(char *place, uint32_t word)
{
	word = htobe32(word);
	memcpy(place, &word, sizeof(word));
}

static int
make_room(struct postgres_array *array, size_t more)
{
	size_t room = array->room < ROOM_MIN ? ROOM_MIN : array->room;
	char *larger;

	while (room < array->length + more)
		room *= 2;
	if (room == array->room)
		return 0;
	larger = realloc(array->bytes, room);
	if (larger == NULL)
		return -ENOMEM;
	array->bytes = larger;
	array->room = room;
	return 0;
}

void
postgres_array_clear(struct postgres_array *array, enum postgres_type type)
{
	array->type = type;
	array->length = 0;
	array->count = 0;
}

static int
begin(struct postgres_array *array)
{
	const uint32_t head[] = {1, 0, (uint32_t)array->type, 0, 1};
	int error = make_room(array, HEAD_BYTES);

	if (error != 0)
		return error;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		put_word(array->bytes + 4 * i, head[i]);
	array->length = HEAD_BYTES;
	return 0;
}

int
postgres_array_add(struct postgres_array *array, const void *bytes, size_t length)
{
	int error = array->count == 0 ? begin(array) : 0;

	if (error == 0)
		error = make_room(array, 4 + length);
	if (error != 0)
		return error;
	put_word(array->bytes + array->length, (uint32_t)length);
	if (length > 0)
		memcpy(array->bytes + array->length + 4, bytes, length);
	array->length += 4 + length;
	put_word(array->bytes + COUNT_AT, ++array->count);
	return 0;
}

int
postgres_array_add_number(struct postgres_array *array, uint64_t number)
{
	number = htobe64(number);
	return postgres_array_add(array, &number, sizeof(number));
}

void
postgres_array_fini(struct postgres_array *array)
{
	free(array->bytes);
	*array = (struct postgres_array){.type = array->type};
}

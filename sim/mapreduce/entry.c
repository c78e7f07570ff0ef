/* SPDX-License-Identifier: ISC
 *
 * Entries: two lengths, the key, the value.
 */
#include <errno.h>

#include "sim/mapreduce/entry.h"

int
entry_read(const char **at, const char *end, struct entry *entry)
{
	uint32_t length[2];
	size_t rest = (size_t)(end - *at);

	if (rest == 0)
		return 0;
	if (rest < sizeof(length))
		return -EBADMSG;
	memcpy(length, *at, sizeof(length));
	if ((uint64_t)length[0] + length[1] > rest - sizeof(length))
		return -EBADMSG;
	entry->key = *at + sizeof(length);
	entry->key_length = length[0];
	entry->value = entry->key + length[0];
	entry->value_length = length[1];
	*at = entry->value + length[1];
	return 1;
}

int
entry_write(struct part *part, const struct entry *entry)
{
	const uint32_t length[2] = {entry->key_length, entry->value_length};
	int error = part_write(part, length, sizeof(length));

	if (error == 0)
		error = part_write(part, entry->key, entry->key_length);
	return error != 0 ? error : part_write(part, entry->value, entry->value_length);
}

uint32_t
entry_partition(const char *key, size_t length, uint32_t partitions)
{
	return (uint32_t)(XXH3_64bits(key, length) % partitions);
}

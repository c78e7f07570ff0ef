/* SPDX-License-Identifier: ISC
 *
 * What maps hand on to reduces: keys with values, in the order of the keys' bytes, one behind the
 * other in a part.
 */
#ifndef SIM_MAPREDUCE_ENTRY_H
#define SIM_MAPREDUCE_ENTRY_H

#include <stdint.h>
#include <string.h>

#include "sim/job/part.h"

struct entry {
	const char *key, *value;
	uint32_t key_length, value_length;
};

/* The entry at *at, which is moved behind it.  1; 0: there is none; -EBADMSG: it does not end
 * before `end`. */
int entry_read(const char **at, const char *end, struct entry *entry);

/* As part_write(). */
int entry_write(struct part *part, const struct entry *entry);

/* By the bytes of the keys, a key before those that it begins. */
static inline int
entry_compare(const struct entry *a, const struct entry *b)
{
	uint32_t length = a->key_length < b->key_length ? a->key_length : b->key_length;
	int order = memcmp(a->key, b->key, length);

	if (order != 0)
		return order;
	return (a->key_length > b->key_length) - (a->key_length < b->key_length);
}

/* Which of so many partitions the key belongs to: the same on every machine, for ever. */
uint32_t entry_partition(const char *key, size_t length, uint32_t partitions);

#endif

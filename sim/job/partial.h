/* SPDX-License-Identifier: ISC
 *
 * Partial results: for each key how many records there were and the sums of their columns.  A task
 * fills one and commits it encoded; the output task merges them all.
 */
#ifndef SIM_JOB_PARTIAL_H
#define SIM_JOB_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "sim/job/decimal.h"

struct partial_entry {
	uint64_t
	    head; /* the key's bytes 0 to 7 as a big-endian number, zeros behind a shorter key */
	uint64_t next; /* its bytes 8 to 15 likewise */
	uint64_t records;
	size_t key;      /* where the key is in partial.keys */
	uint32_t length; /* of the key */
	struct decimal_sum sum[];
};

#define PARTIAL_UNIT 16

/* A hash table with linear probing over entries that lie one behind the other. */
struct partial {
	size_t sums;
	size_t entries, entries_room, entry_size;
	char *entry;
	uint32_t
	    *slot;    /* where the entry is, in PARTIAL_UNIT bytes from the first, + 1; 0 = free */
	size_t slots; /* a power of two, at least four times the entries: most keys are at their
	                 place */
	char *keys;
	size_t keys_length, keys_room;
	unsigned char *blob; /* of partial_encode() */
	size_t blob_room;
};

/* An empty table for so many sum columns.  0 or -ENOMEM; partial_fini() is due in either case. */
int partial_init(struct partial *partial, size_t sums);
void partial_fini(struct partial *partial);

/* Forgets all keys, keeps the memory. */
void partial_clear(struct partial *partial);

static inline struct partial_entry *
partial_entry(const struct partial *partial, size_t number)
{
	return (struct partial_entry *)(void *)(partial->entry + number * partial->entry_size);
}

/* A key as it is looked for: its first 16 bytes as two numbers, the others by way of its address.
 */
struct partial_key {
	uint64_t head, next;
	const char *text;
	size_t length;
};

extern const uint64_t partial_mask[17][2];

/* Eight bytes as a number in which their order is that of memcmp(). */
static inline uint64_t
partial_load(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* Keys differ in length without a pattern: no branch here depends on it, but for those longer
 * than 16. */
static inline struct partial_key
partial_key_load(const char *text, size_t length, size_t readable)
{
	const uint64_t *mask = partial_mask[length < 16 ? length : 16];
	struct partial_key key = {.text = text, .length = length};
	char padded[16];

	if (__builtin_expect(readable < 16, 0)) {
		memset(padded, 0, sizeof(padded));
		memcpy(padded, text, length);
		text = padded;
	}
	key.head = partial_load(text) & mask[0];
	key.next = partial_load(text + 8) & mask[1];
	return key;
}

static inline uint64_t
partial_key_hash(const struct partial_key *key)
{
	unsigned __int128 product;

	if (key->length > 16)
		return XXH3_64bits(key->text, key->length);
	product = (unsigned __int128)(key->head ^ UINT64_C(0x9e3779b97f4a7c15)) *
	          (key->next ^ (UINT64_C(0xd6e8feb86659fd93) + key->length));
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline bool
partial_key_is(const struct partial_key *key, const struct partial *partial,
               const struct partial_entry *entry)
{
	if (((entry->head ^ key->head) | (entry->next ^ key->next) |
	     (entry->length ^ key->length)) != 0)
		return false;
	return key->length <= 16 ||
	       memcmp(partial->keys + entry->key + 16, key->text + 16, key->length - 16) == 0;
}

/* For partial_find() alone: adds a key that is not there. */
struct partial_entry *partial_add(struct partial *partial, const struct partial_key *key,
                                  uint64_t hash);

/* The entry of text[0..length), added with zeros if it is new; valid until the next call.  The
 * bytes up to text[readable) may be read, readable >= length: it is faster if they are 16 or more.
 * NULL: no memory. */
static inline struct partial_entry *
partial_find(struct partial *partial, const char *text, size_t length, size_t readable)
{
	struct partial_key key = partial_key_load(text, length, readable);
	uint64_t hash = partial_key_hash(&key);
	uint32_t slot;

	for (size_t at = hash; (slot = partial->slot[at & (partial->slots - 1)]) != 0; at++) {
		struct partial_entry *entry =
		    (void *)(partial->entry + (size_t)(slot - 1) * PARTIAL_UNIT);

		if (__builtin_expect(partial_key_is(&key, partial, entry), 1))
			return entry;
	}
	return partial_add(partial, &key, hash);
}

/* Encodes all entries.  *blob is the table's, until the next call.  0 or -ENOMEM. */
int partial_encode(struct partial *partial, const void **blob, size_t *length);

/* Adds the entries of an encoded table with as many sums.  -EBADMSG: it is no such thing (the table
 * may hold part of it then); -ENOMEM. */
int partial_merge(struct partial *partial, const void *blob, size_t length);

/* Stores the entries' numbers in the order of the keys' bytes, a key before those that it begins.
 * *order is the caller's to free.  0 or -ENOMEM. */
int partial_sort(const struct partial *partial, uint32_t **order);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Open addressing, at most half full.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/flow/flow_table.h"

#define ROOM_MIN 256

/* Where the key is, or would be. */
static struct flow_entry *
place_of(const struct flow_table *table, const char *key, size_t key_length)
{
	size_t at = XXH3_64bits(key, key_length) & (table->room - 1);

	while (table->entry[at].key != NULL && (table->entry[at].key_length != key_length ||
	                                        memcmp(table->entry[at].key, key, key_length) != 0))
		at = (at + 1) & (table->room - 1);
	return &table->entry[at];
}

struct flow_entry *
flow_table_find(const struct flow_table *table, const char *key, size_t key_length)
{
	struct flow_entry *entry;

	if (table->room == 0)
		return NULL;
	entry = place_of(table, key, key_length);
	return entry->key == NULL ? NULL : entry;
}

static int
grow(struct flow_table *table)
{
	struct flow_table larger = {.room = table->room == 0 ? ROOM_MIN : 2 * table->room,
	                            .count = table->count};

	larger.entry = calloc(larger.room, sizeof(*larger.entry));
	if (larger.entry == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < table->room; i++) {
		const struct flow_entry *entry = &table->entry[i];

		if (entry->key != NULL)
			*place_of(&larger, entry->key, entry->key_length) = *entry;
	}
	free(table->entry);
	*table = larger;
	return 0;
}

struct flow_entry *
flow_table_at(struct flow_table *table, const char *key, size_t key_length)
{
	struct flow_entry *entry;

	if (2 * table->count >= table->room && grow(table) != 0)
		return NULL;
	entry = place_of(table, key, key_length);
	if (entry->key != NULL)
		return entry;
	entry->key = malloc(key_length + 1);
	if (entry->key == NULL)
		return NULL;
	memcpy(entry->key, key, key_length);
	entry->key_length = key_length;
	table->count++;
	return entry;
}

int
flow_entry_say(struct flow_entry *entry, const char *text, size_t length)
{
	char *copy = realloc(entry->text, length + 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, text, length);
	entry->text = copy;
	entry->length = length;
	return 0;
}

void
flow_table_fini(struct flow_table *table)
{
	for (size_t i = 0; i < table->room; i++) {
		free(table->entry[i].key);
		free(table->entry[i].text);
	}
	free(table->entry);
	*table = (struct flow_table){0};
}

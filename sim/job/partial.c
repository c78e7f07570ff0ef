/* SPDX-License-Identifier: ISC
 *
 * The table of partial results.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/partial.h"

#define SLOTS_FIRST 4096
#define ONES UINT64_MAX

/* Which bits of a big-endian number its first n bytes are, for a key's bytes 0 to 7 and 8 to 15. */
const uint64_t partial_mask[17][2] = {
    {0, 0},
    {ONES << 56, 0},
    {ONES << 48, 0},
    {ONES << 40, 0},
    {ONES << 32, 0},
    {ONES << 24, 0},
    {ONES << 16, 0},
    {ONES << 8, 0},
    {ONES, 0},
    {ONES, ONES << 56},
    {ONES, ONES << 48},
    {ONES, ONES << 40},
    {ONES, ONES << 32},
    {ONES, ONES << 24},
    {ONES, ONES << 16},
    {ONES, ONES << 8},
    {ONES, ONES},
};

int
partial_init(struct partial *partial, size_t sums)
{
	*partial = (struct partial){
	    .sums = sums,
	    .entry_size = sizeof(struct partial_entry) + sums * sizeof(struct decimal_sum),
	    .slots = SLOTS_FIRST,
	};
	partial->slot = calloc(partial->slots, sizeof(*partial->slot));
	return partial->slot ? 0 : -ENOMEM;
}

void
partial_fini(struct partial *partial)
{
	free(partial->entry);
	free(partial->slot);
	free(partial->keys);
	free(partial->blob);
	*partial = (struct partial){.sums = 0};
}

void
partial_clear(struct partial *partial)
{
	memset(partial->slot, 0, partial->slots * sizeof(*partial->slot));
	partial->entries = 0;
	partial->keys_length = 0;
}

/* Makes room for `more` behind `used` bytes, doubling so that the total work stays linear. */
static int
room_grow(char **memory, size_t *room, size_t used, size_t more)
{
	size_t wanted = used + more;
	char *grown;

	if (wanted <= *room)
		return 0;
	wanted += wanted / 2 + 4096;
	grown = realloc(*memory, wanted);
	if (!grown)
		return -ENOMEM;
	*memory = grown;
	*room = wanted;
	return 0;
}

static void
slot_take(struct partial *partial, uint64_t hash, size_t number)
{
	size_t at = hash & (partial->slots - 1);

	while (partial->slot[at])
		at = (at + 1) & (partial->slots - 1);
	partial->slot[at] = (uint32_t)(number * partial->entry_size / PARTIAL_UNIT + 1);
}

static int
slots_double(struct partial *partial)
{
	size_t slots = 2 * partial->slots;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	free(partial->slot);
	partial->slot = slot;
	partial->slots = slots;
	for (size_t i = 0; i < partial->entries; i++) {
		const struct partial_entry *entry = partial_entry(partial, i);
		struct partial_key key = {entry->head, entry->next, partial->keys + entry->key,
		                          entry->length};

		slot_take(partial, partial_key_hash(&key), i);
	}
	return 0;
}

struct partial_entry *
partial_add(struct partial *partial, const struct partial_key *key, uint64_t hash)
{
	struct partial_entry *entry;

	if ((partial->entries + 1) * partial->entry_size / PARTIAL_UNIT >= UINT32_MAX ||
	    key->length > UINT32_MAX ||
	    (4 * (partial->entries + 1) > partial->slots && slots_double(partial)) ||
	    room_grow(&partial->entry, &partial->entries_room,
	              partial->entries * partial->entry_size, partial->entry_size) ||
	    room_grow(&partial->keys, &partial->keys_room, partial->keys_length, key->length + 1))
		return NULL;
	slot_take(partial, hash, partial->entries);
	entry = partial_entry(partial, partial->entries++);
	memset(entry, 0, partial->entry_size);
	entry->head = key->head;
	entry->next = key->next;
	entry->key = partial->keys_length;
	entry->length = (uint32_t)key->length;
	memcpy(partial->keys + partial->keys_length, key->text, key->length);
	partial->keys_length += key->length;
	return entry;
}

struct sort_item {
	uint64_t head;
	uint32_t number;
};

static int
item_compare(const void *left, const void *right, void *context)
{
	const struct sort_item *a = left, *b = right;
	const struct partial *partial = context;
	const struct partial_entry *entry_a, *entry_b;
	size_t length;
	int order;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	entry_a = partial_entry(partial, a->number);
	entry_b = partial_entry(partial, b->number);
	length = entry_a->length < entry_b->length ? entry_a->length : entry_b->length;
	order = memcmp(partial->keys + entry_a->key, partial->keys + entry_b->key, length);
	if (order != 0)
		return order;
	return (entry_a->length > entry_b->length) - (entry_a->length < entry_b->length);
}

int
partial_sort(const struct partial *partial, uint32_t **order)
{
	struct sort_item *item = calloc(partial->entries + 1, sizeof(*item));

	*order = calloc(partial->entries + 1, sizeof(**order));
	if (!item || !*order) {
		free(item);
		free(*order);
		*order = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < partial->entries; i++)
		item[i] = (struct sort_item){partial_entry(partial, i)->head, (uint32_t)i};
	qsort_r(item, partial->entries, sizeof(*item), item_compare, (void *)(uintptr_t)partial);
	for (size_t i = 0; i < partial->entries; i++)
		(*order)[i] = item[i].number;
	free(item);
	return 0;
}

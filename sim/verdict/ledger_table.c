/* SPDX-License-Identifier: ISC
 *
 * A chained hash table that doubles when it is full.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/verdict/ledger_table.h"

char *
ledger_total_key(const struct ledger_table *table, struct ledger_total *total)
{
	return (char *)(total->sum + table->sums);
}

/* FNV-1a. */
static uint32_t
hash_key(const char *key, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)key[i]) * 16777619u;
	return hash;
}

struct ledger_total *
ledger_table_find(const struct ledger_table *table, const char *key, size_t length)
{
	uint32_t hash = hash_key(key, length);
	struct ledger_total *total;

	if (table->buckets == 0)
		return NULL;
	for (total = table->bucket[hash & (table->buckets - 1)]; total; total = total->next)
		if (total->hash == hash && total->length == length &&
		    memcmp(ledger_total_key(table, total), key, length) == 0)
			return total;
	return NULL;
}

static int
table_grow(struct ledger_table *table)
{
	size_t buckets = table->buckets ? 2 * table->buckets : 1024;
	struct ledger_total **bucket = calloc(buckets, sizeof(struct ledger_total *));

	if (!bucket)
		return -ENOMEM;
	for (size_t i = 0; i < table->buckets; i++)
		for (struct ledger_total *total = table->bucket[i], *next; total; total = next) {
			next = total->next;
			total->next = bucket[total->hash & (buckets - 1)];
			bucket[total->hash & (buckets - 1)] = total;
		}
	free(table->bucket);
	table->bucket = bucket;
	table->buckets = buckets;
	return 0;
}

struct ledger_total *
ledger_table_add(struct ledger_table *table, const char *key, size_t length)
{
	struct ledger_total *total;

	if (table->keys == table->buckets && table_grow(table))
		return NULL;
	total = calloc(1, sizeof(*total) + table->sums * sizeof(total->sum[0]) + length);
	if (!total)
		return NULL;
	total->hash = hash_key(key, length);
	total->length = length;
	memcpy(ledger_total_key(table, total), key, length);
	total->next = table->bucket[total->hash & (table->buckets - 1)];
	table->bucket[total->hash & (table->buckets - 1)] = total;
	table->keys++;
	return total;
}

void
ledger_table_fini(struct ledger_table *table)
{
	for (size_t i = 0; i < table->buckets; i++)
		for (struct ledger_total *total = table->bucket[i], *next; total; total = next) {
			next = total->next;
			free(total);
		}
	free(table->bucket);
}

int
ledger_total_compare(const struct ledger_table *table, struct ledger_total *a,
                     struct ledger_total *b)
{
	size_t common = a->length < b->length ? a->length : b->length;
	int order = memcmp(ledger_total_key(table, a), ledger_total_key(table, b), common);

	if (order != 0)
		return order;
	return (a->length > b->length) - (a->length < b->length);
}

static int
compare_pointers(const void *left, const void *right, void *table)
{
	return ledger_total_compare(table, *(struct ledger_total *const *)left,
	                            *(struct ledger_total *const *)right);
}

struct ledger_total **
ledger_table_sort(struct ledger_table *table)
{
	struct ledger_total **sorted = calloc(table->keys + 1, sizeof(struct ledger_total *));
	size_t n = 0;

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < table->buckets; i++)
		for (struct ledger_total *total = table->bucket[i]; total; total = total->next)
			sorted[n++] = total;
	qsort_r(sorted, n, sizeof(struct ledger_total *), compare_pointers, table);
	return sorted;
}

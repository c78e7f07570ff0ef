/* SPDX-License-Identifier: ISC
 *
 * The ledger's table of keys, with what the input and the sink say about each.
 */
#ifndef SIM_VERDICT_LEDGER_TABLE_H
#define SIM_VERDICT_LEDGER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/verdict/ledger_reader.h"

/* One key.  Its bytes stand behind the sums. */
struct ledger_total {
	struct ledger_total *next; /* in the same bucket */
	uint64_t records;          /* in the input */
	uint64_t found;            /* in the sink */
	uint32_t hash;
	size_t length; /* of the key, in bytes */
	struct ledger_amount sum[];
};

/* Starts as {.sums = number of sums of each key}. */
struct ledger_table {
	struct ledger_total **bucket;
	size_t buckets; /* a power of two */
	size_t keys;
	size_t sums;
};

char *ledger_total_key(const struct ledger_table *table, struct ledger_total *total);

/* Below, equal to or above 0, by the keys' bytes; a key that continues another comes after it. */
int ledger_total_compare(const struct ledger_table *table, struct ledger_total *a,
                         struct ledger_total *b);

/* The total of a key, or NULL. */
struct ledger_total *ledger_table_find(const struct ledger_table *table, const char *key,
                                       size_t length);

/* Adds a key that is not there yet, with nothing counted; NULL: no memory is left. */
struct ledger_total *ledger_table_add(struct ledger_table *table, const char *key, size_t length);

/* All totals in the order of their keys, to be freed by the caller; NULL: no memory is left. */
struct ledger_total **ledger_table_sort(struct ledger_table *table);

void ledger_table_fini(struct ledger_table *table);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A table in memory: two numbers and a text by key.
 */
#ifndef SIM_FLOW_FLOW_TABLE_H
#define SIM_FLOW_FLOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct flow_entry {
	char *key;
	size_t key_length;
	uint64_t a, b;
	char *text; /* NULL: none */
	size_t length;
};

/* Starts with zeros. */
struct flow_table {
	struct flow_entry *entry; /* those without a key are free */
	size_t room, count;
};

/* NULL: it is not there. */
struct flow_entry *flow_table_find(const struct flow_table *table, const char *key,
                                   size_t key_length);
/* The key's entry, added with zeros if it is not there; NULL: no memory. */
struct flow_entry *flow_table_at(struct flow_table *table, const char *key, size_t key_length);
/* Gives the entry a text of its own.  0 or -ENOMEM. */
int flow_entry_say(struct flow_entry *entry, const char *text, size_t length);
void flow_table_fini(struct flow_table *table);

#endif

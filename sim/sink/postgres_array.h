/* SPDX-License-Identifier: ISC
 *
 * One-dimensional arrays in PostgreSQL's binary format: thousands of rows as a few values of one
 * statement.
 */
#ifndef SIM_SINK_POSTGRES_ARRAY_H
#define SIM_SINK_POSTGRES_ARRAY_H

#include <stddef.h>
#include <stdint.h>

enum postgres_type { POSTGRES_BYTEA = 17, POSTGRES_INT8 = 20, POSTGRES_UUID = 2950 };

struct postgres_array {
	enum postgres_type type;
	char *bytes; /* what is sent */
	size_t length, room;
	uint32_t count;
};

/* Begins anew, and keeps the memory. */
void postgres_array_clear(struct postgres_array *array, enum postgres_type type);
/* Adds one element; bytes are those of its binary format.  0 or -ENOMEM. */
int postgres_array_add(struct postgres_array *array, const void *bytes, size_t length);
int postgres_array_add_number(struct postgres_array *array, uint64_t number);
/* Frees the memory. */
void postgres_array_fini(struct postgres_array *array);

#endif

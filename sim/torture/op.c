/* SPDX-License-Identifier: ISC
 *
 * Names of operations, and entering them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/torture/op.h"

#define HEX_MIN 8
#define RANDOM_MIN 6

struct record *
record_new(struct arena *arena, unsigned layers)
{
	struct record *record = arena_take(arena, sizeof(*record));

	if (record == NULL)
		return NULL;
	record->op = arena_take(arena, OPS_MAX * sizeof(*record->op));
	record->names = labels_new(arena);
	record->classes = labels_new(arena);
	record->pairs = labels_new(arena);
	record->outside = labels_new(arena);
	if (layers > 0)
		record->versions = versions_new(arena, layers);
	if (record->op == NULL || record->names == NULL || record->classes == NULL ||
	    record->pairs == NULL || record->outside == NULL ||
	    (layers > 0 && record->versions == NULL))
		return NULL;
	return record;
}

void
op_name(char name[OP_NAME_SIZE], const char *comm, const char *call, const char *first,
        const char *second)
{
	snprintf(name, OP_NAME_SIZE, "%s/%s:%s%s%s", comm, call, first,
	         second[0] != '\0' ? ">" : "", second);
}

/* What a run of letters and digits is: '#' a number, '%' a hexadecimal one, '*' made up by chance,
 * 0 a word. */
static char
kind_of(const char *run, size_t length)
{
	size_t digits = 0, hex = 0, lower = 0, upper = 0;

	for (size_t i = 0; i < length; i++) {
		digits += isdigit((unsigned char)run[i]) != 0;
		hex += isdigit((unsigned char)run[i]) || (run[i] >= 'a' && run[i] <= 'f');
		lower += islower((unsigned char)run[i]) != 0;
		upper += i > 0 && isupper((unsigned char)run[i]);
	}
	if (digits == length)
		return '#';
	if (hex == length && length >= HEX_MIN && digits > 0)
		return '%';
	if (length >= RANDOM_MIN && (digits > 0) + (lower > 0) + (upper > 0) >= 2 &&
	    (upper > 0 || digits > 1))
		return '*';
	return 0;
}

/* A word with numbers in it: each of them is '#'. */
static size_t
put_word(char *out, size_t room, const char *run, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < room; i++) {
		bool digit = isdigit((unsigned char)run[i]);
		if (!digit || i == 0 || !isdigit((unsigned char)run[i - 1]))
			out[used++] = digit ? '#' : run[i];
	}
	return used;
}

/* One call has several names: renameat2 is rename. */
static size_t
put_call(char *out, const char *name, size_t length)
{
	while (length > 0 && isdigit((unsigned char)name[length - 1]))
		length--;
	if (length > 2 && strncmp(name + length - 2, "at", 2) == 0 &&
	    (length < 5 || strncmp(name + length - 5, "creat", 5) != 0))
		length -= 2;
	memcpy(out, name, length);
	out[length] = ':';
	return length + 1;
}

void
op_class(char class[OP_NAME_SIZE], const char *name)
{
	const char *path = strchr(name, ':');
	size_t used = path == NULL ? 0 : put_call(class, name, (size_t)(path - name));

	if (path != NULL)
		name = path + 1;
	while (*name != '\0' && used < OP_NAME_SIZE - 1) {
		size_t length = 0;
		char kind;
		while (isalnum((unsigned char)name[length]))
			length++;
		if (length == 0) {
			class[used++] = *name++;
			continue;
		}
		kind = kind_of(name, length);
		if (kind != 0)
			class[used++] = kind;
		else
			used += put_word(class + used, OP_NAME_SIZE - 1 - used, name, length);
		name += length;
	}
	class[used] = '\0';
}

struct op *
record_add(struct record *record, const char *name)
{
	char class[OP_NAME_SIZE], pair[32];
	const struct op *last = record->ops == 0 ? NULL : &record->op[record->ops - 1];
	struct op *op = &record->op[record->ops];

	if (record->ops == OPS_MAX) {
		record->lost++;
		return NULL;
	}
	op_class(class, name);
	op->name = labels_count(record->names, name);
	op->class = labels_count(record->classes, class);
	snprintf(pair, sizeof(pair), "%u>%u", last == NULL ? LABEL_NONE : last->class, op->class);
	op->pair = labels_count(record->pairs, pair);
	if (op->name == LABEL_NONE || op->class == LABEL_NONE || op->pair == LABEL_NONE) {
		record->lost++;
		return NULL;
	}
	op->occurrence = record->names->label[op->name].count;
	op->turn = record->classes->label[op->class].count;
	op->nth = record->pairs->label[op->pair].count;
	op->node = NULL;
	op->length = 0;
	op->is_synced = false;
	record->ops++;
	return op;
}

void
record_drop(struct record *record, struct op *op)
{
	if (op != &record->op[record->ops - 1])
		return;
	record->names->label[op->name].count--;
	record->classes->label[op->class].count--;
	record->pairs->label[op->pair].count--;
	record->ops--;
}

const char *
op_text(const struct record *record, const struct op *op, char *text, size_t size)
{
	snprintf(text, size, "%s@%u", record->names->label[op->name].text, op->occurrence);
	return text;
}

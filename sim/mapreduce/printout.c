/* SPDX-License-Identifier: ISC
 *
 * Lines out of pieces, keys and values out of lines.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/mapreduce/printout.h"

#define DIGITS_MAX 18

void
printout_init(struct printout *printout, struct gather *gather)
{
	*printout = (struct printout){.gather = gather};
}

void
printout_fini(struct printout *printout)
{
	free(printout->line);
	printout->line = NULL;
}

/* "\t17": a whole number of up to 18 digits. */
static bool
read_number(const char *value, size_t length, uint64_t *number)
{
	*number = 0;
	if (length < 2 || length > 1 + DIGITS_MAX)
		return false;
	for (size_t i = 1; i < length; i++) {
		if (value[i] < '0' || value[i] > '9')
			return false;
		*number = 10 * *number + (uint64_t)(value[i] - '0');
	}
	return true;
}

static int
add(struct printout *printout, const char *key, size_t key_length, const char *value,
    size_t value_length)
{
	struct partial_entry *entry;
	uint64_t number;
	bool fresh;

	if (!read_number(value, value_length, &number)) {
		snprintf(printout->fault, sizeof(printout->fault),
		         "line %" PRIu64 " of its output has no whole number behind a TAB",
		         printout->lines);
		return -EBADMSG;
	}
	entry = partial_find(&printout->gather->table, key, key_length, key_length);
	if (entry == NULL)
		return -ENOMEM;
	fresh = entry->records == 0;
	entry->records += number;
	return fresh ? gather_check(printout->gather) : 0;
}

static int
take_line(struct printout *printout, const char *line, size_t length)
{
	const char *tab = memchr(line, '\t', length);
	size_t key_length = tab != NULL ? (size_t)(tab - line) : length;
	const char *value = line + key_length;

	printout->lines++;
	printout->digest += XXH3_64bits(line, length);
	if (printout->gather->adds)
		return add(printout, line, key_length, value, length - key_length);
	return gather_pair(printout->gather, line, key_length, value, length - key_length);
}

static int
keep(struct printout *printout, const char *bytes, size_t length)
{
	if (printout->length + length > PRINTOUT_LINE_MAX) {
		snprintf(printout->fault, sizeof(printout->fault),
		         "line %" PRIu64 " of its output is longer than %u MiB",
		         printout->lines + 1, PRINTOUT_LINE_MAX >> 20);
		return -EBADMSG;
	}
	if (printout->length + length > printout->room) {
		size_t room = 2 * (printout->length + length);
		char *larger = realloc(printout->line, room);

		if (larger == NULL)
			return -ENOMEM;
		printout->line = larger;
		printout->room = room;
	}
	memcpy(printout->line + printout->length, bytes, length);
	printout->length += length;
	return 0;
}

int
printout_take(struct printout *printout, const char *bytes, size_t length)
{
	const char *end = bytes + length, *feed;
	int error = 0;

	while (error == 0 && (feed = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		if (printout->length > 0) {
			error = keep(printout, bytes, (size_t)(feed - bytes));
			if (error == 0)
				error = take_line(printout, printout->line, printout->length);
			printout->length = 0;
		} else {
			error = take_line(printout, bytes, (size_t)(feed - bytes));
		}
		bytes = feed + 1;
	}
	return error == 0 && bytes < end ? keep(printout, bytes, (size_t)(end - bytes)) : error;
}

int
printout_end(struct printout *printout)
{
	return printout->length > 0 ? take_line(printout, printout->line, printout->length) : 0;
}

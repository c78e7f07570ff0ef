/* SPDX-License-Identifier: ISC
 *
 * Folding a topic of updates into a table, and snapshots of that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/flow/flow_input.h"
#include "sim/flow/flow_users.h"

struct saved {
	uint32_t key_length, length;
	uint64_t version;
};

void
flow_users_open(struct flow_users *users, uint32_t partition, int folder)
{
	char name[TOPIC_NAME_MAX];

	*users = (struct flow_users){0};
	topic_reader_open(&users->reader, folder, flow_users_name(partition, name));
}

void
flow_users_close(struct flow_users *users)
{
	topic_reader_close(&users->reader);
	flow_table_fini(&users->table);
}

static int
take(struct flow_users *users, const struct topic_event *event)
{
	struct flow_line line;
	struct flow_entry *entry;
	size_t length;

	users->ended = event->kind == TOPIC_END;
	if (users->ended || flow_line_read(event->value, event->value_length, &line) != NULL)
		return 0;
	entry = flow_table_at(&users->table, event->key, event->key_length);
	if (entry == NULL)
		return -ENOMEM;
	entry->a = event->sequence + 1;
	users->updates++;
	length = line.value_length < FLOW_ADDRESS_MAX ? line.value_length : FLOW_ADDRESS_MAX - 1;
	return flow_entry_say(entry, line.value, length);
}

int
flow_users_take(struct flow_users *users, int64_t until_ns)
{
	int found = 1, error = 0;

	while (error == 0 && !users->ended) {
		if (!users->pending)
			found = topic_reader_next(&users->reader, &users->next, true);
		if (found != 1)
			return found;
		users->pending = users->next.appended_ns > until_ns;
		if (users->pending)
			break;
		error = take(users, &users->next);
	}
	return error;
}

uint64_t
flow_users_offset(const struct flow_users *users)
{
	return users->reader.next - users->pending;
}

int
flow_users_save(const struct flow_users *users, char **bytes, size_t *length)
{
	char *at;

	*length = 0;
	for (size_t i = 0; i < users->table.room; i++)
		if (users->table.entry[i].key != NULL)
			*length += sizeof(struct saved) + users->table.entry[i].key_length +
			           users->table.entry[i].length;
	at = *bytes = malloc(*length + 1);
	if (at == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < users->table.room; i++) {
		const struct flow_entry *entry = &users->table.entry[i];
		const struct saved saved = {.key_length = (uint32_t)entry->key_length,
		                            .length = (uint32_t)entry->length,
		                            .version = entry->a};

		if (entry->key == NULL)
			continue;
		memcpy(at, &saved, sizeof(saved));
		memcpy(at + sizeof(saved), entry->key, entry->key_length);
		memcpy(at + sizeof(saved) + entry->key_length, entry->text, entry->length);
		at += sizeof(saved) + entry->key_length + entry->length;
	}
	return 0;
}

int
flow_users_load(struct flow_users *users, uint64_t offset, const char *bytes, size_t length)
{
	int error = 0;

	for (size_t at = 0; error == 0 && at < length;) {
		struct saved saved;
		struct flow_entry *entry;

		if (length - at < sizeof(saved))
			return -EBADMSG;
		memcpy(&saved, bytes + at, sizeof(saved));
		at += sizeof(saved);
		if (saved.key_length > length - at || saved.length > length - at - saved.key_length)
			return -EBADMSG;
		entry = flow_table_at(&users->table, bytes + at, saved.key_length);
		if (entry == NULL)
			return -ENOMEM;
		entry->a = saved.version;
		error = flow_entry_say(entry, bytes + at + saved.key_length, saved.length);
		at += saved.key_length + saved.length;
	}
	topic_reader_seek(&users->reader, offset);
	return error;
}

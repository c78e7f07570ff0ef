/* SPDX-License-Identifier: ISC
 *
 * What both views must say: events and their sum for each key, added up in the order of the input.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/verdict/ledger_flow_own.h"
#include "sim/verdict/ledger_table.h"

struct total {
	uint64_t events, sum;
};

struct key {
	struct total wanted, live, replayed;
};

struct ledger_flow_views {
	struct ledger_table table; /* a key's total counts its number, from 1 */
	struct key *key;
	uint64_t keys, room;
};

static struct key *
key_at(struct ledger_flow *ledger, const char *key, size_t length)
{
	struct ledger_flow_views *views = ledger->views;
	struct ledger_total *total;
	struct key *larger;

	if (views == NULL)
		views = ledger->views = calloc(1, sizeof(*views));
	if (views == NULL)
		return NULL;
	total = ledger_table_find(&views->table, key, length);
	if (total != NULL)
		return &views->key[total->records - 1];
	if (views->keys == views->room) {
		uint64_t room = views->room == 0 ? 256 : 2 * views->room;

		larger = reallocarray(views->key, room, sizeof(*larger));
		if (larger == NULL)
			return NULL;
		views->key = larger;
		views->room = room;
	}
	total = ledger_table_add(&views->table, key, length);
	if (total == NULL)
		return NULL;
	views->key[views->keys] = (struct key){0};
	total->records = ++views->keys;
	return &views->key[views->keys - 1];
}

int
ledger_flow_total(struct ledger_flow *ledger, bool replayed, const char *key, size_t length,
                  uint64_t events, uint64_t sum)
{
	struct key *found = key_at(ledger, key, length);
	struct total *total;

	if (found == NULL)
		return -ENOMEM;
	total = replayed ? &found->replayed : &found->live;
	total->events += events;
	total->sum += sum;
	return 0;
}

static int
add_up(struct ledger_flow *ledger)
{
	for (uint64_t i = 0; i < ledger->events; i++) {
		const struct ledger_event *event = &ledger->event[i];
		size_t length;
		const char *name = ledger_flow_field(event, 3, &length);
		struct key *key = event->given_up ? NULL : key_at(ledger, name, length);

		if (event->given_up)
			continue;
		if (key == NULL)
			return -ENOMEM;
		key->wanted.events++;
		key->wanted.sum += strtoull(ledger_flow_field(event, 4, &length), NULL, 10);
		ledger->finding.counted++;
	}
	return 0;
}

static bool
differs(const struct total *a, const struct total *b)
{
	return a->events != b->events || a->sum != b->sum;
}

static void
check_key(struct ledger_flow *ledger, const struct key *key)
{
	struct ledger_finding *finding = &ledger->finding;

	if (key->live.events < key->wanted.events)
		finding->lost += key->wanted.events - key->live.events;
	if (key->live.events > key->wanted.events)
		finding->doubled += key->live.events - key->wanted.events;
	finding->wrong_lines += differs(&key->live, &key->wanted);
	finding->wrong_lines += differs(&key->replayed, &key->wanted);
	finding->views_differ += differs(&key->live, &key->replayed);
	if (differs(&key->live, &key->wanted) || differs(&key->replayed, &key->wanted))
		ledger_flow_note(ledger,
		                 "a key with %" PRIu64 " events in the input has %" PRIu64
		                 " in the streaming view and %" PRIu64 " in the replayed one",
		                 key->wanted.events, key->live.events, key->replayed.events);
}

int
ledger_flow_views(struct ledger_flow *ledger)
{
	int error = add_up(ledger);

	for (uint64_t i = 0; error == 0 && ledger->views != NULL && i < ledger->views->keys; i++)
		check_key(ledger, &ledger->views->key[i]);
	return error;
}

void
ledger_flow_views_free(struct ledger_flow_views *views)
{
	if (views == NULL)
		return;
	ledger_table_fini(&views->table);
	free(views->key);
	free(views);
}

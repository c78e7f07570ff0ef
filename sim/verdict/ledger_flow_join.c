/* SPDX-License-Identifier: ISC
 *
 * What must become of each product: one pass over each partition's events, in order, with nothing
 * but a table of products.  A product that had been waiting for too long when one of its events
 * came was given up before it; one that is never touched again is given up in the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/verdict/ledger_flow_own.h"
#include "sim/verdict/ledger_table.h"

#define KINDS 3
static const char *const kinds[KINDS] = {"ProductUploaded", "VideoEncoded", "ImageEncoded"};

struct product {
	const char *key;
	size_t key_length;
	uint64_t first, last; /* its first event; the one that completed it */
	uint64_t part[KINDS];
	int64_t due_ms;
	bool there[KINDS], created, given_up;
};

struct joining {
	struct ledger_flow *ledger;
	struct ledger_table table; /* a product's total counts its number, from 1 */
	struct product *product;
	uint64_t products;
	int64_t clock_ms, within_ms;
	uint64_t late, doubled; /* events that were left out */
};

static int
kind_of(const struct ledger_event *event)
{
	size_t length;
	const char *kind = ledger_flow_field(event, 2, &length);

	for (int i = 0; i < KINDS; i++)
		if (strlen(kinds[i]) == length && memcmp(kinds[i], kind, length) == 0)
			return i;
	return -1;
}

static int64_t
time_of(const struct ledger_event *event)
{
	size_t length;

	return strtoll(ledger_flow_field(event, 1, &length), NULL, 10);
}

/* The product that an event is about, which may be its first; NULL: no memory. */
static struct product *
product_of(struct joining *joining, const struct ledger_event *event, uint64_t record)
{
	size_t length;
	const char *key = ledger_flow_field(event, 3, &length);
	struct ledger_total *total = ledger_table_find(&joining->table, key, length);

	if (total == NULL) {
		total = ledger_table_add(&joining->table, key, length);
		if (total == NULL)
			return NULL;
		joining->product[joining->products] = (struct product){
		    .key = key,
		    .key_length = length,
		    .first = record,
		    .due_ms = time_of(event) + joining->within_ms,
		};
		total->records = ++joining->products;
	}
	return &joining->product[total->records - 1];
}

static int
take(struct joining *joining, const struct ledger_event *event, uint64_t record)
{
	int kind = kind_of(event);
	struct product *product;

	if (kind < 0)
		return 0;
	if (time_of(event) > joining->clock_ms)
		joining->clock_ms = time_of(event);
	product = product_of(joining, event, record);
	if (product == NULL)
		return -ENOMEM;
	if (!product->created && joining->clock_ms > product->due_ms)
		product->given_up = true;
	if (product->given_up) {
		joining->late++;
	} else if (product->there[kind]) {
		joining->doubled++;
	} else {
		product->there[kind] = true;
		product->part[kind] = record;
		product->created = product->there[0] && product->there[1] && product->there[2];
		product->last = record;
	}
	return 0;
}

static void
check_row(struct ledger_flow *ledger, const struct product *product)
{
	struct ledger_event *event = &ledger->event[product->last];
	char wanted[1280];

	snprintf(wanted, sizeof(wanted), "%.*s,%" PRIu64 ",%" PRIu64 ",%" PRIu64,
	         (int)product->key_length, product->key, product->part[0], product->part[1],
	         product->part[2]);
	if (event->found > 1) {
		ledger->finding.doubled += event->found - 1;
		ledger_flow_note(ledger, "product %.*s is created %" PRIu64 " times",
		                 (int)product->key_length, product->key, event->found);
	}
	if (event->found == 0) {
		ledger->finding.lost++;
		ledger_flow_note(ledger, "product %.*s is complete and was not created",
		                 (int)product->key_length, product->key);
	} else if (event->row == NULL || strcmp(event->row, wanted) != 0) {
		ledger->finding.wrong_lines++;
		ledger_flow_note(ledger, "product %.*s: its row is %s, not %s",
		                 (int)product->key_length, product->key,
		                 event->row == NULL ? "?" : event->row, wanted);
	}
	event->found = 0;
}

static void
check_letter(struct ledger_flow *ledger, const struct product *product)
{
	struct ledger_event *event = &ledger->event[product->first];
	char wanted[1280];
	const char *comma = "";
	size_t used = (size_t)snprintf(wanted, sizeof(wanted), "%.*s: missing",
	                               (int)product->key_length, product->key);

	for (int i = 0; i < KINDS; i++)
		if (!product->there[i]) {
			used += (size_t)snprintf(wanted + used, sizeof(wanted) - used, "%s %s",
			                         comma, kinds[i]);
			comma = ",";
		}
	if (event->missing == NULL) {
		ledger->finding.lost++;
		ledger_flow_note(ledger, "no dead letter says %s", wanted);
	} else if (strcmp(event->missing, wanted) != 0) {
		ledger->finding.wrong_lines++;
		ledger_flow_note(ledger, "the dead letter says %s, not %s", event->missing, wanted);
	}
	free((char *)(uintptr_t)event->missing);
	event->missing = NULL;
}

/* What is left was founded on nothing. */
static void
check_rest(struct ledger_flow *ledger)
{
	for (uint64_t i = 0; i < ledger->events; i++) {
		const struct ledger_event *event = &ledger->event[i];

		ledger->finding.doubled += event->found + (event->missing != NULL);
		if (event->found > 0)
			ledger_flow_note(ledger, "there is a product %s that is not complete",
			                 event->row == NULL ? "?" : event->row);
		else if (event->missing != NULL)
			ledger_flow_note(ledger, "a dead letter says %s, which is not so",
			                 event->missing);
	}
}

static int
take_all(struct joining *joining)
{
	struct ledger_flow *ledger = joining->ledger;
	int error = 0;

	for (uint32_t i = 0; i < ledger->scenario->job.partitions; i++) {
		joining->clock_ms = 0;
		for (uint64_t j = ledger->base[i]; error == 0 && j < ledger->base[i + 1]; j++)
			if (!ledger->event[j].given_up)
				error = take(joining, &ledger->event[j], j);
	}
	return error;
}

int
ledger_flow_join(struct ledger_flow *ledger)
{
	struct joining joining = {.ledger = ledger,
	                          .within_ms = ledger->scenario->job.join_within_ns / 1000000};
	struct ledger_finding *finding = &ledger->finding;
	uint64_t created = 0;
	int error = -ENOMEM;

	joining.product = calloc(ledger->events + 1, sizeof(*joining.product));
	if (joining.product != NULL)
		error = take_all(&joining);
	for (uint64_t i = 0; error == 0 && i < joining.products; i++) {
		created += joining.product[i].created;
		if (joining.product[i].created)
			check_row(ledger, &joining.product[i]);
		else
			check_letter(ledger, &joining.product[i]);
	}
	if (error == 0)
		check_rest(ledger);
	finding->counted = ledger->events;
	snprintf(finding->account, sizeof(finding->account),
	         "%" PRIu64 " events about %" PRIu64 " products: %" PRIu64 " created, %" PRIu64
	         " dead letters that name what is missing; %" PRIu64 " events doubled, %" PRIu64
	         " late",
	         ledger->events, joining.products, created, joining.products - created,
	         joining.doubled, joining.late);
	ledger_table_fini(&joining.table);
	free(joining.product);
	return error;
}

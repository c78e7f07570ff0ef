/* SPDX-License-Identifier: ISC
 *
 * Where each mail may have gone: to the newest address before it in the input, or to a newer one.
 * An older one makes it stale, any other one is wrong.  A store that a worker has left must be the
 * fold of all updates of its partition.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/verdict/ledger_flow_own.h"
#include "sim/verdict/ledger_table.h"

#define NONE UINT64_MAX

struct mails {
	struct ledger_flow *ledger;
	struct ledger_table
	    table;        /* of users; a total counts the number of its last update, from 1 */
	uint64_t *before; /* each update's predecessor */
	uint64_t mails;
};

static bool
is_kind(const struct ledger_event *event, const char *kind)
{
	size_t length;
	const char *field = ledger_flow_field(event, 2, &length);

	return strlen(kind) == length && memcmp(kind, field, length) == 0;
}

/* The value reaches to the line's end. */
static const char *
address_of(const struct ledger_event *event, size_t *length)
{
	const char *address = ledger_flow_field(event, 4, length);

	*length = (size_t)(event->text + event->length - address);
	return address;
}

static uint64_t
last_update(const struct mails *mails, const struct ledger_event *event)
{
	size_t length;
	const char *user = ledger_flow_field(event, 3, &length);
	const struct ledger_total *total = ledger_table_find(&mails->table, user, length);

	return total == NULL ? NONE : total->records - 1;
}

static int
take_update(struct mails *mails, uint64_t record)
{
	size_t length;
	const char *user = ledger_flow_field(&mails->ledger->event[record], 3, &length);
	struct ledger_total *total = ledger_table_find(&mails->table, user, length);

	mails->before[record] = total == NULL ? NONE : total->records - 1;
	if (total == NULL)
		total = ledger_table_add(&mails->table, user, length);
	if (total == NULL)
		return -ENOMEM;
	total->records = record + 1;
	return 0;
}

static bool
went_to(const struct mails *mails, const struct ledger_event *mail, uint64_t update)
{
	size_t length;
	const char *address = address_of(&mails->ledger->event[update], &length);

	return strncmp(mail->row, address, length) == 0 && mail->row[length] == ',';
}

static int64_t
time_of(const struct ledger_event *event)
{
	size_t length;

	return strtoll(ledger_flow_field(event, 1, &length), NULL, 10);
}

static void
stale(struct mails *mails, const struct ledger_event *mail, uint64_t newer)
{
	struct ledger_finding *finding = &mails->ledger->finding;
	int64_t since_ms = time_of(mail) - time_of(&mails->ledger->event[newer]);

	finding->stale++;
	if (since_ms > finding->stale_ms)
		finding->stale_ms = since_ms;
}

/* From the newest update there is back to the one it went to. */
static void
check_address(struct mails *mails, uint64_t record)
{
	const struct ledger_event *mail = &mails->ledger->event[record];
	uint64_t update = last_update(mails, mail), newer = NONE;

	while (update != NONE && !went_to(mails, mail, update)) {
		if (update < record)
			newer = update;
		update = mails->before[update];
	}
	if (update == NONE && !(newer == NONE && mail->row[0] == ',')) {
		mails->ledger->finding.wrong_lines++;
		ledger_flow_note(mails->ledger,
		                 "record %" PRIu64 ": its mail went to no address of that user: %s",
		                 record, mail->row);
	} else if (newer != NONE) {
		stale(mails, mail, newer);
	}
}

static void
check_mail(struct mails *mails, uint64_t record)
{
	struct ledger_event *event = &mails->ledger->event[record];
	struct ledger_finding *finding = &mails->ledger->finding;
	uint64_t wanted = !event->given_up;
	size_t row = event->row == NULL ? 0 : strlen(event->row);

	mails->mails++;
	finding->lost += event->found < wanted;
	finding->doubled += event->found > wanted ? event->found - wanted : 0;
	finding->effects_lost += event->effects < wanted;
	finding->effects_doubled += event->effects > wanted ? event->effects - wanted : 0;
	if (event->found != wanted || event->effects != wanted)
		ledger_flow_note(mails->ledger,
		                 "record %" PRIu64 ": its mail was sent %" PRIu64 " times", record,
		                 event->effects);
	if (event->row == NULL || event->found == 0)
		return;
	if (row <= event->length ||
	    memcmp(event->row + row - event->length, event->text, event->length) != 0) {
		finding->wrong_lines++;
		ledger_flow_note(mails->ledger, "record %" PRIu64 ": another mail was sent: %s",
		                 record, event->row);
		return;
	}
	check_address(mails, record);
}

/* One user of a store that was left; in its own words: lengths, version, key, address. */
static bool
check_user(struct mails *mails, const char *user, uint32_t user_length, const char *address,
           uint32_t address_length)
{
	struct ledger_total *total = ledger_table_find(&mails->table, user, user_length);
	size_t length;
	const char *wanted;

	if (total == NULL)
		return false;
	wanted = address_of(&mails->ledger->event[total->records - 1], &length);
	return length == address_length && memcmp(wanted, address, length) == 0;
}

static uint64_t
count_users(const struct mails *mails, uint32_t partition)
{
	const uint64_t *base = mails->ledger->base;
	uint64_t users = 0;

	for (uint64_t i = base[partition]; i < base[partition + 1]; i++)
		users += is_kind(&mails->ledger->event[i], "UserInformationUpdated") &&
		         mails->before[i] == NONE;
	return users;
}

/* The store must hold the last address of each user of the partition, and nobody else. */
static void
check_store(struct mails *mails, uint32_t partition)
{
	const char *at = mails->ledger->store[partition].bytes;
	const char *end = at + mails->ledger->store[partition].length;
	uint64_t users = 0, wrong = 0;

	while (at != NULL && end - at >= 16) {
		uint32_t lengths[2];

		memcpy(lengths, at, sizeof(lengths));
		at += 16;
		if ((uint64_t)lengths[0] + lengths[1] > (uint64_t)(end - at))
			break;
		wrong += !check_user(mails, at, lengths[0], at + lengths[0], lengths[1]);
		at += lengths[0] + lengths[1];
		users++;
	}
	if (wrong == 0 && at == end && users == count_users(mails, partition))
		return;
	mails->ledger->finding.wrong_lines += wrong > 0 ? wrong : 1;
	ledger_flow_note(mails->ledger,
	                 "the store of log %" PRIu32 " is not the fold of its updates: %" PRIu64
	                 " users of %" PRIu64 ", %" PRIu64 " of them wrong",
	                 partition, users, count_users(mails, partition), wrong);
}

void
ledger_flow_effect(struct ledger_flow *ledger, uint64_t record)
{
	if (record < ledger->events)
		ledger->event[record].effects++;
	else
		ledger->finding.effects_unfounded++;
}

int
ledger_flow_store(struct ledger_flow *ledger, uint32_t partition, const char *bytes, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, bytes, length);
	ledger->store[partition].bytes = copy;
	ledger->store[partition].length = length;
	return 0;
}

int
ledger_flow_mails(struct ledger_flow *ledger)
{
	struct mails mails = {.ledger = ledger};
	struct ledger_finding *finding = &ledger->finding;
	int error = 0;

	mails.before = calloc(ledger->events + 1, sizeof(*mails.before));
	if (mails.before == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; error == 0 && i < ledger->events; i++)
		if (is_kind(&ledger->event[i], "UserInformationUpdated"))
			error = take_update(&mails, i);
	for (uint64_t i = 0; error == 0 && i < ledger->events; i++)
		if (is_kind(&ledger->event[i], "MailRequested"))
			check_mail(&mails, i);
	for (uint32_t i = 0; error == 0 && i < ledger->scenario->job.partitions &&
	                     ledger->scenario->job.pattern == PATTERN_STATEFUL;
	     i++)
		check_store(&mails, i);
	finding->counted = mails.mails;
	snprintf(finding->account, sizeof(finding->account),
	         "%" PRIu64 " events: %" PRIu64 " mails to %zu users; %" PRIu64
	         " stale, by up to %.3f s of the events' time",
	         ledger->events, mails.mails, mails.table.keys, finding->stale,
	         (double)finding->stale_ms / 1000);
	ledger_table_fini(&mails.table);
	free(mails.before);
	return error;
}

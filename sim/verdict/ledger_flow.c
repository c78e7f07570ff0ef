/* SPDX-License-Identifier: ISC
 *
 * Two passes over the input: how many events each partition has, and which.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/verdict/ledger_flow_own.h"

void
ledger_flow_note(struct ledger_flow *ledger, const char *format, ...)
{
	va_list arguments;

	if (ledger->finding.example[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(ledger->finding.example, sizeof(ledger->finding.example), format, arguments);
	va_end(arguments);
}

const char *
ledger_flow_field(const struct ledger_event *event, unsigned field, size_t *length)
{
	const char *at = event->text, *end = event->text + event->length;

	for (; field > 0 && at < end; at++)
		field -= *at == ',';
	*length = 0;
	while (at + *length < end && at[*length] != ',')
		++*length;
	return at;
}

/* Calls each() with each line behind the header. */
static void
each_line(struct ledger_flow *ledger,
          void (*each)(struct ledger_flow *ledger, const struct ledger_event *event))
{
	const char *at = ledger->bytes.start, *end = at + ledger->bytes.length;
	bool header = true;

	while (at < end) {
		struct ledger_event event = {.text = at};

		while (at < end && *at != '\n')
			at++;
		event.length = (size_t)(at - event.text);
		at++;
		if (!header)
			each(ledger, &event);
		header = false;
	}
}

static uint64_t
partition_of(const struct ledger_flow *ledger, const struct ledger_event *event)
{
	size_t length;
	const char *key = ledger_flow_field(event, 3, &length);

	return XXH3_64bits(key, length) % ledger->scenario->job.partitions;
}

static void
count(struct ledger_flow *ledger, const struct ledger_event *event)
{
	ledger->base[partition_of(ledger, event) + 1]++;
	ledger->events++;
}

/* base[p] is where the next one of the partition goes while they are put in their places. */
static void
put(struct ledger_flow *ledger, const struct ledger_event *event)
{
	ledger->event[ledger->base[partition_of(ledger, event)]++] = *event;
}

static int
read_events(struct ledger_flow *ledger)
{
	uint32_t partitions = ledger->scenario->job.partitions;

	each_line(ledger, count);
	for (uint32_t i = 0; i < partitions; i++)
		ledger->base[i + 1] += ledger->base[i];
	ledger->event = calloc(ledger->events + 1, sizeof(*ledger->event));
	if (ledger->event == NULL)
		return -ENOMEM;
	each_line(ledger, put);
	for (uint32_t i = partitions; i > 0; i--)
		ledger->base[i] = ledger->base[i - 1];
	ledger->base[0] = 0;
	return 0;
}

struct ledger_flow *
ledger_flow_new(const struct scenario *scenario, const char *input, char *error, size_t size)
{
	const struct ledger_words words = {error, size};
	struct ledger_flow *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL) {
		snprintf(error, size, "no memory left for the ledger");
		return NULL;
	}
	ledger->scenario = scenario;
	if (ledger_map(&ledger->bytes, input, scenario->job.input_bytes, &words) != 0)
		goto failed;
	if (read_events(ledger) != 0) {
		snprintf(error, size, "no memory left for the events of %s", input);
		goto failed;
	}
	return ledger;
failed:
	ledger_flow_free(ledger);
	return NULL;
}

/* A letter about a product stands at its first event, which is none itself. */
int
ledger_flow_dead(struct ledger_flow *ledger, const struct store_dead_row *row)
{
	uint64_t end = row->dead.record + row->records;

	if (row->dead.reason == REASON_INCOMPLETE && row->dead.record < ledger->events) {
		struct ledger_event *event = &ledger->event[row->dead.record];

		event->missing = strndup(row->dead.bytes, row->bytes_length);
		return event->missing == NULL ? -ENOMEM : 0;
	}
	for (uint64_t i = row->dead.record; i < end && i < ledger->events; i++)
		ledger->event[i].given_up = true;
	return 0;
}

void
ledger_flow_free(struct ledger_flow *ledger)
{
	if (ledger == NULL)
		return;
	ledger_unmap(&ledger->bytes);
	for (uint64_t i = 0; ledger->event != NULL && i < ledger->events; i++) {
		free((char *)(uintptr_t)ledger->event[i].row);
		free((char *)(uintptr_t)ledger->event[i].missing);
	}
	free(ledger->event);
	ledger_flow_views_free(ledger->views);
	for (size_t i = 0; i < SCENARIO_PARTITIONS_MAX; i++)
		free(ledger->store[i].bytes);
	free(ledger);
}

static bool
has_mails(const struct ledger_flow *ledger)
{
	return ledger->scenario->job.pattern == PATTERN_STATELESS ||
	       ledger->scenario->job.pattern == PATTERN_STATEFUL;
}

/* The line up to its value, and the digest of that, wherever it was meanwhile. */
static bool
is_document(const struct ledger_event *event, const struct sink_row *row)
{
	size_t length;
	const char *value = ledger_flow_field(event, 4, &length);
	size_t before = (size_t)(value - event->text);
	char digest[17];

	snprintf(digest, sizeof(digest), "%016" PRIx64,
	         (uint64_t)XXH3_64bits(value, event->length - before));
	return row->length == before + 16 && memcmp(row->payload, event->text, before) == 0 &&
	       memcmp(row->payload + before, digest, 16) == 0;
}

void
ledger_flow_row(struct ledger_flow *ledger, const struct sink_row *row)
{
	struct ledger_event *event;

	if (row->record >= ledger->events) {
		ledger->finding.wrong_lines++;
		ledger_flow_note(ledger, "a row of record %" PRIu64 ", which is not in the input",
		                 row->record);
		return;
	}
	event = &ledger->event[row->record];
	event->found++;
	if (ledger->scenario->job.pattern == PATTERN_JOIN || has_mails(ledger)) {
		free((char *)(uintptr_t)event->row);
		event->row = strndup(row->payload, row->length);
		return;
	}
	if (ledger->scenario->job.pattern == PATTERN_CLAIM_CHECK
	        ? is_document(event, row)
	        : row->length == event->length &&
	              memcmp(row->payload, event->text, row->length) == 0)
		return;
	ledger->finding.wrong_lines++;
	ledger_flow_note(ledger, "record %" PRIu64 ": its row has other bytes than the input",
	                 row->record);
}

void
ledger_flow_chunk(struct ledger_flow *ledger, const struct sink_chunk *chunk)
{
	uint64_t digest = 0, records = 0;

	for (uint64_t i = chunk->first; i < chunk->end && i < ledger->events; i++) {
		struct ledger_event *event = &ledger->event[i];

		if (event->given_up)
			continue;
		event->found++;
		records++;
		digest += XXH3_64bits(event->text, event->length);
	}
	if (records == chunk->records && digest == chunk->digest)
		return;
	ledger->finding.wrong_lines++;
	ledger_flow_note(ledger,
	                 "the batch of records %" PRIu64 " to %" PRIu64 " says %" PRIu64
	                 " records, the input has %" PRIu64 "%s",
	                 chunk->first, chunk->end, chunk->records, records,
	                 records == chunk->records ? ", of other bytes" : "");
}

static void
count_events(struct ledger_flow *ledger)
{
	struct ledger_finding *own = &ledger->finding;

	for (uint64_t i = 0; i < ledger->events; i++) {
		const struct ledger_event *event = &ledger->event[i];
		uint64_t wanted = !event->given_up;

		own->counted += wanted;
		if (event->found < wanted) {
			own->lost++;
			ledger_flow_note(ledger, "record %" PRIu64 " is lost", i);
		} else if (event->found > wanted) {
			own->doubled += event->found - wanted;
			ledger_flow_note(ledger, "record %" PRIu64 " is there %" PRIu64 " times", i,
			                 event->found);
		}
	}
}

int
ledger_flow_end(struct ledger_flow *ledger, struct ledger_finding *finding)
{
	struct ledger_finding *own = &ledger->finding;
	int error = 0;

	own->records = ledger->events;
	if (ledger->scenario->job.pattern == PATTERN_JOIN)
		error = ledger_flow_join(ledger);
	else if (ledger->scenario->job.pattern == PATTERN_KAPPA)
		error = ledger_flow_views(ledger);
	else if (has_mails(ledger))
		error = ledger_flow_mails(ledger);
	else
		count_events(ledger);
	own->wrong_lines += own->lost + own->doubled;
	*finding = *own;
	return error;
}

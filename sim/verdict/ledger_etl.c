/* SPDX-License-Identifier: ISC
 *
 * One pass over the input, record by record: what its row must hold and under which key.  Rows that
 * are there are held against that.  The hash function is the only thing that this and the machinery
 * share.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sim/strategy/strategies.h"
#include "sim/verdict/ledger_etl.h"
#include "sim/verdict/ledger_input.h"
#include "sim/verdict/ledger_late.h"
#include "sim/verdict/ledger_text.h"

/* What is known of one record. */
struct expected {
	uint64_t payload;       /* XXH3 64 of its bytes */
	uint64_t key;           /* the first half of its key */
	uint16_t rows, effects; /* that are there */
	bool given_up, unreadable;
	bool dropped; /* by event time: to be left out */
};

struct ledger_etl {
	const struct scenario *scenario;
	const char *date, *source;
	struct ledger_bytes bytes;
	struct ledger_reader reader;
	uint32_t columns;
	uint32_t id[SCENARIO_SUMS_MAX], decimal[SCENARIO_SUMS_MAX];
	uint32_t event_time, event_source;
	struct ledger_late late;
	struct ledger_text text;
	struct expected *record;
	uint64_t records, room;
	uint64_t covered; /* chunks: all records before it were looked at */
	struct ledger_finding finding;
	struct ledger_words words;
};

static int
find_column(struct ledger_etl *ledger, const char *path, const char *name, uint32_t *column)
{
	return ledger_column_find(&ledger->reader, path, name, column, &ledger->words);
}

static int
read_header(struct ledger_etl *ledger, const char *path)
{
	const struct scenario_job *job = &ledger->scenario->job;
	struct ledger_reader *reader = &ledger->reader;
	int error;

	ledger_reader_init(reader, ledger->bytes.start, ledger->bytes.length, job->separator);
	error = ledger_header_read(reader, path, &ledger->words);
	ledger->columns = reader->fields;
	for (size_t i = 0; error == 0 && i < job->ids; i++)
		error = find_column(ledger, path, job->id[i], &ledger->id[i]);
	for (size_t i = 0; error == 0 && i < job->sums; i++)
		error = find_column(ledger, path, job->sum[i], &ledger->decimal[i]);
	if (error == 0 && job->event_time != NULL)
		error = find_column(ledger, path, job->event_time, &ledger->event_time);
	if (error == 0 && job->source != NULL)
		error = find_column(ledger, path, job->source, &ledger->event_source);
	return error;
}

/* A length and the bytes that it is of, as the key's definition has them; the bytes come after. */
static int
add_length(struct ledger_etl *ledger, uint64_t length)
{
	char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(length >> 8 * i & 0xff);
	return ledger_text_add(&ledger->text, bytes, sizeof(bytes));
}

static int
add_string(struct ledger_etl *ledger, const char *string)
{
	int error = add_length(ledger, strlen(string));

	return error == 0 ? ledger_text_add_string(&ledger->text, string) : error;
}

/* Puts the key's definition together in ledger->text: version, date, source, ids, kind. */
static int
define_key(struct ledger_etl *ledger)
{
	int error;

	ledger->text.length = 0;
	error = ledger_text_add(&ledger->text, "\1", 1);
	if (error == 0)
		error = add_string(ledger, ledger->date);
	if (error == 0)
		error = add_string(ledger, ledger->source);
	for (size_t i = 0; error == 0 && i < ledger->scenario->job.ids; i++) {
		size_t at = ledger->text.length, length;

		error = add_length(ledger, 0);
		if (error == 0)
			error = ledger_text_add_value(&ledger->text,
			                              &ledger->reader.field[ledger->id[i]]);
		if (error != 0)
			break;
		/* The value's length is known only now that its quotes are undone. */
		length = ledger->text.length - at - 8;
		for (int j = 0; j < 8; j++)
			ledger->text.bytes[at + (size_t)j] =
			    (char)((uint64_t)length >> 8 * j & 0xff);
	}
	return error == 0 ? add_string(ledger, "row") : error;
}

static bool
is_usable(struct ledger_etl *ledger)
{
	struct ledger_reader *reader = &ledger->reader;
	struct ledger_amount amount;

	if (reader->bad == NULL && reader->fields != ledger->columns)
		reader->bad = "it has another number of fields than the header";
	for (size_t i = 0; reader->bad == NULL && i < ledger->scenario->job.sums; i++)
		if (!ledger_amount_read(&amount, &reader->field[ledger->decimal[i]]))
			reader->bad = "a column is no decimal of up to 18 digits a side";
	if (reader->bad == NULL && ledger->scenario->job.event_time != NULL) {
		const struct ledger_field *field = &reader->field[ledger->event_time];
		int64_t time_ns;

		if (!ledger_late_time(field->text, field->length, &time_ns))
			reader->bad = "its event time is none";
	}
	return reader->bad == NULL;
}

/* A usable record that was not given up arrives; only one strategy goes by that. */
static int
arrive(struct ledger_etl *ledger, struct expected *record)
{
	const struct ledger_field *when = &ledger->reader.field[ledger->event_time];
	const struct ledger_field *source = &ledger->reader.field[ledger->event_source];
	int64_t time_ns;
	int late;

	if (ledger->scenario->strategy != STRATEGY_ID_WATERMARK ||
	    !ledger_late_time(when->text, when->length, &time_ns))
		return 0;
	late = ledger_late_event(&ledger->late, time_ns, source->text, source->length);
	if (late < 0)
		return late;
	ledger->finding.late += late == 1;
	record->dropped = late == 1 && ledger->scenario->watermark.late == LATE_DROP;
	ledger->finding.dropped += record->dropped;
	return 0;
}

static bool
is_due(const struct expected *record)
{
	return !record->given_up && !record->unreadable && !record->dropped;
}

static int
add_record(struct ledger_etl *ledger, bool given_up)
{
	struct expected *record;

	if (ledger->records == ledger->room) {
		ledger->room = ledger->room == 0 ? 1024 : 2 * ledger->room;
		record = reallocarray(ledger->record, ledger->room, sizeof(*record));
		if (record == NULL)
			return -ENOMEM;
		ledger->record = record;
	}
	record = &ledger->record[ledger->records];
	*record = (struct expected){
	    .payload = XXH3_64bits(ledger->reader.record, ledger->reader.length),
	    .given_up = given_up,
	    .unreadable = !is_usable(ledger),
	};
	if (!record->unreadable) {
		if (define_key(ledger) != 0)
			return -ENOMEM;
		record->key = XXH3_128bits(ledger->text.bytes, ledger->text.length).high64;
	}
	if (!record->unreadable && !given_up && arrive(ledger, record) != 0)
		return -ENOMEM;
	ledger->finding.unfounded += given_up && !record->unreadable;
	ledger->finding.counted += !given_up && !record->dropped;
	if (!given_up && record->unreadable) {
		ledger->finding.unreadable++;
		ledger_note(&ledger->finding, "record %" PRIu64 " should be a dead letter: %s",
		            ledger->records, ledger->reader.bad);
	}
	ledger->finding.records = ++ledger->records;
	return 0;
}

static int
read_input(struct ledger_etl *ledger, const char *path, const struct ledger_gap *gaps,
           size_t gap_count)
{
	size_t gap = 0;
	int error = read_header(ledger, path);

	while (error == 0 && ledger_reader_next(&ledger->reader)) {
		uint64_t number = ledger->records;

		while (gap < gap_count && number >= gaps[gap].first + gaps[gap].count)
			gap++;
		error = add_record(ledger, gap < gap_count && number >= gaps[gap].first);
		if (error != 0)
			ledger_fail(&ledger->words, error, "no memory left for the records of %s",
			            path);
	}
	return error;
}

static const char *
leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

struct ledger_etl *
ledger_etl_new(const struct scenario *scenario, const char *input, const char *logical_date,
               const struct ledger_gap *gaps, size_t gap_count, char *error, size_t size)
{
	struct ledger_etl *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL) {
		snprintf(error, size, "no memory left for the ledger");
		return NULL;
	}
	ledger->scenario = scenario;
	ledger->date = logical_date;
	ledger->source = leaf_of(input);
	ledger->words = (struct ledger_words){error, size};
	ledger->late = (struct ledger_late){.window_ns = scenario->watermark.window_ns,
	                                    .lateness_ns = scenario->watermark.lateness_ns,
	                                    .idle_ns = scenario->watermark.idle_ns};
	if (ledger_map(&ledger->bytes, input, scenario->job.input_bytes, &ledger->words) == 0 &&
	    read_input(ledger, input, gaps, gap_count) == 0)
		return ledger;
	ledger_etl_free(ledger);
	return NULL;
}

void
ledger_etl_free(struct ledger_etl *ledger)
{
	if (ledger == NULL)
		return;
	ledger_unmap(&ledger->bytes);
	free(ledger->text.bytes);
	ledger_late_fini(&ledger->late);
	free(ledger->record);
	free(ledger);
}

void
ledger_etl_redriven(struct ledger_etl *ledger)
{
	for (uint64_t i = 0; i < ledger->records; i++)
		ledger->record[i].dropped = false;
	ledger->finding.counted += ledger->finding.dropped;
	ledger->finding.dropped = 0;
}

void
ledger_etl_drop(struct ledger_etl *ledger, uint64_t record)
{
	if (record >= ledger->records || !is_due(&ledger->record[record]))
		return;
	ledger->record[record].dropped = true;
	ledger->finding.dropped++;
	ledger->finding.counted--;
}

static uint64_t
first_half(const unsigned char key[SINK_KEY_BYTES])
{
	uint64_t half = 0;

	for (int i = 0; i < 8; i++)
		half = half << 8 | key[i];
	return half;
}

void
ledger_etl_row(struct ledger_etl *ledger, const struct sink_row *row)
{
	bool own_key = (strategy_flags(ledger->scenario->strategy) & STRATEGY_OWN_KEY) != 0;
	struct expected *record;

	if (row->record >= ledger->records ||
	    ledger->record[row->record].payload != XXH3_64bits(row->payload, row->length)) {
		ledger->finding.wrong_lines++;
		ledger_note(&ledger->finding,
		            "the sink has a row of record %" PRIu64 " that the input has not",
		            row->record);
		return;
	}
	record = &ledger->record[row->record];
	record->rows += record->rows < UINT16_MAX;
	if (!own_key && !record->unreadable && record->key != first_half(row->key)) {
		ledger->finding.wrong_lines++;
		ledger_note(&ledger->finding,
		            "the row of record %" PRIu64 " has not the key that is made of it",
		            row->record);
	}
}

/* A record that is before the chunks' next one, but in none of them. */
static void
miss(struct ledger_etl *ledger, uint64_t until)
{
	for (; ledger->covered < until && ledger->covered < ledger->records; ledger->covered++) {
		const struct expected *record = &ledger->record[ledger->covered];

		if (record->given_up || record->unreadable)
			continue;
		ledger->finding.lost++;
		ledger_note(&ledger->finding, "record %" PRIu64 " is in no row of the sink",
		            ledger->covered);
	}
}

void
ledger_etl_chunk(struct ledger_etl *ledger, const struct sink_chunk *chunk)
{
	uint64_t end = chunk->end < ledger->records ? chunk->end : ledger->records;
	uint64_t digest = 0, records = 0;

	miss(ledger, chunk->first);
	for (uint64_t i = chunk->first; i < end; i++) {
		const struct expected *record = &ledger->record[i];

		if (record->given_up || record->unreadable)
			continue;
		records++;
		digest += record->payload;
		if (i >= ledger->covered)
			continue;
		ledger->finding.doubled++;
		ledger_note(&ledger->finding, "record %" PRIu64 " is in two rows of the sink", i);
	}
	if (digest != chunk->digest || records != chunk->records || end != chunk->end) {
		ledger->finding.wrong_lines++;
		ledger_note(&ledger->finding,
		            "the row of records %" PRIu64 " to %" PRIu64 " does not hold them",
		            chunk->first, chunk->end - 1);
	}
	if (end > ledger->covered)
		ledger->covered = end;
	if (chunk->first < ledger->records)
		ledger->record[chunk->first].rows++;
}

void
ledger_etl_effect(struct ledger_etl *ledger, uint64_t record)
{
	if (record >= ledger->records) {
		ledger->finding.effects_unfounded++;
		ledger_note(&ledger->finding,
		            "there is an effect of record %" PRIu64 ", which the input has not",
		            record);
		return;
	}
	ledger->record[record].effects += ledger->record[record].effects < UINT16_MAX;
}

/* --- what came of it */

static int
compare_records(const void *left, const void *right)
{
	const struct expected *a = *(const struct expected *const *)left;
	const struct expected *b = *(const struct expected *const *)right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->payload != b->payload)
		return a->payload < b->payload ? -1 : 1;
	return (b->rows > 0) - (a->rows > 0); /* one that is there comes first */
}

/* Records without a row that are another one's equal are no loss where rows go by key: it is one
 * row. They are marked as if they had one. */
static int
find_repeated(struct ledger_etl *ledger)
{
	const struct expected **order =
	    calloc(ledger->records + 1, sizeof(const struct expected *));
	bool there = false;

	if (order == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < ledger->records; i++)
		order[i] = &ledger->record[i];
	qsort(order, ledger->records, sizeof(const struct expected *), compare_records);
	for (uint64_t i = 0; i < ledger->records; i++) {
		struct expected *record = &ledger->record[order[i] - ledger->record];
		bool again = i > 0 && order[i - 1]->key == record->key &&
		             order[i - 1]->payload == record->payload;

		there = record->rows > 0 || (again && there);
		if (!again || !there || record->rows > 0 || !is_due(record))
			continue;
		record->rows = 1;
		record->effects++;
		ledger->finding.repeated++;
	}
	free(order);
	return 0;
}

static uint64_t
count_missing(const struct ledger_etl *ledger)
{
	uint64_t missing = 0;

	for (uint64_t i = 0; i < ledger->records; i++)
		missing += ledger->record[i].rows == 0 && is_due(&ledger->record[i]);
	return missing;
}

static void
settle_row(struct ledger_etl *ledger, uint64_t number)
{
	const struct expected *record = &ledger->record[number];
	bool due = is_due(record);

	if (due && record->rows == 0) {
		ledger->finding.lost++;
		ledger_note(&ledger->finding, "record %" PRIu64 " has no row in the sink", number);
	}
	if (record->rows > due) {
		ledger->finding.doubled += (uint64_t)(record->rows - due);
		ledger_note(&ledger->finding, "record %" PRIu64 " has %u rows in the sink%s",
		            number, record->rows, due ? "" : " and was given up");
	}
}

static void
settle_effect(struct ledger_etl *ledger, uint64_t number)
{
	const struct expected *record = &ledger->record[number];
	unsigned due = record->rows > 0;

	if (record->effects > due) {
		ledger->finding.effects_doubled += record->effects - due;
		ledger_note(&ledger->finding, "record %" PRIu64 " had its effect %u times", number,
		            record->effects);
	}
	ledger->finding.effects_lost += record->effects < due;
	if (record->effects < due)
		ledger_note(&ledger->finding,
		            "record %" PRIu64 " has its row, but never had its effect", number);
}

int
ledger_etl_end(struct ledger_etl *ledger, struct ledger_finding *finding)
{
	bool chunks = ledger->scenario->job.rows == JOB_ROWS_CHUNK;
	int error = 0;

	if (chunks)
		miss(ledger, ledger->records);
	else if (count_missing(ledger) > 0)
		error = find_repeated(ledger);
	for (uint64_t i = 0; error == 0 && i < ledger->records; i++) {
		if (!chunks)
			settle_row(ledger, i);
		if (ledger->scenario->job.effects)
			settle_effect(ledger, i);
	}
	ledger->finding.wrong_lines += ledger->finding.lost + ledger->finding.doubled;
	*finding = ledger->finding;
	return error;
}

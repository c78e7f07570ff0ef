/* SPDX-License-Identifier: ISC
 *
 * The ledger: one pass over the input, byte by byte, summing per key; then one pass over the sink,
 * line by line, against the lines that must be there.  It has a reader, a table and a way to write
 * decimals of its own (the files beside this one): an error in the machinery's CSV, decimals,
 * merging or sorting cannot be repeated here by sharing it.
 */
#define LIBBSD_OPENBSD_VIS 1 /* vis.h insists on a choice, though strnvis is not used */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vis.h>

#include "sim/verdict/ledger_input.h"
#include "sim/verdict/ledger_lines.h"
#include "sim/verdict/ledger_table.h"
#include "sim/verdict/ledger_text.h"

#define SHOWN_MAX 80 /* bytes of a key or line in a message */

#define UNFOUNDED "record %" PRIu64 " is a dead letter, but nothing is wrong with it"

struct ledger {
	const struct scenario_job *job;
	struct ledger_finding *finding;
	struct ledger_reader reader; /* of the input, then of the sink */
	uint32_t columns;
	uint32_t key_column;
	uint32_t sum_column[SCENARIO_SUMS_MAX];
	struct ledger_table table;
	struct ledger_total **sorted;
	struct ledger_text key, line;
	bool no_memory; /* to decode a key of the sink */
	struct ledger_words words;
};

/* The beginning of a key or line, made safe to show. */
static const char *
shown(const char *bytes, size_t length, char text[4 * SHOWN_MAX + 4])
{
	size_t part = length < SHOWN_MAX ? length : SHOWN_MAX;
	int used = strvisx(text, bytes, part, VIS_CSTYLE | VIS_NL | VIS_TAB);

	if (part < length)
		memcpy(text + used, "...", 4);
	return text;
}

/* What the field says, in ledger->key. */
static int
key_decode(struct ledger *ledger, const struct ledger_field *field)
{
	ledger->key.length = 0;
	return ledger_text_add_value(&ledger->key, field);
}

static int
header_read(struct ledger *ledger, const char *path)
{
	const struct scenario_job *job = ledger->job;
	struct ledger_reader *reader = &ledger->reader;
	int error = ledger_header_read(reader, path, &ledger->words);

	ledger->columns = reader->fields;
	if (error == 0)
		error =
		    ledger_column_find(reader, path, job->key, &ledger->key_column, &ledger->words);
	for (size_t i = 0; error == 0 && i < job->sums; i++)
		error = ledger_column_find(reader, path, job->sum[i], &ledger->sum_column[i],
		                           &ledger->words);
	return error;
}

/* The values of the record just read; false with reader.bad set when it cannot be used. */
static bool
record_values(struct ledger *ledger, struct ledger_amount value[SCENARIO_SUMS_MAX])
{
	struct ledger_reader *reader = &ledger->reader;

	if (!reader->bad && reader->fields != ledger->columns)
		reader->bad = "it has another number of fields than the header";
	for (size_t i = 0; !reader->bad && i < ledger->job->sums; i++)
		if (!ledger_amount_read(&value[i], &reader->field[ledger->sum_column[i]]))
			reader->bad =
			    "a column to be summed is no decimal of up to 18 digits a side";
	return !reader->bad;
}

static int
record_add(struct ledger *ledger, const struct ledger_amount value[SCENARIO_SUMS_MAX])
{
	const struct ledger_field *field = &ledger->reader.field[ledger->key_column];
	const char *key = field->text;
	size_t length = field->length;
	struct ledger_total *total;

	if (field->doubled) {
		if (key_decode(ledger, field))
			return -ENOMEM;
		key = ledger->key.bytes;
		length = ledger->key.length;
	}
	total = ledger_table_find(&ledger->table, key, length);
	if (!total)
		total = ledger_table_add(&ledger->table, key, length);
	if (!total)
		return -ENOMEM;
	total->records++;
	for (size_t i = 0; i < ledger->job->sums; i++) {
		total->sum[i].whole += value[i].whole;
		total->sum[i].fraction += value[i].fraction;
	}
	return 0;
}

static int
input_sum(struct ledger *ledger, const char *path, const struct ledger_gap *gaps, size_t gap_count)
{
	struct ledger_finding *finding = ledger->finding;
	struct ledger_amount value[SCENARIO_SUMS_MAX] = {0};
	size_t gap = 0;
	int error = header_read(ledger, path);

	if (error)
		return error;
	for (; ledger_reader_next(&ledger->reader); finding->records++) {
		uint64_t number = finding->records;
		bool usable = record_values(ledger, value);

		while (gap < gap_count && number - gaps[gap].first >= gaps[gap].count &&
		       number >= gaps[gap].first)
			gap++;
		if (gap < gap_count && number >= gaps[gap].first) {
			if (usable) {
				finding->unfounded++;
				ledger_note(ledger->finding, UNFOUNDED, number);
			}
			continue;
		}
		finding->counted++;
		if (!usable) {
			finding->unreadable++;
			ledger_note(ledger->finding,
			            "record %" PRIu64 " should be a dead letter: %s", number,
			            ledger->reader.bad);
			continue;
		}
		error = record_add(ledger, value);
		if (error)
			return ledger_fail(&ledger->words, error,
			                   "no memory left for %zu keys of %s", ledger->table.keys,
			                   path);
	}
	return 0;
}

static int
expect_header(struct ledger *ledger)
{
	const struct scenario_job *job = ledger->job;
	int error;

	ledger->line.length = 0;
	error = ledger_text_add_field(&ledger->line, job->key, strlen(job->key));
	if (!error)
		error = ledger_text_add_string(&ledger->line, ",records");
	for (size_t i = 0; !error && i < job->sums; i++) {
		ledger->key.length = 0;
		error = ledger_text_add_string(&ledger->key, "sum(");
		if (!error)
			error = ledger_text_add_string(&ledger->key, job->sum[i]);
		if (!error)
			error = ledger_text_add_string(&ledger->key, ")");
		if (!error)
			error = ledger_text_add_string(&ledger->line, ",");
		if (!error)
			error = ledger_text_add_field(&ledger->line, ledger->key.bytes,
			                              ledger->key.length);
	}
	return error ? error : ledger_text_add_string(&ledger->line, "\n");
}

static int
expect_total(struct ledger *ledger, struct ledger_total *total)
{
	char count[32];
	int error;

	ledger->line.length = 0;
	error = ledger_text_add_field(&ledger->line, ledger_total_key(&ledger->table, total),
	                              total->length);
	snprintf(count, sizeof(count), ",%" PRIu64, total->records);
	if (!error)
		error = ledger_text_add_string(&ledger->line, count);
	for (size_t i = 0; !error && i < ledger->table.sums; i++) {
		error = ledger_text_add_string(&ledger->line, ",");
		if (!error)
			error = ledger_text_add_amount(&ledger->line, &total->sum[i]);
	}
	return error ? error : ledger_text_add_string(&ledger->line, "\n");
}

/* If the sink goes on with exactly the expected line, steps over it. */
static bool
sink_matches(struct ledger *ledger)
{
	struct ledger_reader *reader = &ledger->reader;

	if ((size_t)(reader->end - reader->at) < ledger->line.length ||
	    memcmp(reader->at, ledger->line.bytes, ledger->line.length) != 0)
		return false;
	reader->at += ledger->line.length;
	return true;
}

/* Reads the sink's next line: its key into ledger->key, and its count of records.  False: it is no
 * line of a result. */
static bool
sink_line(struct ledger *ledger, uint64_t *count)
{
	struct ledger_reader *reader = &ledger->reader;
	struct ledger_amount value;

	if (!ledger_reader_next(reader) || reader->bad || reader->fields < 2 ||
	    !ledger_amount_read(&value, &reader->field[1]) || value.whole < 0 ||
	    value.fraction != 0)
		return false;
	*count = (uint64_t)value.whole;
	if (key_decode(ledger, &reader->field[0])) {
		ledger->no_memory = true;
		return false;
	}
	return true;
}

static void
sink_misses(struct ledger *ledger, struct ledger_total *total)
{
	char key[4 * SHOWN_MAX + 4];

	ledger->finding->wrong_lines++;
	ledger_note(ledger->finding,
	            "key '%s': sink has no line where it belongs, input %" PRIu64 " records",
	            shown(ledger_total_key(&ledger->table, total), total->length, key),
	            total->records);
}

/* Takes a line that is not the expected one into account and says what is wrong with it.  total: of
 * its key, NULL if the input has no such key. */
static void
sink_tally(struct ledger *ledger, struct ledger_total *total, const char *line, uint64_t count)
{
	char key[4 * SHOWN_MAX + 4], is[4 * SHOWN_MAX + 4];

	ledger->finding->wrong_lines++;
	shown(ledger->key.bytes, ledger->key.length, key);
	if (!total) {
		ledger->finding->doubled += count;
		ledger_note(ledger->finding, "key '%s': sink has %" PRIu64 " records, input none",
		            key, count);
		return;
	}
	total->found += count;
	if (total->found != total->records)
		ledger_note(ledger->finding,
		            "key '%s': sink has %" PRIu64 " records, input %" PRIu64, key,
		            total->found, total->records);
	else
		ledger_note(ledger->finding, "key '%s': sink has the wrong line '%s'", key,
		            shown(line, (size_t)(ledger->reader.at - line), is));
}

/* The sink's next line, which is there, is not the expected one of `next` (NULL: none is left).
 * Whichever of the two comes first by its key is dealt with; both, if the keys are equal.  A line
 * that is none of a result, or whose key is unknown, is in nobody's place: it alone is dealt with.
 * Returns whether `next` has been. */
static bool
sink_differs(struct ledger *ledger, struct ledger_total *next)
{
	struct ledger_reader *reader = &ledger->reader;
	const char *line = reader->at;
	char is[4 * SHOWN_MAX + 4];
	struct ledger_total *total;
	uint64_t count;
	int order = -1;

	if (!sink_line(ledger, &count)) {
		ledger->finding->wrong_lines++;
		ledger_note(ledger->finding, "the sink has a line that is none of a result: '%s'",
		            shown(line, (size_t)(reader->at - line), is));
		return false;
	}
	total = ledger_table_find(&ledger->table, ledger->key.bytes, ledger->key.length);
	if (total && next)
		order = ledger_total_compare(&ledger->table, total, next);
	if (order > 0) {
		reader->at = line;
		sink_misses(ledger, next);
		return true;
	}
	sink_tally(ledger, total, line, count);
	return order == 0;
}

/* Deals with the expected line of `next`, and with all lines of the sink that come before it. */
static void
sink_settle(struct ledger *ledger, struct ledger_total *next)
{
	bool settled = false;

	while (!settled) {
		if (sink_matches(ledger)) {
			next->found += next->records;
			settled = true;
		} else if (ledger->reader.at == ledger->reader.end) {
			sink_misses(ledger, next);
			settled = true;
		} else {
			settled = sink_differs(ledger, next);
		}
	}
}

static void
sink_header_differs(struct ledger *ledger)
{
	const char *line = ledger->reader.at;
	char is[4 * SHOWN_MAX + 4], must[4 * SHOWN_MAX + 4];
	uint64_t count;
	bool is_result = sink_line(ledger, &count);

	ledger->finding->wrong_lines++;
	ledger_note(ledger->finding, "the sink begins with '%s', expected '%s'",
	            shown(line, (size_t)(ledger->reader.at - line), is),
	            shown(ledger->line.bytes, ledger->line.length, must));
	if (is_result)
		ledger->reader.at = line; /* there is no header at all: the line has its turn */
}

static int
sink_compare(struct ledger *ledger)
{
	struct ledger_finding *finding = ledger->finding;
	size_t keys = ledger->table.keys;

	if (expect_header(ledger))
		return -ENOMEM;
	if (!sink_matches(ledger))
		sink_header_differs(ledger);
	for (size_t i = 0; i < keys; i++) {
		if (expect_total(ledger, ledger->sorted[i]))
			return -ENOMEM;
		sink_settle(ledger, ledger->sorted[i]);
	}
	while (ledger->reader.at < ledger->reader.end)
		sink_differs(ledger, NULL);
	for (size_t i = 0; i < keys; i++) {
		struct ledger_total *total = ledger->sorted[i];

		if (total->found < total->records)
			finding->lost += total->records - total->found;
		else
			finding->doubled += total->found - total->records;
	}
	return ledger->no_memory ? -ENOMEM : 0;
}

/* By the job's own idea of what a record is. */
static int
sum_up(struct ledger *ledger, const char *path, const struct ledger_bytes *raw,
       const struct ledger_gap *gaps, size_t gap_count)
{
	const struct scenario_job *job = ledger->job;
	int error;

	ledger_reader_init(&ledger->reader, raw->start, raw->length, job->separator);
	if (job->kind != JOB_MAPREDUCE || job->function == FUNCTION_SALES)
		return input_sum(ledger, path, gaps, gap_count);
	error = ledger_lines_sum(job->function, raw->start, raw->length, gaps, gap_count,
	                         &ledger->table, ledger->finding);
	return error == 0 ? 0
	                  : ledger_fail(&ledger->words, error, "no memory left for %zu keys of %s",
	                                ledger->table.keys, path);
}

static int
ledger_check(struct ledger *ledger, const char *input, const char *sink,
             const struct ledger_gap *gaps, size_t gap_count)
{
	struct ledger_bytes raw, output = {.start = ""};
	int error = ledger_map(&raw, input, ledger->job->input_bytes, &ledger->words);

	if (error)
		return error;
	/* A sink that is not there is one without a line: all of it is lost. */
	if (access(sink, F_OK) == 0 || errno != ENOENT)
		error = ledger_map(&output, sink, 0, &ledger->words);
	if (error)
		goto out;
	error = sum_up(ledger, input, &raw, gaps, gap_count);
	if (error)
		goto out;
	ledger->sorted = ledger_table_sort(&ledger->table);
	if (!ledger->sorted) {
		error = ledger_fail(&ledger->words, -ENOMEM, "no memory left to sort %zu keys",
		                    ledger->table.keys);
		goto out;
	}
	ledger_reader_init(&ledger->reader, output.start, output.length, ',');
	if (sink_compare(ledger))
		error =
		    ledger_fail(&ledger->words, -ENOMEM, "%s: no memory left to compare it", sink);
out:
	ledger_unmap(&raw);
	ledger_unmap(&output);
	return error;
}

int
ledger_check_aggregate(const struct scenario *scenario, const char *input, const char *sink,
                       const struct ledger_gap *gaps, size_t gap_count,
                       struct ledger_finding *finding, char *error, size_t size)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	int result;

	*finding = (struct ledger_finding){0};
	if (!ledger) {
		snprintf(error, size, "no memory left for the ledger");
		return -ENOMEM;
	}
	ledger->job = &scenario->job;
	ledger->finding = finding;
	ledger->table.sums = scenario->job.sums;
	ledger->words = (struct ledger_words){error, size};
	result = ledger_check(ledger, input, sink, gaps, gap_count);
	ledger_table_fini(&ledger->table);
	free(ledger->sorted);
	free(ledger->key.bytes);
	free(ledger->line.bytes);
	free(ledger);
	return result;
}

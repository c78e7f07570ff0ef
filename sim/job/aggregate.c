/* SPDX-License-Identifier: ISC
 *
 * The job kind `aggregate`, and what `etl` has of it: opening the input and finding the scenario's
 * columns in its header.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job/aggregate.h"
#include "sim/util/safe_text.h"

#define SHOWN_MAX 80 /* room for a column's name in a message */

/* The header while it is looked at. */
struct header {
	const char *path;
	uint32_t columns;
	struct csv_field *field;
	char *error;
	size_t size;
};

const char *
aggregate_key_unescape(struct job *job, const struct csv_field *field, size_t *length)
{
	if (field->length > job->key_room) {
		char *grown = realloc(job->key, field->length);

		if (!grown)
			return NULL;
		job->key = grown;
		job->key_room = field->length;
	}
	*length = csv_field_copy(field, job->key);
	return job->key;
}

/* Compares the key's first bytes, as many as the bound has, with the bound. */
static int
bound_compare(const char *key, size_t length, const char *bound)
{
	size_t bytes = strlen(bound);
	int order = memcmp(key, bound, length < bytes ? length : bytes);

	return order != 0 || length >= bytes ? order : -1;
}

uint32_t
aggregate_range(const struct job *job, const char *key, size_t length)
{
	const struct scenario_job *spec = job->spec;
	uint32_t i;

	for (i = 0; i < spec->ranges; i++)
		if (bound_compare(key, length, spec->range[i].low) >= 0 &&
		    bound_compare(key, length, spec->range[i].high) <= 0)
			break;
	return i;
}

/* Whether two quotes stand for one must not matter for a name. */
static bool
name_is(struct job *job, const struct csv_field *field, const char *name)
{
	size_t length;
	const char *text = aggregate_key(job, field, &length);

	return text && length == strlen(name) && memcmp(text, name, length) == 0;
}

static int
no_column(const struct header *header, const char *name)
{
	size_t used = (size_t)snprintf(header->error, header->size,
	                               "no column '%s' in %s; columns are", name, header->path);

	for (uint32_t i = 0; i < header->columns; i++) {
		const struct csv_field *field = &header->field[i];
		char shown[SHOWN_MAX];
		size_t length = strlen(safe_text(shown, sizeof(shown), field->text, field->length));

		if (used + length + sizeof(", , ...") > header->size) {
			if (used + sizeof(", ...") <= header->size)
				snprintf(header->error + used, header->size - used, ", ...");
			break;
		}
		used += (size_t)snprintf(header->error + used, header->size - used, "%s %s",
		                         i ? "," : "", shown);
	}
	return -EINVAL;
}

static int
column_find(struct job *job, const struct header *header, const char *name, uint32_t *column)
{
	bool found = false;

	for (uint32_t i = 0; i < header->columns; i++) {
		if (!name_is(job, &header->field[i], name))
			continue;
		if (found) {
			snprintf(header->error, header->size,
			         "column '%s' stands twice in the header of %s (columns %" PRIu32
			         " and %" PRIu32 "): rename one of them",
			         name, header->path, *column + 1, i + 1);
			return -EINVAL;
		}
		found = true;
		*column = i;
	}
	return found ? 0 : no_column(header, name);
}

static int
columns_find(struct job *job, const struct header *header)
{
	const struct scenario_job *spec = job->spec;
	char *const *key = spec->kind == JOB_ETL ? spec->id : &spec->key;
	size_t keys = spec->kind == JOB_ETL ? spec->ids : 1;
	int error = 0;

	for (size_t i = 0; i < keys && !error; i++)
		error = column_find(job, header, key[i], &job->column[job->columns++]);
	for (size_t i = 0; i < spec->sums && !error; i++)
		error = column_find(job, header, spec->sum[i], &job->column[job->columns++]);
	if (!error && spec->event_time != NULL)
		error = column_find(job, header, spec->event_time, &job->column[job->columns++]);
	if (!error && spec->source != NULL)
		error = column_find(job, header, spec->source, &job->column[job->columns++]);
	return error;
}

/* Reads the header's record into header->field. */
static int
header_parse(struct job *job, struct header *header, const char *record, size_t length)
{
	struct csv_fault fault;

	header->columns = csv_record_parse(record, csv_content(record, length), &job->format,
	                                   header->field, &fault);
	if (fault.reason != REASON_NONE) {
		snprintf(header->error, header->size,
		         "the header of %s cannot be read: column %" PRIu32 " has %s", header->path,
		         fault.column + 1, record_reason_text(fault.reason));
		return -EINVAL;
	}
	if (header->columns > CSV_COLUMNS_MAX) {
		snprintf(header->error, header->size,
		         "%s has %" PRIu32 " columns: at most %d can be read", header->path,
		         header->columns, CSV_COLUMNS_MAX);
		return -EINVAL;
	}
	return 0;
}

/* Finds the header, which ends where the data begin. */
static int
header_find(struct job *job, struct header *header, const char **record, size_t *length)
{
	const struct input *input = &job->input;
	size_t start = input_mark(input);
	struct csv_walk walk;

	start += csv_empty_lines(input->bytes + start, input->length - start);
	if (start == input->length) {
		snprintf(header->error, header->size,
		         "%s is empty: a CSV file with a header is needed", header->path);
		return -ENODATA;
	}
	walk = csv_walk_start(input->bytes, input->length, start, job->spec->separator);
	csv_scan_best()->walk(&walk, 1, start + CSV_RECORD_BYTES_MAX);
	if (walk.records == 0 && !walk.unterminated) {
		snprintf(header->error, header->size,
		         "the header of %s does not end within %u MiB: is it a CSV file, or is a "
		         "quote missing?",
		         header->path, CSV_RECORD_BYTES_MAX >> 20);
		return -EFBIG;
	}
	job->data = walk.records ? walk.offset : input->length;
	*record = input->bytes + start;
	*length = job->data - start;
	return 0;
}

static int
header_read(struct job *job, char *error, size_t size)
{
	struct header header = {.path = job->path, .error = error, .size = size};
	const char *record;
	size_t length;
	int result;

	job->format.separator = job->spec->separator;
	result = header_find(job, &header, &record, &length);
	if (result)
		return result;
	header.field = calloc(CSV_COLUMNS_MAX, sizeof(*header.field));
	if (!header.field)
		return -ENOMEM;
	result = header_parse(job, &header, record, length);
	if (!result)
		result = columns_find(job, &header);
	job->format.columns = header.columns;
	free(header.field);
	return result;
}

void
aggregate_close(struct job *job)
{
	if (!job)
		return;
	csv_reader_free(job->reader);
	partial_fini(&job->partial);
	input_close(&job->input);
	free(job->key);
	free(job->path);
	free(job);
}

int
aggregate_open(struct job **out, const struct scenario *scenario, const char *path, char *error,
               size_t size)
{
	struct job *job = calloc(1, sizeof(*job));
	int result = -ENOMEM;

	snprintf(error, size, "no memory left to open %s", path);
	if (!job)
		return -ENOMEM;
	job->spec = &scenario->job;
	job->has_output = scenario->job.kind == JOB_AGGREGATE;
	job->path = strdup(path);
	if (!job->path || partial_init(&job->partial, scenario->job.sums))
		goto failed;
	result = input_open(&job->input, path, scenario->job.input_bytes, error, size);
	if (!result)
		result = header_read(job, error, size);
	if (result)
		goto failed;
	job->reader = csv_reader_new(&job->format, job->column, job->columns);
	if (!job->reader) {
		result = -ENOMEM;
		goto failed;
	}
	error[0] = '\0';
	*out = job;
	return 0;
failed:
	aggregate_close(job);
	return result;
}

const struct job_kind_ops job_aggregate = {
    .name = "aggregate",
    .output_stage = TASK_STAGE_OUTPUT,
    .open = aggregate_open,
    .close = aggregate_close,
    .plan = aggregate_plan,
    .run = aggregate_run,
    .combine = aggregate_combine,
};

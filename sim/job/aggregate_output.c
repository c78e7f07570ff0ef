/* SPDX-License-Identifier: ISC
 *
 * The output task of `aggregate`: merges what all tasks committed and writes one line per key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/disk/disk.h"
#include "sim/job/aggregate.h"
#include "sim/job/aggregate_output.h"

#define BEAT_BLOBS 16
#define BEAT_LINES 1024

void
output_flush(struct output *output)
{
	for (size_t at = 0; at < output->used && !output->error;) {
		ssize_t written =
		    disk_output_write(output->fd, output->buffer + at, output->used - at);

		if (written >= 0)
			at += (size_t)written;
		else if (written != -EINTR)
			output->error = (int)written;
	}
	output->used = 0;
}

void
output_bytes(struct output *output, const char *bytes, size_t length)
{
	output->bytes += length;
	while (length > 0) {
		size_t part = sizeof(output->buffer) - output->used;

		part = part < length ? part : length;
		memcpy(output->buffer + output->used, bytes, part);
		output->used += part;
		bytes += part;
		length -= part;
		if (output->used == sizeof(output->buffer))
			output_flush(output);
	}
}

void
output_field(struct output *output, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	if (!memchr(bytes, ',', length) && !memchr(bytes, '"', length) &&
	    !memchr(bytes, '\n', length) && !memchr(bytes, '\r', length)) {
		output_bytes(output, bytes, length);
		return;
	}
	output_bytes(output, "\"", 1);
	while (bytes < end) {
		const char *quote = memchr(bytes, '"', (size_t)(end - bytes));
		const char *stop = quote ? quote + 1 : end;

		output_bytes(output, bytes, (size_t)(stop - bytes));
		if (quote)
			output_bytes(output, "\"", 1);
		bytes = stop;
	}
	output_bytes(output, "\"", 1);
}

int
output_header(struct output *output, const struct scenario_job *spec)
{
	output_field(output, spec->key, strlen(spec->key));
	output_bytes(output, ",records", 8);
	for (size_t i = 0; i < spec->sums; i++) {
		size_t length = strlen(spec->sum[i]);
		char *name = malloc(length + 5);

		if (!name)
			return -ENOMEM;
		memcpy(name, "sum(", 4);
		memcpy(name + 4, spec->sum[i], length);
		name[length + 4] = ')';
		output_bytes(output, ",", 1);
		output_field(output, name, length + 5);
		free(name);
	}
	output_bytes(output, "\n", 1);
	return 0;
}

static void
output_entry(struct output *output, const struct partial *partial,
             const struct partial_entry *entry)
{
	const struct decimal_sum records = {.whole = (__int128)entry->records};
	char text[DECIMAL_TEXT_MAX];

	output_field(output, partial->keys + entry->key, entry->length);
	output_bytes(output, ",", 1);
	output_bytes(output, text, decimal_format(&records, text));
	for (size_t i = 0; i < partial->sums; i++) {
		output_bytes(output, ",", 1);
		output_bytes(output, text, decimal_format(&entry->sum[i], text));
	}
	output_bytes(output, "\n", 1);
}

static int
output_entries(struct output *output, const struct partial *partial, struct work *work)
{
	uint32_t *order;
	int error = partial_sort(partial, &order);

	if (error)
		return error;
	for (size_t i = 0; i < partial->entries && !output->error; i++) {
		if (i % BEAT_LINES == 0 && !work->beat(work)) {
			error = -EINTR;
			break;
		}
		output_entry(output, partial, partial_entry(partial, order[i]));
		*work->progress = i + 1;
	}
	free(order);
	return error;
}

static int
merge_all(struct partial *partial, struct effects_reader *effects, struct work *work)
{
	const void *blob;
	size_t length;
	int result;

	partial_clear(partial);
	for (uint64_t blobs = 0; (result = effects->next(effects, &blob, &length)) > 0; blobs++) {
		if (blobs % BEAT_BLOBS == 0 && !work->beat(work))
			return -EINTR;
		result = partial_merge(partial, blob, length);
		if (result)
			return result;
		*work->progress = blobs + 1;
	}
	return result;
}

int
aggregate_combine(struct job *job, struct effects_reader *effects, struct work *work, int fd,
                  uint64_t *lines, uint64_t *bytes)
{
	struct output *output = calloc(1, sizeof(*output));
	int error;

	if (!output)
		return -ENOMEM;
	output->fd = fd;
	error = merge_all(&job->partial, effects, work);
	if (!error)
		error = output_header(output, job->spec);
	if (!error)
		error = output_entries(output, &job->partial, work);
	output_flush(output);
	if (!error)
		error = output->error;
	*lines = job->partial.entries + 1;
	*bytes = output->bytes;
	free(output);
	return error;
}

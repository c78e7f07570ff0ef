/* SPDX-License-Identifier: ISC
 *
 * The result: all partitions, merged by key, as CSV or as the lines that a command has printed.
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/disk/disk.h"
#include "sim/job/aggregate_output.h"
#include "sim/mapreduce/inputs.h"
#include "sim/mapreduce/mapreduce.h"

static void
write_totals(struct output *output, const struct entry *entry, size_t sums)
{
	struct totals totals = {.records = 0};
	char text[DECIMAL_TEXT_MAX];
	struct decimal_sum records = {.whole = 0};

	totals_add(&totals, sums, entry);
	records.whole = (__int128)totals.records;
	output_field(output, entry->key, entry->key_length);
	output_bytes(output, ",", 1);
	output_bytes(output, text, decimal_format(&records, text));
	for (size_t i = 0; i < sums; i++) {
		output_bytes(output, ",", 1);
		output_bytes(output, text, decimal_format(&totals.sum[i], text));
	}
	output_bytes(output, "\n", 1);
}

static void
write_line(struct output *output, const struct entry *entry)
{
	output_bytes(output, entry->key, entry->key_length);
	output_bytes(output, entry->value, entry->value_length);
	output_bytes(output, "\n", 1);
}

static int
write_all(struct mapreduce *job, struct together *together, struct output *output, uint64_t *lines)
{
	struct entry entry;
	int more = job->adds ? output_header(output, job->spec) : 0;

	*lines = job->adds;
	while (more == 0 && output->error == 0 && (more = together_next(together, &entry)) == 1) {
		if (job->adds)
			write_totals(output, &entry, job->spec->sums);
		else
			write_line(output, &entry);
		++*lines;
		more = 0;
	}
	return more;
}

int
mapreduce_combine(struct mapreduce *job, struct work *work, int fd, uint64_t *lines,
                  uint64_t *bytes)
{
	struct together_task task = {.work = work, .sums = job->spec->sums};
	struct output *output = calloc(1, sizeof(*output));
	struct together *together = NULL;
	struct inputs inputs = {.mark = NULL};
	int error = output == NULL ? -ENOMEM : inputs_of_reduces(&inputs, work);

	if (error == 0)
		error = together_open(&together, &task, inputs.mark, inputs.count);
	if (error == 0) {
		output->fd = fd;
		error = write_all(job, together, output, lines);
		output_flush(output);
		*bytes = output->bytes;
		if (error == 0)
			error = output->error;
	}
	together_close(together);
	inputs_fini(&inputs);
	free(output);
	return error;
}

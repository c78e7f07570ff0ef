/* SPDX-License-Identifier: ISC
 *
 * Listing dead letters.
 */
#include <inttypes.h>

#include "sim/cli/dead.h"
#include "sim/command/errors.h"
#include "sim/util/safe_text.h"

int
dead_add(void *context, const struct store_dead_row *row)
{
	struct dead_list *dead = context;
	size_t length = row->bytes_length < DEAD_BYTES_SHOWN ? row->bytes_length : DEAD_BYTES_SHOWN;

	if (dead->count == DEAD_SHOWN) {
		dead->more++;
		return 0;
	}
	dead->row[dead->count] = *row;
	dead->row[dead->count].dead.bytes = NULL;
	dead->bytes[dead->count][0] = '\0';
	if (row->dead.bytes != NULL)
		safe_text(dead->bytes[dead->count], sizeof(dead->bytes[0]), row->dead.bytes,
		          length);
	dead->count++;
	return 0;
}

void
dead_print(const struct dead_list *dead, const struct scenario_job *job, FILE *out)
{
	char step[80];

	for (size_t i = 0; i < dead->count; i++) {
		const struct store_dead_row *row = &dead->row[i];
		if (job->kind == JOB_GRAPH)
			fprintf(out, "dead letter: %s (task %u): %s\n",
			        scenario_record_text(job, row->dead.record, step, sizeof(step)),
			        row->task, record_reason_text(row->dead.reason));
		else if (row->records > 1)
			fprintf(out,
			        "dead letter: records %" PRIu64 "..%" PRIu64
			        " (task %u, byte %" PRIu64 "): %s\n",
			        row->dead.record, row->dead.record + row->records - 1, row->task,
			        row->dead.offset, record_reason_text(row->dead.reason));
		else
			fprintf(out,
			        "dead letter: record %" PRIu64 " (task %u, byte %" PRIu64
			        "): %s: %s\n",
			        row->dead.record, row->task, row->dead.offset,
			        record_reason_text(row->dead.reason), dead->bytes[i]);
	}
	if (dead->more > 0)
		fprintf(out, "... and %" PRIu64 " more\n", dead->more);
}

void
dead_print_errors(const struct dead_list *dead, const struct rundir *run, FILE *out)
{
	for (size_t i = 0; i < dead->count; i++) {
		uint32_t task = dead->row[i].task;
		char line[ERRORS_LINE_MAX];

		if (i > 0 && dead->row[i - 1].task == task)
			continue;
		errors_line(run, task, 0, line);
		if (line[0] != '\0')
			fprintf(out, "command of task %u: %s\n", task, line);
	}
}

json_t *
dead_to_json(const struct dead_list *dead)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dead->count; i++) {
		const struct store_dead_row *row = &dead->row[i];
		json_array_append_new(
		    list, json_pack("{s:I, s:I, s:I, s:I, s:s, s:s}", "record",
		                    (json_int_t)row->dead.record, "records",
		                    (json_int_t)row->records, "task", (json_int_t)row->task,
		                    "offset", (json_int_t)row->dead.offset, "reason",
		                    record_reason_text(row->dead.reason), "bytes", dead->bytes[i]));
	}
	return list;
}

bool
dead_can_be_redriven(const struct scenario_job *job)
{
	return job->kind != JOB_STREAM;
}

void
dead_print_next_step(const char *path, const struct scenario_job *job, uint64_t dead_records,
                     FILE *out)
{
	if (!dead_can_be_redriven(job)) {
		fprintf(out, "to do it all anew after a fix: graveshift run %s/%s\n", path,
		        RUN_SCENARIO);
		if (dead_records > 0)
			fprintf(out,
			        "to accept so many dead letters then: --set "
			        "recovery.dead_letters.max=%" PRIu64 "\n",
			        dead_records);
		return;
	}
	if (dead_records == 0) {
		fprintf(out, "to go on after a fix: graveshift redrive %s\n", path);
		return;
	}
	fprintf(out,
	        "to try the dead letters again after a fix: graveshift redrive %s\n"
	        "to accept them: graveshift redrive %s --set recovery.dead_letters.max=%" PRIu64
	        "\n",
	        path, path, dead_records);
}

/* SPDX-License-Identifier: ISC
 *
 * Writing and comparing what a virtual run says.
 */
#include <errno.h>
#include <string.h>

#include "sim/virtual/recording.h"

static void
write_record(void *context, const struct core_step *step, uint32_t generation)
{
	struct recording *recording = context;

	eventlog_write(&recording->log, step, generation);
}

static void
write_injection(void *context, size_t fault, uint32_t number, int64_t now_ns)
{
	struct recording *recording = context;

	fprintf(recording->plan, "{\"fault\": \"%s\", \"number\": %u, \"run_ns\": %lld}\n",
	        recording->scenario->fault[fault].id, number, (long long)now_ns);
}

int
recording_open(struct recording *recording, const struct run *run)
{
	int error = eventlog_writer_open(&recording->log, run->events);

	if (error != 0)
		return error;
	recording->scenario = &run->scenario;
	recording->recorder = (struct virtual_recorder){
	    .record = write_record, .inject = write_injection, .context = recording};
	recording->plan = fopen(run->plan_path, "we");
	if (recording->plan != NULL)
		return 0;
	error = -errno;
	eventlog_writer_close(&recording->log);
	return error;
}

int
recording_close(struct recording *recording)
{
	int error = eventlog_writer_close(&recording->log);
	bool failed = ferror(recording->plan) != 0;

	if (fclose(recording->plan) != 0 || failed)
		error = error != 0 ? error : -EIO;
	return error;
}

static void
compare_record(void *context, const struct core_step *step, uint32_t generation)
{
	struct comparing *comparing = context;
	uint64_t number = comparing->count++;
	const struct logged *record;

	if (comparing->differs != UINT64_MAX)
		return;
	if (number < comparing->log.count) {
		record = eventlog_map_record(&comparing->log, number);
		if (record->generation == generation &&
		    memcmp(&record->step, step, sizeof(*step)) == 0)
			return;
	}
	comparing->differs = number;
}

static void
pass_injection(void *context, size_t fault, uint32_t number, int64_t now_ns)
{
}

int
comparing_open(struct comparing *comparing, const struct run *run)
{
	int64_t error;

	*comparing = (struct comparing){.differs = UINT64_MAX};
	comparing->recorder = (struct virtual_recorder){
	    .record = compare_record, .inject = pass_injection, .context = comparing};
	error = eventlog_map_open(&comparing->log, run->events);
	if (error == 0)
		error = eventlog_map_grow(&comparing->log);
	if (error < 0)
		eventlog_map_close(&comparing->log);
	return error < 0 ? (int)error : 0;
}

bool
comparing_close(struct comparing *comparing)
{
	if (comparing->differs == UINT64_MAX && comparing->count < comparing->log.count)
		comparing->differs = comparing->count;
	eventlog_map_close(&comparing->log);
	return comparing->differs == UINT64_MAX;
}

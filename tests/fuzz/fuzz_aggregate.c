/* SPDX-License-Identifier: ISC
 *
 * The main job from any file to its output, against the ledger.  The plan's chunks must lie one
 * behind the other over the whole input and end where records do; a file that can be planned must
 * come to an output with which the ledger finds nothing wrong, its dead letters included.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/job/aggregate.h"
#include "sim/verdict/ledger.h"
#include "sim/verdict/ledger_reader.h"
#include "tests/fuzz/fuzz.h"

#define TASKS_MAX 4096

struct bench {
	struct scenario scenario;
	struct fuzz_file input, output;
	struct job *job;
	struct plan_summary summary;
	struct task_plan task[TASKS_MAX];
	uint32_t tasks;
	struct work work;
	uint64_t record, progress;
	uint64_t dead[TASKS_MAX];
	size_t deads;
	char *effects[TASKS_MAX];
	size_t effects_length[TASKS_MAX];
	uint32_t effects_count, effects_read;
};

static bool
on_beat(struct work *work)
{
	return true;
}

static uint64_t
on_next_stop(struct work *work, uint64_t record)
{
	return UINT64_MAX;
}

static int
on_record(struct work *work, uint64_t record)
{
	return 0;
}

static const char *
on_bytes(struct work *work, const char *bytes, size_t length)
{
	return bytes;
}

static int
on_dead(struct work *work, const struct dead_record *dead)
{
	struct bench *bench = work->context;

	CHECK(bench->deads < TASKS_MAX && dead->reason > REASON_NONE && dead->reason < REASONS);
	CHECK(dead->offset + dead->length <= bench->job->input.length);
	CHECK(dead->length == 0 ||
	      memcmp(dead->bytes, bench->job->input.bytes + dead->offset,
	             dead->length < DEAD_BYTES_MAX ? dead->length : DEAD_BYTES_MAX) == 0);
	bench->dead[bench->deads++] = dead->record;
	return 0;
}

static int
on_put(void *context, const struct task_plan *task)
{
	struct bench *bench = context;

	CHECK(bench->tasks < TASKS_MAX && task->task == bench->tasks);
	bench->task[bench->tasks++] = *task;
	return 0;
}

static int
on_next_effects(struct effects_reader *reader, const void **blob, size_t *length)
{
	struct bench *bench = reader->context;

	if (bench->effects_read == bench->effects_count)
		return 0;
	*blob = bench->effects[bench->effects_read];
	*length = bench->effects_length[bench->effects_read++];
	return 1;
}

static void
job_choose(struct bench *bench, uint64_t how)
{
	static char key[] = "k", a[] = "a", b[] = "b";
	struct scenario_job *job = &bench->scenario.job;

	*job = (struct scenario_job){.key = key, .sum = {a, b}, .separator = ','};
	job->separator = how & 8 ? ';' : ',';
	job->sums = (how >> 4) % 3;
	if (how & 128) {
		job->ranges = 2;
		job->range[0] = (struct key_range){"a", "m"};
		job->range[1] = (struct key_range){"x\xc3", "z"};
	} else {
		job->chunk = 1 + how % 8;
	}
}

/* What the ledger's reader makes of the data, behind the header. */
static struct ledger_reader *
ledger_reader_of(const struct bench *bench)
{
	static struct ledger_reader reader;
	const struct input *input = &bench->job->input;

	ledger_reader_init(&reader, input->bytes + bench->job->data,
	                   input->length - bench->job->data, bench->scenario.job.separator);
	return &reader;
}

static void
check_plan(const struct bench *bench)
{
	struct ledger_reader *reader = ledger_reader_of(bench);
	const struct input *input = &bench->job->input;
	size_t offset = bench->job->data;
	uint64_t first = 0;

	for (uint32_t i = 0; i + 1 < bench->tasks; i++) {
		const struct task_plan *task = &bench->task[i];

		CHECK(task->stage == TASK_STAGE_WORK);
		CHECK(task->first == first && task->offset == offset && task->records > 0);
		for (uint64_t left = task->records; left > 0; left--)
			CHECK(ledger_reader_next(reader));
		offset += task->length;
		first += task->records;
		CHECK(i + 2 == bench->tasks || input->bytes + offset == reader->at);
		CHECK(task->checksum == XXH3_64bits(input->bytes + task->offset, task->length));
	}
	CHECK(bench->tasks == bench->summary.tasks && first == bench->summary.records);
	CHECK(bench->tasks == 1 || offset == input->length);
	CHECK(!ledger_reader_next(reader));
	CHECK(bench->task[bench->tasks - 1].stage == TASK_STAGE_OUTPUT);
}

/* Only a quote that never ends keeps a small file from being planned. */
static void
check_refused(const struct bench *bench, const char *error)
{
	struct ledger_reader *reader = ledger_reader_of(bench);
	const char *bad = NULL;

	while (ledger_reader_next(reader))
		bad = reader->bad;
	CHECK(bad != NULL && strcmp(bad, "its quoted field never ends") == 0);
	CHECK(strstr(error, "this quote is never closed") != NULL);
}

static void
run_tasks(struct bench *bench)
{
	struct effects_reader reader = {.context = bench, .next = on_next_effects};
	uint64_t lines, bytes, records = 0;

	for (uint32_t i = 0; i + 1 < bench->tasks; i++) {
		struct work_result result = {0};
		char *copy;

		CHECK(job_aggregate.run(bench->job, &bench->task[i], &bench->work, &result) == 0);
		copy = malloc(result.effects_length + 1);
		CHECK(copy != NULL);
		memcpy(copy, result.effects, result.effects_length);
		bench->effects[bench->effects_count] = copy;
		bench->effects_length[bench->effects_count++] = result.effects_length;
		records += result.records;
	}
	CHECK(records + bench->deads == bench->summary.records);
	fuzz_file_set(&bench->output, "", 0);
	CHECK(lseek(bench->output.fd, 0, SEEK_SET) == 0);
	CHECK(job_aggregate.combine(bench->job, &reader, &bench->work, bench->output.fd, &lines,
	                            &bytes) == 0);
	CHECK(lseek(bench->output.fd, 0, SEEK_END) == (off_t)bytes);
}

static int
compare_numbers(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void
check_output(struct bench *bench)
{
	static struct ledger_gap gap[TASKS_MAX];
	struct ledger_finding finding;
	char error[512] = "";

	qsort(bench->dead, bench->deads, sizeof(bench->dead[0]), compare_numbers);
	for (size_t i = 0; i < bench->deads; i++) {
		CHECK(i == 0 || bench->dead[i] > bench->dead[i - 1]);
		gap[i] = (struct ledger_gap){bench->dead[i], 1};
	}
	CHECK(ledger_check_aggregate(&bench->scenario, bench->input.path, bench->output.path, gap,
	                             bench->deads, &finding, error, sizeof(error)) == 0);
	CHECK(finding.records == bench->summary.records);
	CHECK(finding.lost == 0 && finding.doubled == 0 && finding.wrong_lines == 0);
	CHECK(finding.unfounded == 0 && finding.unreadable == 0 && finding.example[0] == '\0');
}

static void
check_job(struct bench *bench)
{
	char error[512] = "";
	int result =
	    job_aggregate.plan(bench->job, &bench->summary, on_put, bench, error, sizeof(error));

	if (result != 0) {
		CHECK(result == -EINVAL);
		check_refused(bench, error);
		return;
	}
	if (bench->scenario.job.ranges == 0)
		check_plan(bench);
	run_tasks(bench);
	check_output(bench);
	for (uint32_t i = 0; i < bench->effects_count; i++)
		free(bench->effects[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench bench = {.input.fd = -1};
	struct fuzz_input input = {data, data + size};
	char error[512] = "";
	int result;

	if (bench.input.fd < 0) {
		fuzz_file_init(&bench.input, "input.csv");
		fuzz_file_init(&bench.output, "output.csv");
	}
	bench.tasks = bench.effects_count = bench.effects_read = 0;
	bench.deads = 0;
	bench.work = (struct work){.context = &bench,
	                           .record = &bench.record,
	                           .progress = &bench.progress,
	                           .beat = on_beat,
	                           .next_stop = on_next_stop,
	                           .at_record = on_record,
	                           .filter_bytes = on_bytes,
	                           .dead = on_dead,
	                           .isolate = true,
	                           .probe_record = CORE_NO_RECORD};
	job_choose(&bench, fuzz_take(&input, 1));
	fuzz_file_set(&bench.input, input.at, fuzz_left(&input));
	result =
	    job_aggregate.open(&bench.job, &bench.scenario, bench.input.path, error, sizeof(error));
	CHECK((result == 0) == (error[0] == '\0'));
	if (result != 0)
		return 0;
	check_job(&bench);
	job_aggregate.close(bench.job);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * The job kinds: what opening refuses, how the input is split, what one task does when the world
 * interferes, and the result.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/job/job.h"
#include "sim/util/clock.h"

#define TASKS_MAX 4096
#define EFFECTS_MAX 65536
#define DEAD_MAX 64

/* A job on a file of its own, and the world its attempts see. */
struct bench {
	struct scenario scenario;
	char path[256];
	struct job *job;
	struct plan_summary summary;
	struct task_plan task[TASKS_MAX];
	uint32_t tasks;
	char error[512];
	uint64_t record, progress;
	struct work work;
	struct work_result result;
	uint64_t beats, beats_left, last_beat; /* last_beat: record at it */
	uint64_t stop;                         /* the record to be called at, or UINT64_MAX */
	uint64_t stops;
	int stop_answer;
	char *flipped; /* what filter_bytes gives, if not NULL */
	struct dead_record dead[DEAD_MAX];
	char dead_bytes[DEAD_MAX][32];
	size_t deads;
	char *effects[TASKS_MAX];
	size_t effects_length[TASKS_MAX];
	uint32_t effects_count, effects_read;
	char output[EFFECTS_MAX];
};

static bool
on_beat(struct work *work)
{
	struct bench *bench = work->context;

	assert_true(bench->record == CORE_NO_RECORD || bench->record - bench->last_beat <= 1024 ||
	            bench->last_beat == CORE_NO_RECORD);
	bench->last_beat = bench->record;
	bench->beats++;
	return bench->beats_left == 0 || --bench->beats_left > 0;
}

static uint64_t
on_next_stop(struct work *work, uint64_t record)
{
	struct bench *bench = work->context;

	return record <= bench->stop ? bench->stop : UINT64_MAX;
}

static int
on_record(struct work *work, uint64_t record)
{
	struct bench *bench = work->context;

	/* The board must name the record before anything can happen to it. */
	assert_int_equal(bench->record, record);
	assert_true(record == bench->stop || record == work->probe_record);
	bench->stops++;
	return bench->stop_answer;
}

static const char *
on_bytes(struct work *work, const char *bytes, size_t length)
{
	struct bench *bench = work->context;

	return bench->flipped ? bench->flipped : bytes;
}

static int
on_dead(struct work *work, const struct dead_record *dead)
{
	struct bench *bench = work->context;

	assert_true(bench->deads < DEAD_MAX);
	bench->dead[bench->deads] = *dead;
	snprintf(bench->dead_bytes[bench->deads], sizeof(bench->dead_bytes[0]), "%.*s",
	         (int)dead->length, dead->bytes);
	bench->deads++;
	return 0;
}

static int
on_put(void *context, const struct task_plan *task)
{
	struct bench *bench = context;

	assert_true(bench->tasks < TASKS_MAX);
	assert_int_equal(task->task, bench->tasks);
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

/* Whoever has this test fail on purpose gives it a folder that goes with what it leaves there. */
static int
make_file(char *path, size_t size)
{
	const char *folder = getenv("TMPDIR");

	snprintf(path, size, "%s/test_aggregate.XXXXXX", folder != NULL ? folder : "/tmp");
	return mkstemp(path);
}

static struct bench *
bench_new(const char *bytes, size_t length, uint64_t chunk)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int fd;

	assert_non_null(bench);
	fd = make_file(bench->path, sizeof(bench->path));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), (ssize_t)length);
	close(fd);
	bench->scenario.job = (struct scenario_job){.separator = ',',
	                                            .chunk = chunk,
	                                            .key = strdup("key"),
	                                            .sum = {strdup("qty")},
	                                            .sums = 1};
	bench->stop = UINT64_MAX;
	bench->record = bench->last_beat = CORE_NO_RECORD;
	bench->work = (struct work){.context = bench,
	                            .record = &bench->record,
	                            .progress = &bench->progress,
	                            .beat = on_beat,
	                            .next_stop = on_next_stop,
	                            .at_record = on_record,
	                            .filter_bytes = on_bytes,
	                            .dead = on_dead,
	                            .probe_record = CORE_NO_RECORD};
	return bench;
}

static void
bench_free(struct bench *bench)
{
	if (bench->job)
		job_aggregate.close(bench->job);
	for (uint32_t i = 0; i < bench->effects_count; i++)
		free(bench->effects[i]);
	unlink(bench->path);
	free(bench->scenario.job.key);
	for (size_t i = 0; i < bench->scenario.job.sums; i++)
		free(bench->scenario.job.sum[i]);
	free(bench->flipped);
	free(bench);
}

static int
bench_open(struct bench *bench)
{
	return job_aggregate.open(&bench->job, &bench->scenario, bench->path, bench->error,
	                          sizeof(bench->error));
}

static int
bench_plan(struct bench *bench)
{
	bench->tasks = 0;
	return job_aggregate.plan(bench->job, &bench->summary, on_put, bench, bench->error,
	                          sizeof(bench->error));
}

static struct bench *
bench_planned(const char *text, uint64_t chunk)
{
	struct bench *bench = bench_new(text, strlen(text), chunk);

	assert_int_equal(bench_open(bench), 0);
	assert_int_equal(bench_plan(bench), 0);
	return bench;
}

static int
bench_run(struct bench *bench, uint32_t task)
{
	bench->progress = 0;
	bench->record = bench->last_beat = CORE_NO_RECORD;
	return job_aggregate.run(bench->job, &bench->task[task], &bench->work, &bench->result);
}

static void
bench_keep(struct bench *bench)
{
	size_t length = bench->result.effects_length;
	char *copy = malloc(length + 1);

	assert_non_null(copy);
	memcpy(copy, bench->result.effects, length);
	bench->effects[bench->effects_count] = copy;
	bench->effects_length[bench->effects_count++] = length;
}

static int
bench_combine(struct bench *bench, int fd)
{
	struct effects_reader reader = {.context = bench, .next = on_next_effects};
	uint64_t lines, bytes, counted = 0;
	off_t size;
	int error;

	bench->effects_read = 0;
	bench->record = bench->last_beat = CORE_NO_RECORD;
	error = job_aggregate.combine(bench->job, &reader, &bench->work, fd, &lines, &bytes);
	if (error)
		return error;
	size = lseek(fd, 0, SEEK_CUR);
	assert_int_equal(size, bytes);
	assert_true(bytes < sizeof(bench->output));
	assert_int_equal(pread(fd, bench->output, bytes, 0), (ssize_t)bytes);
	bench->output[bytes] = '\0';
	for (const char *c = bench->output; *c; c++)
		counted += *c == '\n';
	assert_true(counted >= lines);
	return 0;
}

/* Runs all tasks, last first, and combines what they found. */
static const char *
bench_result(struct bench *bench)
{
	char path[256];
	int fd = make_file(path, sizeof(path));

	assert_true(fd >= 0);
	unlink(path);
	for (uint32_t i = bench->tasks - 1; i-- > 0;) {
		assert_int_equal(bench_run(bench, i), 0);
		bench_keep(bench);
	}
	assert_int_equal(bench_combine(bench, fd), 0);
	close(fd);
	return bench->output;
}

static void
assert_result(const char *text, uint64_t chunk, const char *expected)
{
	struct bench *bench = bench_planned(text, chunk);

	assert_string_equal(bench_result(bench), expected);
	bench_free(bench);
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void
test_open_refuses(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *said;
	} cases[] = {
	    {BYTES(""), " is empty: a CSV file with a header is needed"},
	    {BYTES("\xef\xbb\xbf"), " is empty: a CSV file with a header is needed"},
	    {BYTES("\xef\xbb\xbf\r\n\n"), " is empty: a CSV file with a header is needed"},
	    {BYTES("key,amount\n"), "no column 'qty' in "},
	    {BYTES("key,amount\n"), "; columns are key, amount"},
	    {BYTES("Key,qty\n"), "no column 'key' in "},
	    {BYTES("key,qty\1\n"), "columns are key, qty\\"},
	    {BYTES("key,qty,key\n"), "column 'key' stands twice in the header of "},
	    {BYTES("key,qty,key\n"), "(columns 1 and 3): rename one of them"},
	    {BYTES("key,qty,\"qty\"\n"), "column 'qty' stands twice in the header of "},
	    {BYTES("key,q\0ty\n"), "cannot be read: column 2 has a NUL byte"},
	    {BYTES("key,q\"ty\n"), "cannot be read: column 2 has a quote inside an unquoted field"},
	    {BYTES("key,\"qty\n1,2\n"),
	     "cannot be read: column 2 has a quote that is never closed"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = bench_new(cases[i].bytes, cases[i].length, 10);

		assert_true(bench_open(bench) < 0);
		assert_null(bench->job);
		if (!strstr(bench->error, cases[i].said) || strchr(bench->error, '\n'))
			fail_msg("'%s' does not say '%s'", bench->error, cases[i].said);
		bench_free(bench);
	}
}

static void
test_open_refuses_what_is_no_file(void **state)
{
	struct bench *bench = bench_new("", 0, 10);

	unlink(bench->path);
	assert_int_equal(bench_open(bench), -ENOENT);
	assert_non_null(strstr(bench->error, bench->path));
	assert_non_null(strstr(bench->error, "No such file"));
	assert_int_equal(mkfifo(bench->path, 0600), 0);
	assert_int_equal(bench_open(bench), -EINVAL);
	assert_non_null(strstr(bench->error, "is a pipe: a regular file is needed"));
	unlink(bench->path);
	assert_int_equal(mkdir(bench->path, 0700), 0);
	assert_int_equal(bench_open(bench), -EINVAL);
	assert_non_null(strstr(bench->error, "is a directory: a regular file is needed"));
	rmdir(bench->path);
	bench_free(bench);
}

/* Many columns must not run over the message. */
static void
test_open_names_columns_while_there_is_room(void **state)
{
	char header[8192];
	struct bench *bench;
	size_t length = 0;

	for (int i = 0; i < 1000; i++)
		length += (size_t)snprintf(header + length, sizeof(header) - length, "%sc%d",
		                           i ? "," : "", i);
	bench = bench_new(header, length, 10);
	for (size_t size = 1; size <= sizeof(bench->error); size++) {
		char *error = malloc(size);

		assert_non_null(error);
		assert_int_equal(
		    job_aggregate.open(&bench->job, &bench->scenario, bench->path, error, size),
		    -EINVAL);
		assert_true(strlen(error) < size);
		free(error);
	}
	assert_true(bench_open(bench) < 0);
	assert_string_equal(bench->error + strlen(bench->error) - 5, ", ...");
	bench_free(bench);
}

static void
test_header_only(void **state)
{
	static const char *const files[] = {"key,qty", "key,qty\n", "key,qty\r\n\r\n\n",
	                                    "\xef\xbb\xbfkey,qty\n"};

	for (size_t i = 0; i < 4; i++) {
		struct bench *bench = bench_planned(files[i], 10);

		assert_int_equal(bench->tasks, 1);
		assert_int_equal(bench->task[0].stage, TASK_STAGE_OUTPUT);
		assert_int_equal(bench->task[0].records, 0);
		assert_int_equal(bench->summary.records, 0);
		assert_string_equal(bench_result(bench), "key,records,sum(qty)\n");
		bench_free(bench);
	}
}

/* The chunks are the data, from the first byte behind the header to the last, whatever the size of
 * a chunk. */
static void
test_split_covers_all(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf"
	    "key,qty\r\n\r\na,1\nb,2\r\n\"c\n\nc\",3\n\n\n\"d\"\"\n\",4\ne,5\r\n\r\nf,6\n\n\r\n";
	uint64_t fingerprint = 0;

	for (uint64_t chunk = 1; chunk <= 8; chunk++) {
		struct bench *bench = bench_planned(text, chunk);
		uint64_t offset = strlen("\xef\xbb\xbfkey,qty\r\n"), records = 0;

		assert_int_equal(bench->summary.records, 6);
		assert_int_equal(bench->summary.bytes, sizeof(text) - 1);
		assert_int_equal(bench->summary.tasks, bench->tasks);
		assert_int_equal(bench->tasks, (6 + chunk - 1) / chunk + 1);
		for (uint32_t i = 0; i < bench->tasks - 1; i++) {
			const struct task_plan *task = &bench->task[i];

			assert_int_equal(task->stage, TASK_STAGE_WORK);
			assert_int_equal(task->offset, offset);
			assert_int_equal(task->first, records);
			assert_int_equal(task->records, i < bench->tasks - 2 ? chunk : 6 - records);
			offset += task->length;
			records += task->records;
		}
		assert_int_equal(offset, sizeof(text) - 1);
		assert_int_equal(bench->task[bench->tasks - 1].stage, TASK_STAGE_OUTPUT);
		assert_string_equal(bench_result(bench),
		                    "key,records,sum(qty)\na,1,1\nb,1,2\n\"c\n\nc\",1,3\n"
		                    "\"d\"\"\n\",1,4\ne,1,5\nf,1,6\n");
		if (chunk > 6)
			assert_int_equal(bench->summary.fingerprint, fingerprint);
		fingerprint = bench->summary.fingerprint;
		bench_free(bench);
	}
}

static uint64_t
fingerprint_of(const char *text)
{
	struct bench *bench = bench_planned(text, 2);
	uint64_t fingerprint = bench->summary.fingerprint;

	bench_free(bench);
	return fingerprint;
}

/* Any byte of the input changes it: header, records, the empty lines at the end. */
static void
test_fingerprint(void **state)
{
	char text[] = "key,qty,x\na,1,y\nb,2,z\nc,3,z\n\n";
	uint64_t original = fingerprint_of(text);
	static const size_t places[] = {8, 10, 14, 20, 26};

	assert_int_equal(fingerprint_of(text), original);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char saved = text[places[i]];

		text[places[i]] = 'w';
		assert_int_not_equal(fingerprint_of(text), original);
		text[places[i]] = saved;
	}
	text[strlen(text) - 1] = '\0';
	assert_int_not_equal(fingerprint_of(text), original);
}

static void
test_plan_unbalanced_quote(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
	    {"key,qty\na,1\n\"b\n\nb\",2\nc,\"3\nd,4\n",
	     "line 6, column 3 (byte 23): this quote is never closed"},
	    {"\xef\xbb\xbfkey,qty\n\xc3\xa4,1\n\xc3\xa4,\"3\nd,4\n",
	     "line 3, column 3 (byte 19): this quote is never closed"},
	    {"key,qty\na\"b,\"c\nd,4\n", "line 2, column 5 (byte 12): this quote is never closed"},
	    {"key,qty\n\"a\"\"", "line 2, column 1 (byte 8): this quote is never closed"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = bench_new(cases[i].text, strlen(cases[i].text), 2);

		assert_int_equal(bench_open(bench), 0);
		assert_int_equal(bench_plan(bench), -EINVAL);
		if (!strstr(bench->error, cases[i].said))
			fail_msg("'%s' does not say '%s'", bench->error, cases[i].said);
		bench_free(bench);
	}
}

static void
test_plan_long_record(void **state)
{
	for (int quoted = 0; quoted < 2; quoted++)
		for (int over = 0; over < 2; over++) {
			size_t length = CSV_RECORD_BYTES_MAX + (over ? 600000u : 0u) - 10;
			char *text = malloc(length + 64);
			struct bench *bench;
			int at;

			assert_non_null(text);
			at = snprintf(text, 32, "key,qty\na,1\n%s", quoted ? "\"" : "");
			memset(text + at, 'x', length);
			strlcpy(text + at + length, quoted ? "\",2\n" : ",2\n", 8);
			bench = bench_new(text, strlen(text), 10);
			assert_int_equal(bench_open(bench), 0);
			assert_int_equal(bench_plan(bench), over ? -EFBIG : 0);
			if (over) {
				assert_non_null(strstr(
				    bench->error, "record 1, at byte 12, is longer than 16 MiB"));
				assert_non_null(strstr(
				    bench->error, quoted ? "quote at line 3, column 1 never closed"
							 : "is a line end missing?"));
			} else {
				assert_int_equal(bench_run(bench, 0), 0);
				assert_int_equal(bench->result.records, 2);
			}
			bench_free(bench);
			free(text);
		}
}

/* 5,000 records, the number of each in its second column. */
static char *
numbers(const char *line_end)
{
	char *text = malloc(200000);
	size_t at = 0;

	assert_non_null(text);
	at += (size_t)snprintf(text, 200000, "key,qty%s", line_end);
	for (int i = 0; i < 5000; i++)
		at += (size_t)snprintf(text + at, 200000 - at, "k%d,%d.5%s", i % 3, i, line_end);
	return text;
}

#define NUMBERS_RESULT \
	"key,records,sum(qty)\nk0,1667,4166666.5\nk1,1667,4168333.5\nk2,1666,4165000\n"

static void
test_run_tells_the_board(void **state)
{
	char *text = numbers("\n");
	struct bench *bench = bench_planned(text, 5000);

	assert_int_equal(bench_run(bench, 0), 0);
	assert_int_equal(bench->result.records, 5000);
	assert_int_equal(bench->record, 4999);
	assert_int_equal(bench->progress, 5000);
	assert_true(bench->beats >= 5000 / 1024);
	bench->beats_left = 3;
	assert_int_equal(bench_run(bench, 0), -EINTR);
	bench_free(bench);
	free(text);
}

static void
test_results(void **state)
{
	static const char *const ends[] = {"\n", "\r\n"};

	for (size_t i = 0; i < 2; i++) {
		char *text = numbers(ends[i]);

		for (uint64_t chunk = 2; chunk <= 10000; chunk *= 7)
			assert_result(text, chunk, NUMBERS_RESULT);
		free(text);
	}
	assert_result("qty,key\n1,\"a,b\"\n2.50,\"q\"\"q\"\n-1,\"l\nl\"\n3,\n0,\"\"\n1,\"c\rc\"\n",
	              2,
	              "key,records,sum(qty)\n,2,3\n\"a,b\",1,1\n\"c\rc\",1,1\n\"l\nl\",1,-"
	              "1\n\"q\"\"q\",1,2.5\n");
	/* By bytes, a key before those that it begins; quoted or not is the same key. */
	assert_result(
	    "key,qty\nb,1\n\xc3\xa4,1\nB,1\nba,1\n\"b\",1\na longer key than sixteen,1\n"
	    "a longer key than sixtees,1\na longer key than,1\n",
	    3,
	    "key,records,sum(qty)\nB,1,1\na longer key than,1,1\na longer key than sixteen,1,1\n"
	    "a longer key than sixtees,1,1\nb,2,2\nba,1,1\n\xc3\xa4,1,1\n");
}

static void
test_at_record(void **state)
{
	char *text = numbers("\n");
	struct bench *bench = bench_planned(text, 2000);

	/* Nothing happens there. */
	bench->stop = 2999;
	assert_int_equal(bench_run(bench, 1), 0);
	assert_int_equal(bench->stops, 1);
	assert_int_equal(bench->result.records, 2000);
	/* Left out. */
	bench->stop_answer = 1;
	assert_int_equal(bench_run(bench, 1), 0);
	assert_int_equal(bench->stops, 2);
	assert_int_equal(bench->result.records, 1999);
	assert_int_equal(bench->progress, 2000);
	/* Flaky. */
	bench->stop_answer = -EBADMSG;
	assert_int_equal(bench_run(bench, 1), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_FLAKY);
	assert_int_equal(bench->result.bad_record, 2999);
	assert_int_equal(bench->progress, 999);
	bench->work.isolate = true;
	assert_int_equal(bench_run(bench, 1), 0);
	assert_int_equal(bench->deads, 1);
	assert_int_equal(bench->dead[0].reason, REASON_FLAKY);
	assert_string_equal(bench->dead_bytes[0], "k2,2999.5");
	assert_memory_equal(text + bench->dead[0].offset, "k2,2999.5\n", 10);
	/* The system fails. */
	bench->stop_answer = -EIO;
	assert_int_equal(bench_run(bench, 1), -EIO);
	/* In another task nobody is called. */
	bench->stops = 0;
	assert_int_equal(bench_run(bench, 0), 0);
	assert_int_equal(bench->stops, 0);
	bench_free(bench);
	free(text);
}

#define BAD_TEXT                                                                                 \
	"key,qty,x\na,1,\n\nb,two,\nc,3\n\nd,\"4\"\"\",\r\ne\",5,\nf,1234567890123456789,\na,6," \
	"\nb,7,\"\"x\n"

static void
test_bad_records(void **state)
{
	static const struct {
		uint64_t record;
		uint32_t reason, column;
		const char *bytes;
	} expected[] = {
	    {1, REASON_NOT_DECIMAL, 1, "b,two,"},
	    {2, REASON_COLUMNS, CSV_NO_COLUMN, "c,3"},
	    {3, REASON_NOT_DECIMAL, 1, "d,\"4\"\"\","},
	    {4, REASON_STRAY_QUOTE, 0, "e\",5,"},
	    {5, REASON_DECIMAL_DIGITS, 1, "f,1234567890123456789,"},
	    {7, REASON_AFTER_QUOTE, 2, "b,7,\"\"x"},
	};
	struct bench *bench = bench_planned(BAD_TEXT, 100);
	size_t before = strlen("key,qty,x\na,1,\n\n");

	assert_int_equal(bench_run(bench, 0), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_NOT_DECIMAL);
	assert_int_equal(bench->result.bad_record, 1);
	assert_int_equal(bench->result.bad_offset, before);
	assert_int_equal(bench->result.bad_column, 1);
	bench->work.isolate = true;
	assert_int_equal(bench_run(bench, 0), 0);
	assert_int_equal(bench->result.records, 2);
	assert_int_equal(bench->progress, 8);
	assert_int_equal(bench->deads, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct dead_record *dead = &bench->dead[i];

		assert_int_equal(dead->record, expected[i].record);
		assert_int_equal(dead->reason, expected[i].reason);
		assert_int_equal(dead->column, expected[i].column);
		assert_string_equal(bench->dead_bytes[i], expected[i].bytes);
		assert_int_equal(dead->length, strlen(expected[i].bytes));
		assert_memory_equal(&BAD_TEXT[dead->offset], expected[i].bytes, dead->length);
	}
	assert_string_equal(bench_result(bench), "key,records,sum(qty)\na,2,7\n");
	bench_free(bench);
}

static void
test_probe(void **state)
{
	struct bench *bench = bench_planned(BAD_TEXT, 4);

	bench->work.probe_record = 6;
	assert_int_equal(bench_run(bench, 1), 0);
	assert_int_equal(bench->stops, 1);
	assert_int_equal(bench->record, 6);
	assert_null(bench->result.effects);
	/* What is suspected is known, with its place, before it is touched. */
	assert_int_equal(bench->deads, 1);
	assert_int_equal(bench->dead[0].record, 6);
	assert_int_equal(bench->dead[0].reason, REASON_CRASHED);
	assert_true(bench->dead[0].length > 0);
	bench->work.probe_record = 5;
	assert_int_equal(bench_run(bench, 1), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_DECIMAL_DIGITS);
	bench->stop_answer = -EBADMSG;
	assert_int_equal(bench_run(bench, 1), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_FLAKY);
	/* A record of another task is not there. */
	bench->work.probe_record = 3;
	assert_int_equal(bench_run(bench, 1), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_CHECKSUM);
	bench_free(bench);
}

static void
assert_mistrusted(struct bench *bench, uint32_t task)
{
	assert_int_equal(bench_run(bench, task), -EBADMSG);
	assert_int_equal(bench->result.reason, REASON_CHECKSUM);
	assert_int_equal(bench->result.bad_record, CORE_NO_RECORD);
	assert_int_equal(bench->result.bad_offset, bench->task[task].offset);
	assert_null(bench->result.effects);
	assert_int_equal(bench->deads, 0);
}

/* One flipped bit in what an attempt reads; the input itself is as it was. */
static void
test_flipped_bytes(void **state)
{
	char *text = numbers("\n");
	struct bench *bench = bench_planned(text, 1000);
	const struct task_plan *task = &bench->task[2];

	bench->flipped = malloc(task->length);
	assert_non_null(bench->flipped);
	memcpy(bench->flipped, text + task->offset, task->length);
	assert_int_equal(bench_run(bench, 2), 0);
	bench->flipped[777] ^= 1;
	assert_mistrusted(bench, 2);
	bench->work.isolate = true;
	assert_mistrusted(bench, 2);
	free(bench->flipped);
	bench->flipped = NULL;
	assert_int_equal(bench_run(bench, 2), 0);
	bench_free(bench);
	free(text);
}

/* A split that is off by one, in bytes or in records, is noticed by the task that got the wrong
 * part. */
static void
test_wrong_split(void **state)
{
	char *text = numbers("\n");
	struct bench *bench = bench_planned(text, 1000);
	struct task_plan right = bench->task[2];

	for (int i = 0; i < 6; i++) {
		struct task_plan *task = &bench->task[2];

		*task = right;
		task->records += (i == 0) - (i == 1);
		task->offset += (uint64_t)(i == 2) - (i == 3);
		task->length += (uint64_t)(i == 4) - (i == 5);
		assert_mistrusted(bench, 2);
	}
	bench->task[2] = right;
	bench->task[2].offset = 1u << 30;
	assert_mistrusted(bench, 2);
	bench_free(bench);
	free(text);
}

static void
set_ranges(struct bench *bench)
{
	static const struct key_range ranges[] = {{"A", "G"}, {"H", "N"}, {"O", "U"}, {"V", "Zb"}};

	bench->scenario.job.chunk = 0;
	memcpy(bench->scenario.job.range, ranges, sizeof(ranges));
	bench->scenario.job.ranges = 4;
}

static void
test_ranges(void **state)
{
	static const char text[] =
	    "key,qty\nGolf,1\nHotel,2\nNz,3\nzulu,4\nZa,5\nZc,6\nA,7\n,8\nO,x\n1,9\n\"Uz\",10\n"
	    "\"\"\"A\",11\nH\"A,12\nV\n\xc3\x84,13\n\nVictor,14\n";
	static const uint64_t records[] = {2, 2, 2, 2, 8};
	struct bench *bench = bench_new(text, strlen(text), 0);

	set_ranges(bench);
	assert_int_equal(bench_open(bench), 0);
	assert_int_equal(bench_plan(bench), 0);
	assert_int_equal(bench->tasks, 6);
	assert_int_equal(bench->summary.records, 16);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(bench->task[i].range, i);
		assert_int_equal(bench->task[i].first, 0);
		assert_int_equal(bench->task[i].records, records[i]);
		assert_int_equal(bench->task[i].offset, 8);
		assert_int_equal(bench->task[i].length, strlen(text) - 8);
	}
	assert_int_equal(bench_run(bench, 2), -EBADMSG);
	assert_int_equal(bench->result.bad_record, 8);
	/* What happens at a record happens only to the task that it belongs to. */
	bench->stop = 1;
	assert_int_equal(bench_run(bench, 0), 0);
	assert_int_equal(bench->stops, 0);
	assert_int_equal(bench_run(bench, 1), 0);
	assert_int_equal(bench->stops, 1);
	bench->work.isolate = true;
	assert_string_equal(
	    bench_result(bench),
	    "key,records,sum(qty)\n,1,8\n\"\"\"A\",1,11\n1,1,9\nA,1,7\nGolf,1,1\nHotel,1,2\n"
	    "Nz,1,3\nUz,1,10\nVictor,1,14\nZa,1,5\nZc,1,6\nzulu,1,4\n\xc3\x84,1,13\n");
	assert_int_equal(bench->deads, 3);
	bench_free(bench);
}

static void
test_output_errors(void **state)
{
	struct bench *bench = bench_planned("key,qty\na,1\n", 10);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC),
	    null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char *blob;

	assert_true(full >= 0 && null >= 0);
	assert_int_equal(bench_run(bench, 0), 0);
	bench_keep(bench);
	assert_int_equal(bench_combine(bench, full), -ENOSPC);
	assert_int_equal(bench_combine(bench, null), -EBADF);
	bench->beats_left = 1;
	assert_int_equal(bench_combine(bench, full), -EINTR);
	blob = bench->effects[0];
	blob[0] ^= 0x40;
	assert_int_equal(bench_combine(bench, full), -EBADMSG);
	close(full);
	close(null);
	bench_free(bench);
}

static void
test_noop(void **state)
{
	struct bench *bench = bench_new("", 0, 0);
	struct job *job;

	bench->scenario.job.tasks = 100;
	assert_ptr_equal(job_kind_find(JOB_NOOP), &job_noop);
	assert_ptr_equal(job_kind_find(JOB_AGGREGATE), &job_aggregate);
	assert_int_equal(
	    job_noop.open(&job, &bench->scenario, NULL, bench->error, sizeof(bench->error)), 0);
	assert_int_equal(
	    job_noop.plan(job, &bench->summary, on_put, bench, bench->error, sizeof(bench->error)),
	    0);
	assert_int_equal(bench->tasks, 100);
	assert_int_equal(bench->task[99].records, 1);
	assert_int_equal(bench->task[99].stage, TASK_STAGE_WORK);
	assert_int_equal(job_noop.run(job, &bench->task[7], &bench->work, &bench->result), 0);
	assert_int_equal(bench->record, 7);
	assert_int_equal(bench->result.records, 1);
	assert_int_equal(bench->result.effects_length, 0);
	job_noop.close(job);

	bench->scenario.job.task_ns = 5000000;
	assert_int_equal(
	    job_noop.open(&job, &bench->scenario, NULL, bench->error, sizeof(bench->error)), 0);
	bench->beats = 0;
	assert_int_equal(job_noop.run(job, &bench->task[8], &bench->work, &bench->result), 0);
	assert_true(bench->beats >= 1 && bench->progress == bench->beats);
	bench->beats_left = 1;
	assert_int_equal(job_noop.run(job, &bench->task[8], &bench->work, &bench->result), -EINTR);
	job_noop.close(job);
	bench_free(bench);
}

static void
test_a_task_takes_its_time(void **state)
{
	struct bench *bench = bench_planned("key,qty\na,1\nb,2\na,3\n", 10);
	int64_t begin_ns = clock_now_ns();

	bench->scenario.job.task_ns = 20 * NS_PER_MS;
	bench->beats = 0;
	assert_int_equal(bench_run(bench, 0), 0);
	assert_true(clock_now_ns() - begin_ns >= 20 * NS_PER_MS);
	/* One for each record, that is before each wait, so that nobody takes it for a hang. */
	assert_true(bench->beats >= 3);
	assert_int_equal(bench->progress, 3);
	bench_free(bench);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_open_refuses),
	    cmocka_unit_test(test_open_refuses_what_is_no_file),
	    cmocka_unit_test(test_open_names_columns_while_there_is_room),
	    cmocka_unit_test(test_header_only),
	    cmocka_unit_test(test_split_covers_all),
	    cmocka_unit_test(test_fingerprint),
	    cmocka_unit_test(test_plan_unbalanced_quote),
	    cmocka_unit_test(test_plan_long_record),
	    cmocka_unit_test(test_run_tells_the_board),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_at_record),
	    cmocka_unit_test(test_bad_records),
	    cmocka_unit_test(test_probe),
	    cmocka_unit_test(test_flipped_bytes),
	    cmocka_unit_test(test_wrong_split),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_output_errors),
	    cmocka_unit_test(test_noop),
	    cmocka_unit_test(test_a_task_takes_its_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

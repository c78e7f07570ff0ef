/* SPDX-License-Identifier: ISC
 *
 * events.log, torn and damaged.  Readers give the leading records that are whole, byte for byte,
 * and stop; opening for writing cuts off exactly the damaged tail, once; what is logged then is
 * read behind it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/rundir/eventlog.h"
#include "tests/fuzz/fuzz.h"

#define HEAD "graveshift-log1\n"
#define HEAD_SIZE 16
#define RECORD 48
#define RECORDS_MAX 600 /* more than a reader's block */
#define ADDED 3

struct log {
	size_t length;
	char bytes[HEAD_SIZE + RECORDS_MAX * RECORD + 64];
};

static bool
is_whole(const struct log *log, uint64_t number)
{
	size_t at = HEAD_SIZE + number * RECORD;
	uint32_t checksum;

	if (at + RECORD > log->length)
		return false;
	memcpy(&checksum, log->bytes + at + RECORD - 4, 4);
	return checksum == XXH32(log->bytes + at, RECORD - 4, (XXH32_hash_t)number);
}

/* A log of so many records, then damaged as the input says. */
static void
make(struct log *log, struct fuzz_input *input)
{
	uint64_t count = fuzz_take(input, 1) * fuzz_take(input, 1) % (RECORDS_MAX + 1);

	memset(log, 0, sizeof(*log));
	memcpy(log->bytes, HEAD, HEAD_SIZE);
	log->length = HEAD_SIZE + count * RECORD;
	for (uint64_t number = 0; number < count; number++) {
		struct logged record = {.step = {.kind = EV_BEAT, .value = number}};

		record.checksum = XXH32(&record, RECORD - 4, (XXH32_hash_t)number);
		memcpy(log->bytes + HEAD_SIZE + number * RECORD, &record, RECORD);
	}
	log->length -= fuzz_take(input, 1) % (log->length + 1);
	log->length += fuzz_take(input, 1) % 64;
	while (fuzz_left(input) > 0 && log->length > 0) {
		/* From the start or from the end. */
		size_t where = fuzz_take(input, 2);
		size_t at = where & 1 ? log->length - 1 - (where >> 1) % log->length
		                      : (where >> 1) % log->length;

		log->bytes[at] = (char)fuzz_take(input, 1);
	}
}

/* The reader gives records 0..whole) as they are in the bytes; whether there are more is asked
 * twice. */
static void
check_read(const struct fuzz_file *file, const struct log *log, uint64_t whole)
{
	struct eventlog_reader *reader = malloc(sizeof(*reader));
	struct logged record;
	int result;

	CHECK(reader != NULL);
	result = eventlog_reader_open(reader, file->path);
	if (log->length < HEAD_SIZE || memcmp(log->bytes, HEAD, HEAD_SIZE) != 0) {
		CHECK(result == -EBADMSG);
		free(reader);
		return;
	}
	CHECK(result == 0);
	for (uint64_t number = 0; number < whole; number++) {
		CHECK(eventlog_next(reader, &record) == 1);
		CHECK(memcmp(&record, log->bytes + HEAD_SIZE + number * RECORD, RECORD) == 0);
	}
	for (int i = 0; i < 2; i++)
		CHECK(eventlog_next(reader, &record) == 0 && reader->next == whole);
	eventlog_reader_close(reader);
	free(reader);
}

/* Logs a few events behind count records; then the reader must find them if it gets that far. */
static void
check_append(const struct fuzz_file *file, int fd, struct log *log, uint64_t count, uint64_t whole)
{
	static void *memory;
	size_t size = board_size(1, 4);
	struct board *board;

	if (memory == NULL)
		memory = aligned_alloc(64, size);
	CHECK(memory != NULL);
	memset(memory, 0, sizeof(struct board) + 4096);
	board = board_init(memory, size, 1, 4, "run", "socket", 1);
	CHECK(board != NULL);
	board_events_resume(board, count);
	for (uint64_t i = 0; i < ADDED; i++)
		eventlog_put(fd, board, &(struct core_step){.kind = EV_TICK, .value = count + i});
	CHECK(eventlog_flush(fd, board) == 0);
	log->length = HEAD_SIZE + (count + ADDED) * RECORD;
	CHECK(pread(file->fd, log->bytes, log->length, 0) == (ssize_t)log->length);
	for (uint64_t i = 0; i < ADDED; i++)
		CHECK(is_whole(log, count + i));
	check_read(file, log, whole == count ? count + ADDED : whole);
}

static void
check_repair(const struct fuzz_file *file, struct log *log, uint64_t whole)
{
	uint64_t count, repaired, again, last = log->length / RECORD;
	struct stat status;
	int fd = eventlog_open(file->path, &count, &repaired), second;

	while (last > 0 && !is_whole(log, last - 1))
		last--;
	if (log->length >= HEAD_SIZE && memcmp(log->bytes, HEAD, HEAD_SIZE) != 0) {
		CHECK(fd == -EBADMSG);
		return;
	}
	CHECK(fd >= 0 && count == last && count >= whole);
	CHECK(fstat(fd, &status) == 0 && (uint64_t)status.st_size == HEAD_SIZE + count * RECORD);
	if (log->length >= HEAD_SIZE)
		CHECK(repaired == log->length - (size_t)status.st_size);
	else
		memcpy(log->bytes, HEAD, HEAD_SIZE);
	second = eventlog_open(file->path, &again, &repaired);
	CHECK(second >= 0 && again == count && repaired == 0);
	close(second);
	log->length = (size_t)status.st_size;
	check_read(file, log, whole);
	if (count <= RECORDS_MAX - ADDED)
		check_append(file, fd, log, count, whole);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file = {.fd = -1};
	static struct log log;
	struct fuzz_input input = {data, data + size};
	uint64_t whole = 0;

	if (file.fd < 0)
		fuzz_file_init(&file, "events.log");
	make(&log, &input);
	fuzz_file_set(&file, log.bytes, log.length);
	while (is_whole(&log, whole))
		whole++;
	check_read(&file, &log, whole);
	check_repair(&file, &log, whole);
	return 0;
}

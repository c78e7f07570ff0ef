/* SPDX-License-Identifier: ISC
 *
 * The file format of events.log, its repair, and the way from the board's ring into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/rundir/eventlog.h"
#include "sim/util/fail.h"

static const char magic[16] = "graveshift-log1\n";
#define BATCH 256

static uint32_t
checksum_of(const struct logged *record, uint64_t number)
{
	return XXH32(record, offsetof(struct logged, checksum), (XXH32_hash_t)number);
}

void
eventlog_seal(struct logged *record, uint64_t number)
{
	record->checksum = checksum_of(record, number);
}

bool
eventlog_is_whole(const struct logged *record, uint64_t number)
{
	return record->checksum == checksum_of(record, number);
}

static off_t
place_of(uint64_t number)
{
	return (off_t)(sizeof(magic) + number * sizeof(struct logged));
}

/* Number of leading records that are whole: damage can only be at the end, where a write was under
 * way. */
static int
count_whole(int fd, uint64_t size, uint64_t *count)
{
	uint64_t whole = (size - sizeof(magic)) / sizeof(struct logged);
	struct logged record;

	while (whole > 0) {
		if (pread(fd, &record, sizeof(record), place_of(whole - 1)) != sizeof(record))
			return -EIO;
		if (eventlog_is_whole(&record, whole - 1))
			break;
		whole--;
	}
	*count = whole;
	return 0;
}

static int
repair(int fd, uint64_t size, uint64_t *count, uint64_t *repaired)
{
	char head[sizeof(magic)];
	int error;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	error = count_whole(fd, size, count);
	if (error != 0)
		return error;
	*repaired = size - (uint64_t)place_of(*count);
	if (*repaired > 0 && ftruncate(fd, place_of(*count)) != 0)
		return -errno;
	return 0;
}

static int
write_whole(int fd, const void *bytes, size_t length, off_t offset)
{
	errno = ENOSPC; /* what a short write means */
	return pwrite(fd, bytes, length, offset) == (ssize_t)length ? 0 : -errno;
}

int
eventlog_open(const char *path, uint64_t *count, uint64_t *repaired)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat status;
	int error = 0;

	*count = *repaired = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) != 0)
		error = -errno;
	else if (status.st_size <
	         (off_t)sizeof(magic)) /* new, or killed before its header was whole */
		error = write_whole(fd, magic, sizeof(magic), 0);
	else
		error = repair(fd, (uint64_t)status.st_size, count, repaired);
	if (error != 0) {
		close(fd);
		return error;
	}
	return fd;
}

/* Between flushed and head every entry is whole: pushing moves head last.  Unless we were stopped
 * and another writes meanwhile: then it may be gone, and what stands there is not ours to write. */
static int
take(const struct board *board, uint64_t number, struct logged *record)
{
	memset(record, 0, sizeof(*record));
	if (board_event_read(board, number, &record->step, &record->generation) != 0)
		return -ESTALE;
	eventlog_seal(record, number);
	return 0;
}

int
eventlog_flush(int fd, struct board *board)
{
	struct logged batch[BATCH];
	uint64_t next = board_events_flushed(board), head = board_events_head(board);

	if (next < head && head - next > board_events_capacity(board))
		return -EBADMSG;
	while (next < head) {
		size_t count = 0;
		uint64_t first = next;
		int error = 0;

		for (; error == 0 && next < head && count < BATCH; next++, count++)
			error = take(board, next, &batch[count]);
		if (error == 0)
			error = write_whole(fd, batch, count * sizeof(batch[0]), place_of(first));
		if (error != 0)
			return error;
		if (next > board_events_flushed(board))
			board_events_set_flushed(board, next);
	}
	return 0;
}

int
eventlog_append(int fd, uint64_t number, const struct core_step *step, uint32_t generation)
{
	struct logged record;

	memset(&record, 0, sizeof(record));
	record.step = *step;
	record.generation = generation;
	eventlog_seal(&record, number);
	return write_whole(fd, &record, sizeof(record), place_of(number));
}

int
eventlog_put(int fd, struct board *board, const struct core_step *step)
{
	int error = board_event_push(board, step);

	if (error == 0 || error == -ESTALE)
		return error;
	/* Full: an event that cannot be kept must stop us, for the log has to be complete. */
	error = eventlog_flush(fd, board);
	if (error == 0)
		error = board_event_push(board, step);
	if (error == -ESTALE)
		return error;
	if (error != 0) {
		complain("cannot write the event log: %s; free some space and `graveshift resume`",
		         strerror(-error));
		_exit(EXIT_INTERNAL);
	}
	return 0;
}

int
eventlog_writer_open(struct eventlog_writer *writer, const char *path)
{
	*writer = (struct eventlog_writer){0};
	writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (writer->fd < 0)
		return -errno;
	writer->error = write_whole(writer->fd, magic, sizeof(magic), 0);
	return 0;
}

static void
write_block(struct eventlog_writer *writer)
{
	if (writer->error == 0)
		writer->error =
		    write_whole(writer->fd, writer->block, writer->count * sizeof(struct logged),
		                place_of(writer->first));
	writer->first += writer->count;
	writer->count = 0;
}

void
eventlog_write(struct eventlog_writer *writer, const struct core_step *step, uint32_t generation)
{
	struct logged *record = &writer->block[writer->count];

	*record = (struct logged){.step = *step, .generation = generation};
	eventlog_seal(record, writer->first + writer->count);
	if (++writer->count == EVENTLOG_BLOCK)
		write_block(writer);
}

int
eventlog_writer_close(struct eventlog_writer *writer)
{
	write_block(writer);
	if (close(writer->fd) != 0 && writer->error == 0)
		writer->error = -errno;
	return writer->error;
}

/* The descriptor, or -errno. */
static int
open_to_read(const char *path)
{
	char head[sizeof(magic)];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, magic, sizeof(magic)) != 0) {
		close(fd);
		return -EBADMSG;
	}
	return fd;
}

int
eventlog_reader_open(struct eventlog_reader *reader, const char *path)
{
	reader->next = reader->first = 0;
	reader->count = 0;
	reader->fd = open_to_read(path);
	return reader->fd < 0 ? reader->fd : 0;
}

/* Reads on behind what was taken.  At the end of a log that grows, a record may come whole later.
 */
static int
fill(struct eventlog_reader *reader)
{
	ssize_t length =
	    pread(reader->fd, reader->block, sizeof(reader->block), place_of(reader->next));

	if (length < 0)
		return -errno;
	reader->first = reader->next;
	reader->count = (size_t)length / sizeof(struct logged);
	return 0;
}

int
eventlog_next(struct eventlog_reader *reader, struct logged *record)
{
	size_t at = (size_t)(reader->next - reader->first);

	if (at >= reader->count) {
		int error = fill(reader);
		if (error != 0 || reader->count == 0)
			return error;
		at = 0;
	}
	*record = reader->block[at];
	if (!eventlog_is_whole(record, reader->next)) {
		reader->count = 0; /* read it anew when asked again */
		return 0;
	}
	reader->next++;
	return 1;
}

void
eventlog_reader_close(struct eventlog_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

int
eventlog_map_open(struct eventlog_map *map, const char *path)
{
	*map = (struct eventlog_map){.fd = open_to_read(path)};
	return map->fd < 0 ? map->fd : 0;
}

/* As many whole records as the file has room for, mapped; room to grow costs nothing. */
static int
map_anew(struct eventlog_map *map, size_t size)
{
	void *file = map->file == NULL ? mmap(NULL, size, PROT_READ, MAP_SHARED, map->fd, 0)
	                               : mremap((void *)map->file, map->size, size, MREMAP_MAYMOVE);

	if (file == MAP_FAILED)
		return -errno;
	map->file = file;
	map->size = size;
	return 0;
}

int64_t
eventlog_map_grow(struct eventlog_map *map)
{
	uint64_t had = map->count, there;
	struct stat status;
	int error = 0;

	if (fstat(map->fd, &status) != 0)
		return -errno;
	if (status.st_size < place_of(had))
		return -EBADMSG;
	there = ((uint64_t)status.st_size - sizeof(magic)) / sizeof(struct logged);
	if (there == had)
		return 0;
	if ((size_t)status.st_size > map->size)
		error = map_anew(map, (size_t)status.st_size);
	if (error != 0)
		return error;
	while (map->count < there &&
	       eventlog_is_whole(eventlog_map_record(map, map->count), map->count))
		map->count++;
	return (int64_t)(map->count - had);
}

const struct logged *
eventlog_map_record(const struct eventlog_map *map, uint64_t i)
{
	return (const struct logged *)(map->file + place_of(i));
}

void
eventlog_map_close(struct eventlog_map *map)
{
	if (map->file != NULL)
		munmap((void *)map->file, map->size);
	if (map->fd >= 0)
		close(map->fd);
	*map = (struct eventlog_map){.fd = -1};
}

/* SPDX-License-Identifier: ISC
 *
 * Readers of a topic.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/topic/topic_reader.h"

void
topic_reader_open(struct topic_reader *reader, int folder, const char *name)
{
	*reader = (struct topic_reader){.folder = folder, .head_fd = -1};
	strlcpy(reader->name, name, sizeof(reader->name));
}

void
topic_reader_close(struct topic_reader *reader)
{
	topic_map_close(&reader->map);
	if (reader->head != NULL)
		munmap((void *)(uintptr_t)reader->head, TOPIC_HEAD_BYTES);
	if (reader->head_fd >= 0)
		close(reader->head_fd);
	reader->head = NULL;
	reader->head_fd = -1;
}

void
topic_reader_seek(struct topic_reader *reader, uint64_t offset)
{
	topic_map_close(&reader->map);
	reader->next = offset;
}

/* Its magic is written last. */
static bool
head_is_made(const struct topic_head *head)
{
	return memcmp(head->magic, topic_head_magic, sizeof(head->magic)) == 0;
}

static bool
open_head(struct topic_reader *reader)
{
	char name[TOPIC_FILE_MAX];
	struct stat status;
	void *head = MAP_FAILED;
	int fd;

	if (reader->head != NULL)
		return head_is_made(reader->head);
	fd = openat(reader->folder, topic_head_name(reader->name, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && status.st_size >= TOPIC_HEAD_BYTES)
		head = mmap(NULL, TOPIC_HEAD_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	if (head == MAP_FAILED) {
		close(fd);
		return false;
	}
	reader->head_fd = fd;
	reader->head = head;
	return head_is_made(head);
}

uint64_t
topic_reader_published(struct topic_reader *reader)
{
	return open_head(reader)
	           ? atomic_load_explicit(&reader->head->published, memory_order_acquire)
	           : 0;
}

bool
topic_reader_is_fed(struct topic_reader *reader)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return open_head(reader) && fcntl(reader->head_fd, F_OFD_GETLK, &lock) == 0 &&
	       lock.l_type != F_UNLCK;
}

/* The segment that has the next event, at its place.  1, or 0: it is not there (any more: a power
 * loss has taken what was published), -errno. */
static int
turn(struct topic_reader *reader)
{
	struct topic_walk walk;
	uint64_t first;
	int found = topic_segment_find(reader->folder, reader->name, reader->next, &first);

	if (found != 1)
		return found;
	topic_map_close(&reader->map);
	found = topic_map_open(&reader->map, reader->folder, reader->name, first);
	if (found != 0)
		return found == -ENOENT ? 0 : found;
	if (!topic_map_walk(&reader->map, reader->folder, reader->name, reader->next, &walk,
	                    NULL)) {
		topic_map_close(&reader->map);
		return walk.bad ? -EBADMSG : 0;
	}
	reader->at = walk.at;
	return 1;
}

static long
decode(const struct topic_reader *reader, struct topic_event *event)
{
	return topic_event_decode(reader->map.bytes + reader->at, reader->map.size - reader->at,
	                          reader->next, event);
}

int
topic_reader_next(struct topic_reader *reader, struct topic_event *event, bool may_turn)
{
	long size = 0;

	if (reader->next >= topic_reader_published(reader))
		return 0;
	if (reader->map.bytes != NULL)
		size = decode(reader, event);
	if (size == 0 && may_turn) {
		int found = turn(reader);

		if (found != 1)
			return found;
		size = decode(reader, event);
	}
	if (size <= 0)
		return (int)size;
	reader->at += (size_t)size;
	reader->next++;
	return 1;
}

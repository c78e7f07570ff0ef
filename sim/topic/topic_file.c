/* SPDX-License-Identifier: ISC
 *
 * Names of a topic's files, and segments as they are read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/topic/topic_event.h"
#include "sim/topic/topic_file.h"

const char topic_head_magic[16] = "graveshift-tph1\n",
	   topic_segment_magic[16] = "graveshift-top1\n";

#define SEGMENT_ENDING ".seg"
#define OFFSET_DIGITS 16

const char *
topic_head_name(const char *topic, char name[TOPIC_FILE_MAX])
{
	snprintf(name, TOPIC_FILE_MAX, "%s.head", topic);
	return name;
}

const char *
topic_segment_name(const char *topic, uint64_t first, const char *ending, char name[TOPIC_FILE_MAX])
{
	snprintf(name, TOPIC_FILE_MAX, "%s.%016llx.%s", topic, (unsigned long long)first, ending);
	return name;
}

/* Is it the name of one of the topic's segments? */
static bool
is_segment(const char *name, const char *topic, uint64_t *first)
{
	size_t length = strlen(topic);
	char *end;

	if (strncmp(name, topic, length) != 0 || name[length] != '.')
		return false;
	*first = strtoull(name + length + 1, &end, 16);
	return end == name + length + 1 + OFFSET_DIGITS && strcmp(end, SEGMENT_ENDING) == 0;
}

int
topic_segment_find(int folder, const char *topic, uint64_t offset, uint64_t *first)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (entries == NULL) {
		int error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	while ((entry = readdir(entries)) != NULL) {
		uint64_t its;
		if (!is_segment(entry->d_name, topic, &its) || its > offset ||
		    (found == 1 && its < *first))
			continue;
		*first = its;
		found = 1;
	}
	closedir(entries);
	return found;
}

static bool
is_begun(const struct topic_map *map)
{
	const struct topic_segment_head *head = (const void *)map->bytes;

	return map->size >= sizeof(*head) &&
	       memcmp(head->magic, topic_segment_magic, sizeof(head->magic)) == 0 &&
	       head->first == map->first;
}

int
topic_map_open(struct topic_map *map, int folder, const char *topic, uint64_t first)
{
	char name[TOPIC_FILE_MAX];
	int fd =
	    openat(folder, topic_segment_name(topic, first, "seg", name), O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes;

	*map = (struct topic_map){.first = first};
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) != 0 || status.st_size == 0) {
		close(fd);
		return -ENOENT;
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return -errno;
	map->bytes = bytes;
	map->size = (size_t)status.st_size;
	if (is_begun(map))
		return 0;
	topic_map_close(map);
	return -ENOENT;
}

void
topic_map_close(struct topic_map *map)
{
	if (map->bytes != NULL)
		munmap((void *)(uintptr_t)map->bytes, map->size);
	map->bytes = NULL;
}

/* The last entry of the index that is not behind the offset and leads to an event; else the
 * beginning.  What it says is believed only because the event's checksum covers its offset. */
static void
jump(const struct topic_map *map, int folder, const char *topic, uint64_t offset,
     struct topic_walk *walk)
{
	char name[TOPIC_FILE_MAX];
	int fd = openat(folder, topic_segment_name(topic, map->first, "idx", name),
	                O_RDONLY | O_CLOEXEC);
	uint64_t entry = (offset - map->first) / TOPIC_INDEX_EVERY, at;
	struct topic_event event;
	struct stat status;

	*walk = (struct topic_walk){.at = sizeof(struct topic_segment_head), .next = map->first};
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && (uint64_t)status.st_size / sizeof(at) <= entry)
		entry = (uint64_t)status.st_size / sizeof(at) - (status.st_size >= 8 ? 1 : 0);
	if (pread(fd, &at, sizeof(at), (off_t)(entry * sizeof(at))) == sizeof(at) && at > 0 &&
	    at < map->size &&
	    topic_event_decode(map->bytes + at, map->size - at,
	                       map->first + entry * TOPIC_INDEX_EVERY, &event) > 0)
		*walk =
		    (struct topic_walk){.at = at, .next = map->first + entry * TOPIC_INDEX_EVERY};
	close(fd);
}

bool
topic_map_walk(const struct topic_map *map, int folder, const char *topic, uint64_t offset,
               struct topic_walk *walk, struct topic_event *last)
{
	struct topic_event event;
	long size = 0;

	jump(map, folder, topic, offset, walk);
	while (walk->next < offset) {
		size = topic_event_decode(map->bytes + walk->at, map->size - walk->at, walk->next,
		                          &event);
		if (size <= 0)
			break;
		if (last != NULL)
			*last = event;
		walk->at += (size_t)size;
		walk->next++;
	}
	walk->bad = size < 0;
	return walk->next == offset;
}

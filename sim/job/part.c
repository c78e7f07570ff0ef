/* SPDX-License-Identifier: ISC
 *
 * Writing and reading parts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/fault/point.h"
#include "sim/job/part.h"
#include "sim/util/plant.h"

#define PREFIX "part-"
#define TEMPORARY "." PREFIX

static void
add_token(const struct part_mark *mark, char name[PART_NAME_MAX])
{
	size_t used = strlen(name);

	snprintf(name + used, PART_NAME_MAX - used, ".g%u.e%u", mark->generation, mark->epoch);
}

static void
add_maker(const struct part_mark *mark, char name[PART_NAME_MAX])
{
	size_t used = strlen(name);

	if (mark->maker != mark->task)
		snprintf(name + used, PART_NAME_MAX - used, ".by%u", mark->maker);
}

const char *
part_name(const struct part_mark *mark, char name[PART_NAME_MAX])
{
	snprintf(name, PART_NAME_MAX, PREFIX "%u.%u", mark->task, mark->partition);
	if (!planted("part-without-epoch"))
		add_token(mark, name);
	add_maker(mark, name);
	return name;
}

static const char *
temporary_name(const struct part_mark *mark, char name[PART_NAME_MAX])
{
	snprintf(name, PART_NAME_MAX, TEMPORARY "%u.%u", mark->task, mark->partition);
	add_token(mark, name);
	add_maker(mark, name);
	return name;
}

int
part_new(struct part **out, const struct work *work, uint32_t task, uint32_t partition,
         uint32_t maker)
{
	struct part *part = malloc(sizeof(*part));
	char name[PART_NAME_MAX];
	int error;

	if (part == NULL)
		return -ENOMEM;
	part->folder = work->out;
	part->mark = (struct part_mark){.task = task,
	                                .partition = partition,
	                                .generation = work->generation,
	                                .epoch = work->epoch,
	                                .maker = maker};
	part->error = 0;
	part->used = 0;
	XXH3_64bits_reset(&part->state);
	part->fd = disk_create(part->folder, temporary_name(&part->mark, name));
	if (part->fd == -EEXIST) { /* of a lease that was handed back, and is given again */
		disk_remove(part->folder, name);
		part->fd = disk_create(part->folder, name);
	}
	if (part->fd < 0) {
		error = part->fd;
		free(part);
		return error;
	}
	*out = part;
	return 0;
}

static void
flush(struct part *part)
{
	for (size_t at = 0; at < part->used && part->error == 0;) {
		ssize_t written = disk_part_write(part->fd, part->buffer + at, part->used - at);

		if (written >= 0)
			at += (size_t)written;
		else if (written != -EINTR)
			part->error = (int)written;
	}
	XXH3_64bits_update(&part->state, part->buffer, part->used);
	part->mark.bytes += part->used;
	part->used = 0;
}

int
part_write(struct part *part, const void *bytes, size_t length)
{
	while (length > 0) {
		size_t piece = sizeof(part->buffer) - part->used;

		piece = piece < length ? piece : length;
		memcpy(part->buffer + part->used, bytes, piece);
		part->used += piece;
		bytes = (const char *)bytes + piece;
		length -= piece;
		if (part->used == sizeof(part->buffer))
			flush(part);
	}
	return part->error;
}

void
part_drop(struct part *part)
{
	char name[PART_NAME_MAX];

	if (part == NULL)
		return;
	close(part->fd);
	disk_remove(part->folder, temporary_name(&part->mark, name));
	free(part);
}

int
part_seal(struct part *part, const struct work *work, struct part_mark *mark)
{
	char from[PART_NAME_MAX], to[PART_NAME_MAX];

	flush(part);
	part->mark.checksum = XXH3_64bits_digest(&part->state);
	if (part->error == 0 && work->power)
		part->error = disk_part_sync(part->fd);
	if (part->error == 0)
		part->error = disk_part_rename(part->folder, temporary_name(&part->mark, from),
		                               part_name(&part->mark, to));
	if (part->error != 0) {
		int error = part->error;

		part_drop(part);
		return error;
	}
	point_reach(POINT_PART_AFTER_RENAME);
	*mark = part->mark;
	close(part->fd);
	free(part);
	return 0;
}

int
part_path(const struct part *part, char path[PATH_MAX])
{
	char link[32], name[PART_NAME_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", part->folder);
	length = readlink(link, path, PATH_MAX);
	if (length < 0)
		return -errno;
	if (length + 1 + PART_NAME_MAX > PATH_MAX)
		return -ENAMETOOLONG;
	snprintf(path + length, PATH_MAX - (size_t)length, "/%s",
	         temporary_name(&part->mark, name));
	return 0;
}

int
part_adopt(struct part *part, void (*look)(void *context, const char *bytes, size_t length),
           void *context)
{
	char name[PART_NAME_MAX];
	ssize_t got;
	int fd = openat(part->folder, temporary_name(&part->mark, name),
	                O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(part->fd); /* of a file that another may have taken the place of */
	part->fd = fd;
	while ((got = read(fd, part->buffer, sizeof(part->buffer))) > 0) {
		XXH3_64bits_update(&part->state, part->buffer, (size_t)got);
		part->mark.bytes += (uint64_t)got;
		look(context, part->buffer, (size_t)got);
	}
	return got < 0 ? -errno : 0;
}

int
part_sync_names(const struct work *work)
{
	return work->power ? disk_part_sync(work->out) : 0;
}

int
part_map(const struct work *work, const struct part_mark *mark, const char **bytes)
{
	char name[PART_NAME_MAX];
	int fd = openat(work->out, part_name(mark, name), O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *mapped = NULL;
	int error = 0;

	if (fd < 0)
		return errno == ENOENT ? -EBADMSG : -errno;
	if (fstat(fd, &status) != 0)
		error = -errno;
	else if ((uint64_t)status.st_size != mark->bytes)
		error = -EBADMSG;
	if (error == 0 && mark->bytes > 0) {
		mapped = mmap(NULL, mark->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
		if (mapped == MAP_FAILED)
			error = -errno;
	}
	close(fd);
	if (error != 0)
		return error;
	*bytes = mapped != NULL ? mapped : "";
	if (XXH3_64bits(*bytes, mark->bytes) == mark->checksum)
		return 0;
	part_unmap(mark, *bytes);
	return -EBADMSG;
}

void
part_unmap(const struct part_mark *mark, const char *bytes)
{
	if (mark->bytes > 0)
		munmap((void *)(uintptr_t)bytes, mark->bytes);
}

void
part_remove(const struct work *work, const struct part_mark *mark)
{
	char name[PART_NAME_MAX];

	disk_remove(work->out, part_name(mark, name));
}

bool
part_is(const char *name)
{
	return strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0 ||
	       strncmp(name, TEMPORARY, sizeof(TEMPORARY) - 1) == 0;
}

void
part_clear(int folder)
{
	disk_clear(folder, part_is);
}

/* SPDX-License-Identifier: ISC
 *
 * Restoring: the files of a version are made again in empty folders.  Many processes may do so at a
 * time, so nothing of what was recorded is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sim/torture/versions.h"

struct restoring {
	const struct versions *versions;
	const struct tear *tear;
	const int *fd;
	uint32_t version;
	const struct entry **made; /* for each node, the first name that it has got */
};

/* What was in force at a version; NULL: it was not there yet. */
static const struct meta *
version_meta(const struct node *node, uint32_t version)
{
	const struct meta *meta = node->meta;

	while (meta != NULL && meta->version > version)
		meta = meta->before;
	return meta;
}

static const struct block *
version_block(const struct node *node, uint32_t index, uint32_t version)
{
	const struct block *block = index < node->block_count ? node->blocks[index] : NULL;

	while (block != NULL && block->version > version)
		block = block->before;
	return block;
}

/* The length of a file, with what of it is torn. */
static int64_t
version_size(const struct node *node, uint32_t version, const struct tear *tear)
{
	const struct meta *meta = version_meta(node, version), *after;
	int64_t size = meta == NULL ? 0 : meta->size, torn;

	if (tear == NULL || tear->node != node)
		return size;
	after = version_meta(node, version + 1);
	torn = after == NULL || after->size > tear->end ? tear->end : after->size;
	return torn > size ? torn : size;
}

static const struct node *
node_of(const struct entry *entry, uint32_t version)
{
	const struct claim *claim = entry->claim;

	while (claim != NULL && claim->version > version)
		claim = claim->before;
	return claim == NULL ? NULL : claim->node;
}

static int
write_all(int fd, const char *bytes, size_t length, int64_t at)
{
	while (length > 0) {
		ssize_t wrote = pwrite(fd, bytes, length, at);
		if (wrote < 0)
			return -errno;
		bytes += wrote;
		at += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

static int
fill(const struct restoring *restoring, const struct node *node, int fd)
{
	int64_t size = version_size(node, restoring->version, restoring->tear);
	uint32_t pages = (uint32_t)((size + VERSION_PAGE - 1) / VERSION_PAGE);
	bool torn = restoring->tear != NULL && restoring->tear->node == node;
	int error = ftruncate(fd, size) == 0 ? 0 : -errno;

	for (uint32_t i = 0; error == 0 && i < pages && i < node->block_count; i++) {
		int64_t at = (int64_t)i * VERSION_PAGE;
		uint32_t version = restoring->version + (torn && at < restoring->tear->end);
		const struct block *block = version_block(node, i, version);
		int64_t length = block == NULL ? 0 : block->length;
		if (length > size - at)
			length = size - at;
		if (length > 0)
			error = write_all(fd, block->bytes, (size_t)length, at);
	}
	return error;
}

static int
make_file(const struct restoring *restoring, const struct entry *entry, const struct node *node)
{
	int fd = openat(restoring->fd[entry->layer], entry->path,
	                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(restoring, node, fd);
	close(fd);
	return error;
}

static int
make_node(const struct restoring *restoring, const struct entry *entry, const struct node *node,
          const struct meta *meta)
{
	int folder = restoring->fd[entry->layer], result;
	const struct entry *first = restoring->made[node->number];

	if (S_ISDIR(meta->mode))
		result = entry->path[0] == '\0' ? 0 : mkdirat(folder, entry->path, 0700);
	else if (first != NULL)
		result = linkat(folder, first->path, folder, entry->path, 0);
	else if (S_ISREG(meta->mode))
		return make_file(restoring, entry, node);
	else if (S_ISLNK(meta->mode))
		result = symlinkat(meta->target != NULL ? meta->target : "", folder, entry->path);
	else
		result = mknodat(folder, entry->path, meta->mode, meta->device);
	return result == 0 ? 0 : -errno;
}

static int
set_attributes(const struct meta *meta, int fd)
{
	const char *at = meta->attributes, *end = at + meta->attributes_size;

	while (at < end) {
		const char *name = at;
		uint32_t length;
		at += strlen(name) + 1;
		memcpy(&length, at, sizeof(length));
		at += sizeof(length);
		if (fsetxattr(fd, name, at, length, 0) != 0 && errno != ENOTSUP && errno != EPERM)
			return -errno;
		at += length;
	}
	return 0;
}

/* While its mode still lets us open it. */
static int
dress_attributes(const struct meta *meta, int folder, const char *path)
{
	int fd, error;

	if (meta->attributes_size == 0)
		return 0;
	fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = set_attributes(meta, fd);
	close(fd);
	return error;
}

/* Owner, attributes, mode, times: in this order, for each may undo what stands behind it.  Who may
 * not give files away had none of others. */
static int
dress(const struct restoring *restoring, const struct entry *entry, const struct meta *meta)
{
	int folder = restoring->fd[entry->layer], error;
	const char *path = entry->path[0] == '\0' ? "." : entry->path;
	struct timespec times[2] = {meta->modified, meta->modified};

	if ((meta->uid != geteuid() || meta->gid != getegid()) &&
	    fchownat(folder, path, meta->uid, meta->gid, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno != EPERM && errno != EINVAL)
		return -errno;
	error = dress_attributes(meta, folder, path);
	if (error == 0 && !S_ISLNK(meta->mode) &&
	    fchmodat(folder, path, meta->mode & 07777, 0) != 0)
		error = -errno;
	if (error == 0 && utimensat(folder, path, times, AT_SYMLINK_NOFOLLOW) != 0)
		error = -errno;
	return error;
}

static int
make_entry(struct restoring *restoring, const struct entry *entry)
{
	const struct node *node = node_of(entry, restoring->version);
	const struct meta *meta = node == NULL ? NULL : version_meta(node, restoring->version);
	int error;

	if (meta == NULL)
		return 0;
	error = make_node(restoring, entry, node, meta);
	if (error == 0 && restoring->made[node->number] == NULL) {
		restoring->made[node->number] = entry;
		if (!S_ISDIR(meta->mode))
			error = dress(restoring, entry, meta);
	}
	return error;
}

/* When nothing more is made in them. */
static int
dress_folders(const struct restoring *restoring, const struct entry **folder, size_t count)
{
	int error = 0;

	while (error == 0 && count-- > 0) {
		const struct node *node = node_of(folder[count], restoring->version);
		error = dress(restoring, folder[count], version_meta(node, restoring->version));
	}
	return error;
}

static bool
is_folder_at(const struct entry *entry, uint32_t version)
{
	const struct node *node = node_of(entry, version);
	const struct meta *meta = node == NULL ? NULL : version_meta(node, version);

	return meta != NULL && S_ISDIR(meta->mode);
}

int
versions_restore(const struct versions *versions, uint32_t version, const struct tear *tear,
                 const int *fd)
{
	struct restoring restoring = {versions, tear, fd, version, NULL};
	const struct entry **folder = NULL;
	size_t folders = 0;
	int error = 0;

	restoring.made = calloc(versions->nodes + 1, sizeof(void *));
	folder = calloc(versions->nodes + 1, sizeof(void *));
	if (restoring.made == NULL || folder == NULL)
		error = -ENOMEM;
	for (const struct entry *entry = versions->first; error == 0 && entry != NULL;
	     entry = entry->after) {
		if (is_folder_at(entry, version))
			folder[folders++] = entry;
		error = make_entry(&restoring, entry);
	}
	if (error == 0)
		error = dress_folders(&restoring, folder, folders);
	free(folder);
	free(restoring.made);
	return error;
}

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

#include "sim/torture/view.h"

struct restoring {
	const struct versions *versions;
	const struct view *view;
	const int *fd;
	const struct entry **made; /* for each node, the first name that it has got */
};

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
fill(const struct restoring *restoring, const struct node *node, int64_t size, int fd)
{
	const struct view *view = restoring->view;
	uint32_t pages = (uint32_t)((size + VERSION_PAGE - 1) / VERSION_PAGE);
	int error = ftruncate(fd, size) == 0 ? 0 : -errno;

	for (uint32_t i = 0; error == 0 && i < pages && i < node->block_count; i++) {
		int64_t at = (int64_t)i * VERSION_PAGE;
		uint32_t length;
		const struct block *block = view->block(view, node, i, &length);
		if (block == NULL)
			continue;
		if (length > size - at)
			length = (uint32_t)(size - at);
		error = write_all(fd, block->bytes, length, at);
	}
	return error;
}

static int
make_file(const struct restoring *restoring, const struct entry *entry, const struct node *node,
          int64_t size)
{
	int fd = openat(restoring->fd[entry->layer], entry->path,
	                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(restoring, node, size, fd);
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
		return make_file(restoring, entry, node, meta->size);
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
	const struct view *view = restoring->view;
	const struct node *node = view->node(view, entry);
	struct meta meta;
	int error;

	if (node == NULL || !view->meta(view, node, &meta))
		return 0;
	error = make_node(restoring, entry, node, &meta);
	if (error == 0 && restoring->made[node->number] == NULL) {
		restoring->made[node->number] = entry;
		if (!S_ISDIR(meta.mode))
			error = dress(restoring, entry, &meta);
	}
	return error;
}

/* When nothing more is made in them. */
static int
dress_folders(const struct restoring *restoring, const struct entry **folder, size_t count)
{
	int error = 0;

	while (error == 0 && count-- > 0) {
		const struct view *view = restoring->view;
		struct meta meta;
		if (view->meta(view, view->node(view, folder[count]), &meta))
			error = dress(restoring, folder[count], &meta);
	}
	return error;
}

static bool
is_folder(const struct view *view, const struct entry *entry)
{
	const struct node *node = view->node(view, entry);
	struct meta meta;

	return node != NULL && view->meta(view, node, &meta) && S_ISDIR(meta.mode);
}

int
view_restore(const struct versions *versions, const struct view *view, const int *fd)
{
	struct restoring restoring = {versions, view, fd, NULL};
	const struct entry **folder = NULL;
	size_t folders = 0;
	int error = 0;

	restoring.made = calloc(versions->nodes + 1, sizeof(void *));
	folder = calloc(versions->nodes + 1, sizeof(void *));
	if (restoring.made == NULL || folder == NULL)
		error = -ENOMEM;
	for (const struct entry *entry = versions->first; error == 0 && entry != NULL;
	     entry = entry->after) {
		if (is_folder(view, entry))
			folder[folders++] = entry;
		error = make_entry(&restoring, entry);
	}
	if (error == 0)
		error = dress_folders(&restoring, folder, folders);
	free(folder);
	free(restoring.made);
	return error;
}

int
versions_restore(const struct versions *versions, uint32_t version, const struct tear *tear,
                 const int *fd)
{
	struct moment moment;

	moment_init(&moment, version, tear);
	return view_restore(versions, &moment.view, fd);
}

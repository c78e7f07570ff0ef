/* SPDX-License-Identifier: ISC
 *
 * The journal's file: a head, then entries with the bytes that belong to them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/disk/power.h"
#include "sim/disk/unsynced.h"
#include "sim/disk/unsynced_file.h"
#include "sim/rundir/rundir.h"

static char bound[PATH_MAX]; /* the run directory; "" = nothing is entered */

const char *
unsynced_path(const char *run, const char *name, char out[PATH_MAX])
{
	if (snprintf(out, PATH_MAX, "%s/%s/%s", run, RUN_UNSYNCED, name) >= PATH_MAX)
		out[0] = '\0';
	return out;
}

static int
write_whole(int fd, const void *bytes, size_t length, uint64_t offset)
{
	errno = ENOSPC; /* what a short write means */
	return pwrite(fd, bytes, length, (off_t)offset) == (ssize_t)length ? 0 : -errno;
}

/* An empty journal takes the old one's place, if there is one, whole or not at all. */
int
unsynced_forget(const char *run)
{
	struct unsynced_head head = {.magic = UNSYNCED_MAGIC, .end = sizeof(head)};
	char fresh[PATH_MAX], path[PATH_MAX];
	int fd = open(unsynced_path(run, "journal.new", fresh),
	              O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_whole(fd, &head, sizeof(head), 0);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(fresh, unsynced_path(run, UNSYNCED_JOURNAL, path)) != 0)
		error = -errno;
	return error;
}

int
unsynced_begin(const char *run)
{
	char path[PATH_MAX];

	if (access(unsynced_path(run, UNSYNCED_JOURNAL, path), F_OK) == 0)
		return 0;
	if (mkdir(unsynced_path(run, "", path), 0700) != 0 && errno != EEXIST)
		return -errno;
	return unsynced_forget(run);
}

int
unsynced_end(const char *run)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;
	int error = 0;

	/* First: without it, what is beside it means nothing. */
	if (unlink(unsynced_path(run, UNSYNCED_JOURNAL, path)) != 0 && errno != ENOENT)
		return -errno;
	folder = opendir(unsynced_path(run, "", path));
	if (folder == NULL)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlinkat(dirfd(folder), entry->d_name, 0) != 0)
			error = -errno;
	closedir(folder);
	if (error == 0 && rmdir(path) != 0)
		error = -errno;
	bound[0] = '\0';
	return error;
}

void
unsynced_bind(const char *run)
{
	char path[PATH_MAX];

	bound[0] = '\0';
	if (access(unsynced_path(run, UNSYNCED_JOURNAL, path), F_OK) == 0)
		strlcpy(bound, run, sizeof(bound));
}

const char *
unsynced_run(void)
{
	return bound[0] == '\0' ? NULL : bound;
}

static int
read_head(int fd, struct unsynced_head *head)
{
	if (pread(fd, head, sizeof(*head), 0) != (ssize_t)sizeof(*head))
		return -EIO;
	return memcmp(head->magic, UNSYNCED_MAGIC, sizeof(head->magic)) == 0 ? 0 : -EBADMSG;
}

/* A descriptor of its own each time: a lock that came through a fork would be shared. */
static int
open_locked(const char *run, struct unsynced_head *head)
{
	char path[PATH_MAX];
	int fd = open(unsynced_path(run, UNSYNCED_JOURNAL, path), O_RDWR | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			error = -errno;
	if (error == 0)
		error = read_head(fd, head);
	if (error != 0) {
		close(fd);
		return error;
	}
	return fd;
}

int
unsynced_lock(void)
{
	struct unsynced_head head = {0};
	int fd = open_locked(bound, &head);

	if (fd >= 0 && head.lost != 0) {
		close(fd);
		power_gone();
	}
	return fd;
}

void
unsynced_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

int
unsynced_lose(uint32_t fault)
{
	struct unsynced_head head;
	int fd = open_locked(bound, &head), error;

	if (fd < 0)
		return fd;
	head.lost = fault + 1;
	error = write_whole(fd, &head, sizeof(head), 0);
	close(fd);
	return error;
}

bool
unsynced_is_lost(const char *run, uint32_t *fault)
{
	struct unsynced_head head;
	char path[PATH_MAX];
	int fd = open(unsynced_path(run, UNSYNCED_JOURNAL, path), O_RDONLY | O_CLOEXEC);
	bool lost = fd >= 0 && read_head(fd, &head) == 0 && head.lost != 0;

	if (fd >= 0)
		close(fd);
	if (lost)
		*fault = head.lost - 1;
	return lost;
}

uint64_t
unsynced_position(int lock)
{
	struct unsynced_head head = {0};

	return read_head(lock, &head) == 0 ? head.end : 0;
}

int
unsynced_add(int lock, const struct unsynced_entry *entry, const void *bytes)
{
	struct unsynced_head head;
	int error = read_head(lock, &head);

	if (error == 0)
		error = write_whole(lock, entry, sizeof(*entry), head.end);
	if (error == 0 && entry->length > 0)
		error = write_whole(lock, bytes, entry->length, head.end + sizeof(*entry));
	/* Last: an entry that somebody was killed in is none, and its change was not made. */
	head.end += sizeof(*entry) + entry->length;
	if (error == 0)
		error = write_whole(lock, &head, sizeof(head), 0);
	return error;
}

static int
add_alone(const struct unsynced_entry *entry)
{
	int lock = unsynced_lock(), error;

	if (lock < 0)
		return lock;
	error = unsynced_add(lock, entry, NULL);
	unsynced_unlock(lock);
	return error;
}

int
unsynced_synced(uint64_t inode, uint64_t until)
{
	const struct unsynced_entry entry = {.kind = UNSYNCED_SYNC, .inode = inode, .until = until};

	return add_alone(&entry);
}

int
unsynced_failed(uint64_t inode)
{
	const struct unsynced_entry entry = {.kind = UNSYNCED_FAILED, .inode = inode};

	return add_alone(&entry);
}

const char *
unsynced_kept(const char *run, uint64_t inode, char out[PATH_MAX])
{
	char name[32];

	snprintf(name, sizeof(name), "%llu", (unsigned long long)inode);
	return unsynced_path(run, name, out);
}

int
unsynced_keep(int folder, const char *name, uint64_t inode)
{
	char kept[PATH_MAX];

	if (linkat(folder, name, AT_FDCWD, unsynced_kept(bound, inode, kept), 0) == 0 ||
	    errno == EEXIST)
		return 0;
	return -errno;
}

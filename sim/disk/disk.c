/* SPDX-License-Identifier: ISC
 *
 * The calls, with an entry in the journal before each change while there is a journal.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/disk/unsynced.h"

static uint64_t
inode_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

/* 0: there is no such name. */
static uint64_t
inode_of_name(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
}

static void
name_entry(struct unsynced_entry *entry, enum unsynced_kind kind, int folder, const char *name)
{
	*entry = (struct unsynced_entry){.kind = kind, .folder = inode_of(folder)};
	strlcpy(entry->name, name, sizeof(entry->name));
}

int
disk_create(int folder, const char *name)
{
	struct unsynced_entry entry;
	int lock = 0, fd, error = 0;

	if (unsynced_run() != NULL && (lock = unsynced_lock()) < 0)
		return lock;
	fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		error = -errno;
	if (unsynced_run() == NULL)
		return fd >= 0 ? fd : error;
	if (error == 0) {
		name_entry(&entry, UNSYNCED_CREATE, folder, name);
		entry.inode = inode_of(fd);
		error = unsynced_keep(folder, name, entry.inode);
	}
	if (error == 0)
		error = unsynced_add(lock, &entry, NULL);
	unsynced_unlock(lock);
	if (error != 0 && fd >= 0)
		close(fd);
	return error != 0 ? error : fd;
}

/* What a write of so many bytes at the descriptor's position will change. */
static int
enter_write(int lock, int fd, size_t length)
{
	struct unsynced_entry entry = {.kind = UNSYNCED_BYTES, .written = length};
	struct stat status;
	off_t at = lseek(fd, 0, SEEK_CUR);
	void *old = NULL;
	ssize_t got = 0;
	int error = 0;

	if (at < 0 || fstat(fd, &status) != 0)
		return -errno;
	entry.inode = status.st_ino;
	entry.offset = (uint64_t)at;
	entry.size = (uint64_t)status.st_size;
	if (at < status.st_size) {
		old = malloc(length);
		if (old == NULL)
			return -ENOMEM;
		got = pread(fd, old, length, at);
		error = got < 0 ? -errno : 0;
	}
	entry.length = (uint32_t)(got > 0 ? got : 0);
	if (error == 0)
		error = unsynced_add(lock, &entry, old);
	free(old);
	return error;
}

ssize_t
disk_write(int fd, const void *bytes, size_t length)
{
	int lock = 0, error = 0;
	ssize_t written;

	if (unsynced_run() != NULL) {
		lock = unsynced_lock();
		error = lock < 0 ? lock : enter_write(lock, fd, length);
	}
	written = error == 0 ? write(fd, bytes, length) : -1;
	if (error == 0 && written < 0)
		error = -errno;
	if (unsynced_run() != NULL)
		unsynced_unlock(lock);
	return error != 0 ? error : written;
}

int
disk_sync(int fd)
{
	uint64_t until = 0;
	int lock;

	if (unsynced_run() != NULL) {
		lock = unsynced_lock();
		if (lock < 0)
			return lock;
		until = unsynced_position(lock);
		unsynced_unlock(lock);
	}
	if (fsync(fd) != 0)
		return -errno;
	return unsynced_run() != NULL ? unsynced_synced(inode_of(fd), until) : 0;
}

int
disk_sync_failed(int fd)
{
	return unsynced_run() != NULL ? unsynced_failed(inode_of(fd)) : 0;
}

static int
enter_rename(int lock, int folder, const char *from, const char *to)
{
	struct unsynced_entry entry;
	int error = 0;

	name_entry(&entry, UNSYNCED_RENAME, folder, to);
	strlcpy(entry.from, from, sizeof(entry.from));
	entry.inode = inode_of_name(folder, from);
	entry.replaced = inode_of_name(folder, to);
	if (entry.replaced != 0)
		error = unsynced_keep(folder, to, entry.replaced);
	if (error == 0)
		error = unsynced_keep(folder, from, entry.inode);
	return error != 0 ? error : unsynced_add(lock, &entry, NULL);
}

int
disk_rename(int folder, const char *from, const char *to)
{
	int lock = 0, error = 0;

	if (unsynced_run() != NULL) {
		lock = unsynced_lock();
		error = lock < 0 ? lock : enter_rename(lock, folder, from, to);
	}
	if (error == 0 && renameat(folder, from, folder, to) != 0)
		error = -errno;
	if (unsynced_run() != NULL)
		unsynced_unlock(lock);
	return error;
}

static int
enter_remove(int lock, int folder, const char *name)
{
	struct unsynced_entry entry;
	int error;

	name_entry(&entry, UNSYNCED_REMOVE, folder, name);
	entry.inode = inode_of_name(folder, name);
	if (entry.inode == 0)
		return 0; /* the call itself says so */
	error = unsynced_keep(folder, name, entry.inode);
	return error != 0 ? error : unsynced_add(lock, &entry, NULL);
}

int
disk_remove(int folder, const char *name)
{
	int lock = 0, error = 0;

	if (unsynced_run() != NULL) {
		lock = unsynced_lock();
		error = lock < 0 ? lock : enter_remove(lock, folder, name);
	}
	if (error == 0 && unlinkat(folder, name, 0) != 0)
		error = -errno;
	if (unsynced_run() != NULL)
		unsynced_unlock(lock);
	return error;
}

void
disk_clear(int folder, bool (*is_left)(const char *name))
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (entries == NULL) {
		if (copy >= 0)
			close(copy);
		return; /* the verdict looks for leftovers and says so */
	}
	while ((entry = readdir(entries)) != NULL)
		if (is_left(entry->d_name))
			disk_remove(folder, entry->d_name);
	closedir(entries);
}

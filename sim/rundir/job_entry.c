/* SPDX-License-Identifier: ISC
 *
 * Entries of exclusive jobs: links and their locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/rundir/job_entry.h"
#include "sim/util/clock.h"

#define RETRY_NS (2 * NS_PER_MS)

int
job_entry_find(const char *name, const char *date, char entry[PATH_MAX])
{
	char folder[PATH_MAX];
	int error = rundir_state_folder("jobs", folder);

	if (error == 0 && snprintf(entry, PATH_MAX, "%s/%s.%s", folder, name, date) >= PATH_MAX)
		error = -ENAMETOOLONG;
	return error;
}

static int
read_link(int folder, const char *path, char target[PATH_MAX])
{
	ssize_t length = readlinkat(folder, path, target, PATH_MAX - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	return 0;
}

int
job_entry_of(const struct rundir *run, char entry[PATH_MAX])
{
	return read_link(run->fd, RUN_JOB, entry);
}

int
job_entry_owner(const char *entry, char run[PATH_MAX])
{
	return read_link(AT_FDCWD, entry, run);
}

static int
open_lock(const char *entry, int flags)
{
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s.lock", entry);
	return open(path, flags | O_CLOEXEC, 0600);
}

int
job_entry_lock(const char *entry, int wait_ms)
{
	int64_t until_ns = clock_now_ns() + wait_ms * NS_PER_MS;
	int fd = open_lock(entry, O_RDWR | O_CREAT);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_now_ns() >= until_ns) {
			int error = -errno;
			close(fd);
			return error;
		}
		clock_wait_until(clock_now_ns() + RETRY_NS);
	}
	return fd;
}

bool
job_entry_is_locked(const char *entry)
{
	int fd = open_lock(entry, O_RDONLY);
	bool locked;

	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
	close(fd);
	return locked;
}

/* Makes a link that is there whole or not at all, also when another was there. */
static int
put_link(int folder, const char *path, const char *target)
{
	char beside[PATH_MAX + 8];

	snprintf(beside, sizeof(beside), "%s.new", path);
	if (unlinkat(folder, beside, 0) != 0 && errno != ENOENT)
		return -errno;
	if (symlinkat(target, folder, beside) != 0 || renameat(folder, beside, folder, path) != 0)
		return -errno;
	return 0;
}

static int
sync_folder_of(const char *entry)
{
	char path[PATH_MAX];
	int fd, error;

	strlcpy(path, entry, sizeof(path));
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return error;
}

int
job_entry_give(const char *entry, const struct rundir *run)
{
	/* The run's own link first: a run that has the job can always be asked for the entry. */
	int error = put_link(run->fd, RUN_JOB, entry);

	if (error == 0)
		error = put_link(AT_FDCWD, entry, run->path);
	return error == 0 ? sync_folder_of(entry) : error;
}

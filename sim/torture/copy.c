/* SPDX-License-Identifier: ISC
 *
 * Copying folders by their descriptors: where they are does not matter.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/copy.h"

static int
copy_bytes(int from, int to)
{
	char part[65536];
	ssize_t got;

	while ((got = read(from, part, sizeof(part))) > 0)
		if (write(to, part, (size_t)got) != got)
			return errno != 0 ? -errno : -ENOSPC;
	return got == 0 ? 0 : -errno;
}

static int
copy_file(int from, int to, const char *name)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), error;
	int out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	error = in < 0 || out < 0 ? -errno : copy_bytes(in, out);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return error;
}

static int
copy_link(int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(from, name, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	return symlinkat(target, to, name) == 0 ? 0 : -errno;
}

static int
copy_folder(int from, int to, const char *name)
{
	int in, out = -1, error;

	if (mkdirat(to, name, 0700) != 0)
		return -errno;
	in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in >= 0)
		out = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = in < 0 || out < 0 ? -errno : copy_tree(in, out);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return error;
}

static int
copy_entry(int from, int to, const char *name)
{
	struct timespec times[2];
	struct stat status;
	int error;

	if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if (S_ISREG(status.st_mode))
		error = copy_file(from, to, name);
	else if (S_ISDIR(status.st_mode))
		error = copy_folder(from, to, name);
	else if (S_ISLNK(status.st_mode))
		return copy_link(from, to, name);
	else
		return mknodat(to, name, status.st_mode, status.st_rdev) == 0 ? 0 : -errno;
	times[0] = times[1] = status.st_mtim;
	if (error == 0 && (fchmodat(to, name, status.st_mode & 07777, 0) != 0 ||
	                   utimensat(to, name, times, 0) != 0))
		error = -errno;
	return error;
}

int
copy_tree(int from, int to)
{
	int own = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *folder = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;

	if (folder == NULL) {
		error = -errno;
		if (own >= 0)
			close(own);
		return error;
	}
	while (error == 0 && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			error = copy_entry(from, to, entry->d_name);
	closedir(folder);
	return error;
}

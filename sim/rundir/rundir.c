/* SPDX-License-Identifier: ISC
 *
 * Making, finding and locking run directories.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/rundir/rundir.h"
#include "sim/util/clock.h"

#define LOCK_RETRY_NS (2 * NS_PER_MS)

const char *
rundir_file(const struct rundir *run, const char *file, char out[PATH_MAX])
{
	if (snprintf(out, PATH_MAX, "%s/%s", run->path, file) >= PATH_MAX)
		out[0] = '\0'; /* opening "" fails with ENOENT, which names the file's use */
	return out;
}

bool
rundir_has(const struct rundir *run, const char *file)
{
	return faccessat(run->fd, file, F_OK, 0) == 0;
}

static int
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			int error = -errno;
			*slash = '/';
			return error;
		}
		*slash = '/';
	}
	return 0;
}

/* The folder of that name below ours in the state directory. */
static int
state_folder(const char *name, char out[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int length;

	if (state != NULL && state[0] == '/')
		length = snprintf(out, PATH_MAX, "%s/graveshift/%s", state, name);
	else if (home != NULL && home[0] == '/')
		length = snprintf(out, PATH_MAX, "%s/.local/state/graveshift/%s", home, name);
	else
		return -ENOENT;
	return length < PATH_MAX - 128 ? 0 : -ENAMETOOLONG;
}

int
rundir_state_folder(const char *name, char out[PATH_MAX])
{
	int error = state_folder(name, out);

	if (error == 0)
		error = make_folders(out);
	if (error == 0 && mkdir(out, 0700) != 0 && errno != EEXIST)
		error = -errno;
	return error;
}

void
rundir_each(void (*take)(void *context, const char *name), void *context)
{
	char path[PATH_MAX], file[NAME_MAX + 32];
	DIR *folder = state_folder("runs", path) == 0 ? opendir(path) : NULL;
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(file, sizeof(file), "%s/%s", entry->d_name, RUN_SCENARIO);
		if (entry->d_name[0] != '.' && faccessat(dirfd(folder), file, F_OK, 0) == 0)
			take(context, entry->d_name);
	}
	if (folder != NULL)
		closedir(folder);
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* 1: there is nothing in the folder but some of these names; 0: there is more; -errno. */
static int
folder_has_only(int fd, const char *path, const char *const *names)
{
	int copy = openat(fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int only = 1;

	if (folder == NULL) {
		int error = -errno;
		if (copy >= 0)
			close(copy);
		return error;
	}
	while ((entry = readdir(folder)) != NULL)
		if (!is_one_of(entry->d_name, names))
			only = 0;
	closedir(folder);
	return only;
}

/* 1: no run got so far in this folder that its scenario was in place; 0: there is more; -errno. */
static int
folder_is_unused(const struct rundir *run)
{
	static const char *const early[] = {
	    ".",     "..",         RUN_LOCK, RUN_PLAN,    RUN_SCENARIO_NEW,
	    RUN_OUT, RUN_UNSYNCED, RUN_JOB,  RUN_JOB_NEW, NULL};
	static const char *const nothing[] = {".", "..", NULL};
	int unused = folder_has_only(run->fd, ".", early);

	return unused == 1 && rundir_has(run, RUN_OUT) ? folder_has_only(run->fd, RUN_OUT, nothing)
	                                               : unused;
}

static void
point_latest(const char *runs, const char *name)
{
	char link[PATH_MAX + 32], temporary[PATH_MAX + 32];

	snprintf(link, sizeof(link), "%s/latest", runs);
	snprintf(temporary, sizeof(temporary), "%s/.latest.%d", runs, (int)getpid());
	/* A convenience: a run whose `latest` could not be moved is a run all the same. */
	if (symlink(name, temporary) == 0 && rename(temporary, link) != 0)
		unlink(temporary);
}

static int
choose_path(struct rundir *run, const char *name, char runs[PATH_MAX], char leaf[128])
{
	time_t now = time(NULL);
	struct tm calendar;
	char stamp[32];
	int error = state_folder("runs", runs);

	if (error != 0)
		return error;
	localtime_r(&now, &calendar);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &calendar);
	snprintf(leaf, 128, "%s-%s-%d", name, stamp, (int)getpid());
	if (snprintf(run->path, sizeof(run->path), "%s/%s", runs, leaf) >= (int)sizeof(run->path))
		return -ENAMETOOLONG;
	return 0;
}

/* The path stands in every report, and in commands that people copy from there to a shell.  Bytes
 * from 0x80 to 0x9f steer terminals too, unless they are the rest of a UTF-8 character other than
 * U+0080..U+009F. */
static bool
has_control_bytes(const char *path)
{
	unsigned char before = 0;

	for (; *path != '\0'; path++) {
		unsigned char byte = (unsigned char)*path;
		if (byte < 0x20 || byte == 0x7f ||
		    (byte >= 0x80 && byte < 0xa0 && (before < 0x80 || before == 0xc2)))
			return true;
		before = byte;
	}
	return false;
}

static int
refuse_control_bytes(const char *path, char *error, size_t size)
{
	if (!has_control_bytes(path))
		return 0;
	snprintf(error, size, "run directory %s: there are control characters in its name", path);
	return -EINVAL;
}

static int
open_folder(struct rundir *run, char *error, size_t size)
{
	char resolved[PATH_MAX];

	if (realpath(run->path, resolved) == NULL)
		goto failed;
	strlcpy(run->path, resolved, sizeof(run->path));
	if (refuse_control_bytes(run->path, error, size) != 0)
		return -EINVAL;
	run->fd = open(run->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->fd < 0)
		goto failed;
	return 0;
failed:
	snprintf(error, size, "run directory %s: %s", run->path, strerror(errno));
	return -errno;
}

int
rundir_create(struct rundir *run, const char *path, const char *name, char *error, size_t size)
{
	char runs[PATH_MAX] = "", leaf[128] = "";
	int failed, unused;

	run->fd = -1;
	if (path != NULL)
		failed = strlcpy(run->path, path, sizeof(run->path)) < sizeof(run->path)
		             ? 0
		             : -ENAMETOOLONG;
	else
		failed = choose_path(run, name, runs, leaf);
	if (failed != 0) {
		snprintf(
		    error, size,
		    "no place for the run directory: set HOME or XDG_STATE_HOME, or use --run-dir");
		return failed;
	}
	failed = refuse_control_bytes(run->path, error, size);
	if (failed != 0)
		return failed;
	failed = make_folders(run->path);
	if (failed == 0 && mkdir(run->path, 0700) != 0 && errno != EEXIST)
		failed = -errno;
	if (failed != 0) {
		snprintf(error, size, "cannot make run directory %s: %s", run->path,
		         strerror(-failed));
		return failed;
	}
	failed = open_folder(run, error, size);
	if (failed != 0)
		return failed;
	unused = folder_is_unused(run);
	if (unused != 1) {
		snprintf(error, size,
		         unused == 0 ? "run directory %s is not empty: choose another, or go on "
		                       "with `graveshift resume`"
		                     : "run directory %s cannot be read",
		         run->path);
		rundir_close(run);
		return unused == 0 ? -ENOTEMPTY : unused;
	}
	if (fchmod(run->fd, 0700) != 0 ||
	    (mkdirat(run->fd, RUN_OUT, 0700) != 0 && errno != EEXIST)) {
		failed = -errno;
		snprintf(error, size, "run directory %s: %s", run->path, strerror(errno));
		rundir_close(run);
		return failed;
	}
	if (path == NULL)
		point_latest(runs, leaf);
	return 0;
}

int
rundir_open(struct rundir *run, const char *name, char *error, size_t size)
{
	char runs[PATH_MAX];
	struct stat status;
	int failed;

	run->fd = -1;
	if (strlcpy(run->path, name, sizeof(run->path)) >= sizeof(run->path)) {
		snprintf(error, size, "the name of the run directory is too long");
		return -ENAMETOOLONG;
	}
	if (strchr(name, '/') == NULL && stat(name, &status) != 0 &&
	    state_folder("runs", runs) == 0)
		snprintf(run->path, sizeof(run->path), "%.*s/%s", PATH_MAX - 130, runs, name);
	failed = open_folder(run, error, size);
	if (failed != 0)
		return failed;
	if (faccessat(run->fd, RUN_SCENARIO, F_OK, 0) != 0) {
		failed = -errno;
		if (failed == -ENOENT && (rundir_has(run, RUN_LOCK) || rundir_has(run, RUN_PLAN))) {
			failed = -ENODATA;
			snprintf(error, size,
			         "the run in %s was stopped before its scenario was in place, and "
			         "nothing was done: start it again with `graveshift run FILE "
			         "--run-dir %s`",
			         run->path, run->path);
		} else {
			snprintf(error, size, "%s is no run directory: its %s: %s", run->path,
			         RUN_SCENARIO, strerror(-failed));
		}
		rundir_close(run);
	}
	return failed;
}

void
rundir_close(struct rundir *run)
{
	if (run->fd >= 0)
		close(run->fd);
	run->fd = -1;
}

static void
lock_sign(int fd)
{
	char text[96];
	int length =
	    snprintf(text, sizeof(text), "process %d, uid %d\n", (int)getpid(), (int)getuid());

	/* For people only: the lock is the kernel's. */
	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) != length)
		(void)ftruncate(fd, 0);
}

int
rundir_lock(const struct rundir *run, int wait_ms, char *holder, size_t size)
{
	int64_t until_ns = clock_now_ns() + wait_ms * NS_PER_MS;
	int fd = openat(run->fd, RUN_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ssize_t length;

	holder[0] = '\0';
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_now_ns() >= until_ns) {
			int error = -errno;
			length = pread(fd, holder, size - 1, 0);
			holder[length > 0 ? length : 0] = '\0';
			holder[strcspn(holder, "\n")] = '\0';
			close(fd);
			return error;
		}
		clock_wait_until(clock_now_ns() + LOCK_RETRY_NS);
	}
	lock_sign(fd);
	return fd;
}

bool
rundir_is_locked(const struct rundir *run, char *holder, size_t size)
{
	int fd = openat(run->fd, RUN_LOCK, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	bool locked;

	holder[0] = '\0';
	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
	length = pread(fd, holder, size - 1, 0);
	holder[length > 0 ? length : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	close(fd);
	return locked;
}

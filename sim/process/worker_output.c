/* SPDX-License-Identifier: ISC
 *
 * The output task: everything that was committed is combined into the final sink, which appears
 * whole or not at all: temporary file, fsync, rename, fsync of the folder.  Doing it twice gives
 * the same bytes, so a death anywhere is repaired by doing it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/process/worker.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

static int
write_temporary(struct worker *worker, int folder, const char *name)
{
	struct effects_reader effects;
	uint64_t lines, bytes;
	int fd = disk_create(folder, name);
	int error;

	if (fd < 0)
		return fd;
	point_reach(POINT_OUTPUT_BEFORE_COMBINE);
	error = store_effects_first(worker->store, &effects);
	if (error == 0)
		error = worker->run->ops->combine(worker->run->job, &effects, &worker->work, fd,
		                                  &lines, &bytes);
	if (error == 0) {
		point_reach(POINT_OUTPUT_BEFORE_FSYNC);
		if (!planted("rename-without-fsync"))
			error = disk_output_sync(fd);
		if (error != 0 && planted("sync-tried-again"))
			error = disk_output_sync(fd);
	}
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

static int
put_in_place(struct worker *worker, int folder, const char *name, const struct message *lease)
{
	int current, error;

	point_reach(POINT_OUTPUT_BEFORE_RENAME);
	/* A worker that lost its lease long ago must not replace what its successor wrote. */
	current = store_task_current(worker->store, lease->task, lease->epoch, worker->generation);
	if (current != 1)
		return current < 0 ? current : -ESTALE;
	error = disk_output_rename(folder, name, "result.csv");
	if (error != 0)
		return error;
	point_reach(POINT_OUTPUT_AFTER_RENAME);
	error = disk_output_sync(folder);
	if (error != 0)
		return error;
	point_reach(POINT_OUTPUT_AFTER_FOLDER_FSYNC);
	return 0;
}

int
worker_output(struct worker *worker, const struct message *lease)
{
	char path[PATH_MAX], name[64];
	int folder =
	    open(rundir_file(&worker->run->dir, RUN_OUT, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (folder < 0) {
		error = -errno;
		complain("cannot open %s: %s", path, strerror(-error));
		return error;
	}
	disk_output_clear(folder);
	snprintf(name, sizeof(name), DISK_OUTPUT_PREFIX "g%u.e%u", worker->generation,
	         lease->epoch);
	worker->combined = 0;
	worker->work.progress = &worker->combined;
	point_reach(POINT_OUTPUT_BEFORE_TEMP);
	error = write_temporary(worker, folder, name);
	if (error == 0)
		error = put_in_place(worker, folder, name, lease);
	if (error != 0) {
		if (error != -EINTR && error != -ESTALE)
			complain("cannot write %s: %s", path, strerror(-error));
		disk_remove(folder, name);
	}
	close(folder);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * The calls of the output and of tasks' parts, and what faults make of them.
 */
#include <string.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/fault/fault.h"

/* The write as a fault wants it.  One of a single byte cannot be cut in half: nothing is written of
 * it. */
static ssize_t
hurt_write(const struct fault *fault, int fd, const void *bytes, size_t length)
{
	uint64_t offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
	ssize_t written;

	if (fault->what == FAULT_FAIL) {
		fault_call_landed(fault, offset, length);
		return -fault->error;
	}
	written = disk_write(fd, bytes, length / 2);
	if (fault->what == FAULT_TEAR)
		fault_call_die(fault, offset, length);
	if (written >= 0)
		fault_call_landed(fault, offset, length);
	return written;
}

ssize_t
disk_write_at(enum point point, int fd, const void *bytes, size_t length)
{
	const struct fault *fault = point_reach_call(point);

	return fault == NULL ? disk_write(fd, bytes, length) : hurt_write(fault, fd, bytes, length);
}

ssize_t
disk_output_write(int fd, const void *bytes, size_t length)
{
	return disk_write_at(POINT_OUTPUT_WRITE, fd, bytes, length);
}

ssize_t
disk_part_write(int fd, const void *bytes, size_t length)
{
	return disk_write_at(POINT_PART_WRITE, fd, bytes, length);
}

/* Of the calls that write nothing, failing is all that can happen to them. */
static int
fails(enum point point)
{
	const struct fault *fault = point_reach_call(point);

	if (fault == NULL || fault->what != FAULT_FAIL)
		return 0;
	fault_call_landed(fault, 0, 0);
	return -fault->error;
}

int
disk_sync_at(enum point point, int fd)
{
	int error = fails(point);

	if (error == 0)
		return disk_sync(fd);
	disk_sync_failed(fd);
	return error;
}

int
disk_output_sync(int fd)
{
	return disk_sync_at(POINT_OUTPUT_SYNC, fd);
}

int
disk_part_sync(int fd)
{
	return disk_sync_at(POINT_PART_SYNC, fd);
}

int
disk_output_rename(int folder, const char *from, const char *to)
{
	int error = fails(POINT_OUTPUT_RENAME);

	return error != 0 ? error : disk_rename(folder, from, to);
}

int
disk_part_rename(int folder, const char *from, const char *to)
{
	int error = fails(POINT_PART_RENAME);

	return error != 0 ? error : disk_rename(folder, from, to);
}

static bool
is_output(const char *name)
{
	return strncmp(name, DISK_OUTPUT_PREFIX, strlen(DISK_OUTPUT_PREFIX)) == 0;
}

void
disk_output_clear(int folder)
{
	disk_clear(folder, is_output);
}

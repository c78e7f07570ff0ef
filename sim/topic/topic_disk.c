/* SPDX-License-Identifier: ISC
 *
 * The calls of a topic, and what faults make of them.
 */
#include <errno.h>
#include <unistd.h>

#include "sim/disk/disk.h"
#include "sim/fault/fault.h"
#include "sim/topic/topic_disk.h"

static ssize_t
write_some(int fd, const void *bytes, size_t length)
{
	const struct fault *fault = point_reach_call(POINT_TOPIC_WRITE);
	uint64_t offset;
	ssize_t written;

	if (fault == NULL)
		return disk_write(fd, bytes, length);
	offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
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

int
topic_disk_write(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t written = write_some(fd, at, length);

		if (written == -EINTR)
			continue;
		if (written < 0)
			return (int)written;
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

int
topic_disk_sync(int fd)
{
	const struct fault *fault = point_reach_call(POINT_TOPIC_SYNC);

	if (fault == NULL || fault->what != FAULT_FAIL)
		return disk_sync(fd);
	fault_call_landed(fault, 0, 0);
	disk_sync_failed(fd);
	return -fault->error;
}

/* SPDX-License-Identifier: ISC
 *
 * The calls of a topic, and what faults make of them.
 */
#include <errno.h>

#include "sim/disk/disk.h"
#include "sim/topic/topic_disk.h"

int
topic_disk_write(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t written = disk_write_at(POINT_TOPIC_WRITE, fd, at, length);

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
	return disk_sync_at(POINT_TOPIC_SYNC, fd);
}

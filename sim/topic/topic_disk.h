/* SPDX-License-Identifier: ISC
 *
 * A topic's durable calls, with the points topic.write and topic.sync before them and the faults
 * that may happen there.
 */
#ifndef SIM_TOPIC_TOPIC_DISK_H
#define SIM_TOPIC_TOPIC_DISK_H

#include <stddef.h>

/* Writes all of it at the descriptor's position.  0 or -errno; some of it may be there then. */
int topic_disk_write(int fd, const void *bytes, size_t length);
int topic_disk_sync(int fd);

#endif

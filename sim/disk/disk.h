/* SPDX-License-Identifier: ISC
 *
 * Our own durable files: the calls that make bytes and names stay, in one place, so that the disk
 * can be made to fail.  While a run has a power fault to come, each change is also entered in the
 * journal of what is not synced (unsynced.h).
 *
 * A folder is an open descriptor; names have no slash.  A sync that has failed is never tried
 * again: the kernel may have dropped what it could not write, and the next sync would find nothing
 * to do.  The file is given up and written anew.
 */
#ifndef SIM_DISK_DISK_H
#define SIM_DISK_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sim/fault/points.h"

/* A new file for reading and writing, mode 0600.  The descriptor, -EEXIST or -errno. */
int disk_create(int folder, const char *name);
/* As write(2), and like it may write less than asked for: how much, or -errno. */
ssize_t disk_write(int fd, const void *bytes, size_t length);
/* Of a file, or of a folder: then its names are durable.  0 or -errno. */
int disk_sync(int fd);
/* Of a sync that is made to fail: nothing that it should have covered will ever be durable. */
int disk_sync_failed(int fd);
/* Takes the place of what had the name `to`.  0 or -errno. */
int disk_rename(int folder, const char *from, const char *to);
int disk_remove(int folder, const char *name);
/* Removes what is_left() says that attempts which died have left. */
void disk_clear(int folder, bool (*is_left)(const char *name));

/* With a point before the call, and the faults that may happen there. */
ssize_t disk_write_at(enum point point, int fd, const void *bytes, size_t length);
int disk_sync_at(enum point point, int fd);

/* The same for the output's files, with the points output.write, output.sync and output.rename
 * before them and the faults that may happen there. */
ssize_t disk_output_write(int fd, const void *bytes, size_t length);
int disk_output_sync(int fd);
int disk_output_rename(int folder, const char *from, const char *to);

/* And for the files that tasks hand on to later stages: part.write, part.sync, part.rename. */
ssize_t disk_part_write(int fd, const void *bytes, size_t length);
int disk_part_sync(int fd);
int disk_part_rename(int folder, const char *from, const char *to);

/* How the names of the output's temporary files begin. */
#define DISK_OUTPUT_PREFIX ".result.csv."
/* Removes those of attempts that died. */
void disk_output_clear(int folder);

#endif

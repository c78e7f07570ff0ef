/* SPDX-License-Identifier: ISC
 *
 * The format of the journal of what is not synced, for the two halves that write and undo it.
 */
#ifndef SIM_DISK_UNSYNCED_FILE_H
#define SIM_DISK_UNSYNCED_FILE_H

#include <limits.h>

#include "sim/disk/unsynced.h"

#define UNSYNCED_JOURNAL "journal"
#define UNSYNCED_MAGIC "unsync1"

struct unsynced_head {
	char magic[8];
	uint64_t end;  /* the next entry's place */
	uint32_t lost; /* 1 + the fault by which the power was lost; 0 = it is there */
	uint32_t unused;
};

/* RUN/.unsynced/NAME, and the file that is kept of an inode.  Both return `out`. */
const char *unsynced_path(const char *run, const char *name, char out[PATH_MAX]);
const char *unsynced_kept(const char *run, uint64_t inode, char out[PATH_MAX]);

#endif

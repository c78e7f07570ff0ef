/* SPDX-License-Identifier: ISC
 *
 * Parts: files in out/ by which a task hands on what it made.  A part is written under a temporary
 * name, gets one that says its task, partition and token, and is never changed; nobody reads it
 * before its mark is in the store, in the transaction that makes the task done.  A task's second
 * attempt writes other files, so a late worker cannot touch what its successor has made.
 */
#ifndef SIM_JOB_PART_H
#define SIM_JOB_PART_H

#define XXH_STATIC_LINKING_ONLY /* for the size of a state */
#include <xxhash.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/job/job.h"

#define PART_NAME_MAX 80
#define PART_BUFFER_BYTES (64u << 10)

/* What is known of a part: its name is made of it, its bytes are held against it. */
struct part_mark {
	uint32_t task, partition;
	uint32_t generation, epoch; /* of the lease under which it was written */
	uint32_t maker; /* whose lease that was: another task's, if it was lost and made again */
	uint32_t unused;
	uint64_t bytes, checksum; /* XXH3 64 */
};

struct part {
	int folder, fd;
	struct part_mark mark;
	XXH3_state_t state;
	int error; /* the first one; nothing is written behind it */
	size_t used;
	char buffer[PART_BUFFER_BYTES];
};

/* "part-17.3.g1.e2" */
const char *part_name(const struct part_mark *mark, char name[PART_NAME_MAX]);

/* Begins the part of (task, partition) under the token of the attempt, which is that of `maker`. 0
 * with *part, to be ended by one of the two below; -errno. */
int part_new(struct part **part, const struct work *work, uint32_t task, uint32_t partition,
             uint32_t maker);
/* Adds bytes; an error is kept for part_seal(), and returned. */
int part_write(struct part *part, const void *bytes, size_t length);
/* Gives it its name; 0 with *mark, or -errno after which there is no such file. */
int part_seal(struct part *part, const struct work *work, struct part_mark *mark);
/* For others to write instead: the path of what has no name yet.  -ENAMETOOLONG, or -errno. */
int part_path(const struct part *part, char path[PATH_MAX]);
/* Takes what they have written there; each piece of it is also given to look().  0; -ENOENT: there
 * is nothing; -errno. */
int part_adopt(struct part *part, void (*look)(void *context, const char *bytes, size_t length),
               void *context);
/* Removes it.  NULL: nothing to do. */
void part_drop(struct part *part);

/* Syncs the names of what was sealed, if it has to survive a loss of power.  0 or -errno. */
int part_sync_names(const struct work *work);

/* The part's bytes, mapped, after they were held against the mark: 0, to be ended by part_unmap;
 * -EBADMSG: it is lost or damaged; -errno. */
int part_map(const struct work *work, const struct part_mark *mark, const char **bytes);
void part_unmap(const struct part_mark *mark, const char *bytes);

/* Removes a sealed part. */
void part_remove(const struct work *work, const struct part_mark *mark);

/* Is it a part's name, or one that was to be? */
bool part_is(const char *name);

/* Removes all parts, temporary ones too, from the folder of the output. */
void part_clear(int folder);

#endif

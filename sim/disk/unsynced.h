/* SPDX-License-Identifier: ISC
 *
 * The model of a disk that loses its power: a journal of everything that was done to the run's
 * durable files and not synced since, so that it can be taken back.
 *
 * While a run has a power fault to come, RUN/.unsynced/ is there.  Before anybody changes a byte, a
 * size or a name, what was there before is entered in .unsynced/journal, under its lock, so that
 * entries and changes of all processes are in one order; a sync is entered when it is over, and
 * covers what was entered before it began.  Every file is kept under its inode's number beside the
 * journal, so that none is gone for good, whatever becomes of its name.  unsynced_undo walks the
 * journal backwards: bytes, sizes and names are then what was durable, and nothing else.  That is
 * the worst a power cut may do; a real one leaves some of it, in no order.
 *
 * Outside of the model is what belongs to the lab, not to the job: plan.jsonl, events.log, lock,
 * scenario.yaml, and the input.
 */
#ifndef SIM_DISK_UNSYNCED_H
#define SIM_DISK_UNSYNCED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes an empty journal in a run directory that has none.  0 or -errno. */
int unsynced_begin(const char *run);
/* Removes the journal and all it keeps; nothing happens when there is none.  0 or -errno. */
int unsynced_end(const char *run);
/* From here on this process's changes are entered, if this run directory has a journal. */
void unsynced_bind(const char *run);
/* Are they?  The run directory, or NULL. */
const char *unsynced_run(void);

/* The power goes, by fault number `fault`: from here on nobody changes anything.  0 or -errno. */
int unsynced_lose(uint32_t fault);
/* Is that so in this run directory, and not taken back yet?  *fault: by which. */
bool unsynced_is_lost(const char *run, uint32_t *fault);

/* What a power loss took. */
struct unsynced_loss {
	uint64_t bytes; /* written and not synced */
	uint64_t names; /* made, changed or removed in a folder that was not synced */
};
/* Takes back what was not synced.  Nobody else is at work on the run.  May be done again when it
 * was broken off; unsynced_forget makes it final and begins an empty journal.  0 or -errno. */
int unsynced_undo(const char *run, struct unsynced_loss *loss);
int unsynced_forget(const char *run);

/* For disk.c and the store: one change, bracketed.  The lock, or -errno; a process that finds the
 * power gone does not come back from here. */
int unsynced_lock(void);
void unsynced_unlock(int lock);

enum unsynced_kind {
	UNSYNCED_BYTES,  /* bytes or the size of `inode` change: behind the entry, what was there */
	UNSYNCED_CREATE, /* `inode` gets its name in the folder */
	UNSYNCED_REMOVE, /* ... loses it */
	UNSYNCED_RENAME, /* ... gets `name` instead of `from`, which `replaced` loses */
	UNSYNCED_SYNC,   /* `inode`, a file or folder, is durable up to `until` */
	UNSYNCED_FAILED  /* a sync of it failed: what it should have covered is durable by no later
	                    one */
};

#define UNSYNCED_NAME_MAX 64
struct unsynced_entry {
	uint32_t kind;
	uint32_t length; /* of the bytes behind it */
	uint64_t inode;
	uint64_t folder;   /* names: its inode */
	uint64_t replaced; /* rename; 0 = the name was free */
	uint64_t offset;   /* bytes: where they were */
	uint64_t size;     /* bytes: the file's size before */
	uint64_t written;  /* bytes: how many are written now */
	uint64_t until;    /* sync */
	char name[UNSYNCED_NAME_MAX], from[UNSYNCED_NAME_MAX];
};

/* Enters it, with entry->length bytes; under the lock.  0 or -errno. */
int unsynced_add(int lock, const struct unsynced_entry *entry, const void *bytes);
/* Where the next entry will be: a sync that begins now covers everything before. */
uint64_t unsynced_position(int lock);
/* Enters that a sync of `inode`, begun at `until`, is over.  0 or -errno. */
int unsynced_synced(uint64_t inode, uint64_t until);
/* Enters that a sync of it failed.  The kernel then forgets what it could not write, and the next
 * sync that finds nothing to do says that all is well.  0 or -errno. */
int unsynced_failed(uint64_t inode);
/* Keeps the file of this name under its inode's number.  0 or -errno. */
int unsynced_keep(int folder, const char *name, uint64_t inode);

#endif

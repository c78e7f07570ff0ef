/* SPDX-License-Identifier: ISC
 *
 * Every version that the files of a run have had.  After each call that changed something, what it
 * changed is read again (and nothing else), and kept by pages; so any moment of the run can be made
 * again as files, in any order, and each has a sum by which equal states are known.
 *
 * Everything is in an arena: one process records, others restore from it.
 */
#ifndef SIM_TORTURE_VERSIONS_H
#define SIM_TORTURE_VERSIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "sim/torture/arena.h"

#define VERSION_PAGE 4096
#define VERSION_LAYERS 8
#define VERSION_BUCKETS 16384

/* A page's bytes from that version on; length 0: nothing but zeros. */
struct block {
	struct block *before;
	uint64_t sum;
	uint32_t version, length;
	char bytes[];
};

/* What a file has besides its bytes. */
struct meta {
	struct meta *before;
	uint64_t sum;
	uint32_t version;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	dev_t device;
	int64_t size;
	struct timespec modified;
	bool stamped; /* its time was set, and is part of the state; else it is only kept */
	uint64_t attributes_sum;
	uint32_t attributes_size;
	const char *attributes; /* name, 0, length as 4 bytes, value; one after the other */
	const char *target;     /* of a symbolic link */
};

struct node {
	struct node *next; /* in its bucket */
	uint64_t inode;
	uint32_t number; /* from 0, in the order in which they were seen */
	unsigned layer, links;
	bool mapped;  /* stores may change it between calls */
	uint64_t sum; /* of its blocks */
	struct meta *meta;
	struct block **blocks;
	uint32_t block_count, block_room;
	struct entry *names; /* it has now */
};

/* Whose name a path is from that version on; NULL: nobody's. */
struct claim {
	struct claim *before;
	struct node *node;
	uint32_t version;
	const struct node *folder; /* that it is durable with; known to power.h alone */
};

struct entry {
	struct entry *next;  /* in its bucket */
	struct entry *after; /* in the order in which they came: folders before what is in them */
	struct entry *next_name; /* of the same node */
	struct claim *claim;
	uint64_t key, term; /* of its path; its part of the sum */
	uint64_t before;    /* its part when the last scan began */
	unsigned layer;
	bool seen; /* by the scan that goes on */
	char path[];
};

struct versions {
	struct arena *arena;
	int fd[VERSION_LAYERS];   /* the layers' folders, of the process that records */
	int host[VERSION_LAYERS]; /* what they are laid over, or -1 */
	unsigned layers;
	uint32_t version; /* what is noted belongs to this one */
	uint32_t nodes;
	uint32_t mapped;  /* nodes that are */
	uint64_t sum;     /* of all files now */
	uint64_t changes; /* so far */
	bool full;        /* the arena is: nothing is noted any more */
	struct entry *first, **last;
	struct entry *entry[VERSION_BUCKETS];
	struct node *node[VERSION_BUCKETS];
};

/* NULL when there is no room. */
struct versions *versions_new(struct arena *arena, unsigned layers);

enum note {
	NOTE_NAME,  /* there, or no more: it, its folder, and what is in it if it is a folder */
	NOTE_META,  /* what it has besides its bytes */
	NOTE_STAMP, /* the same, and its time was set */
	NOTE_BYTES  /* those from `from` on, and its length */
};

/* Reads what is at the path below the layer's folder again.  What cannot be read is as if it were
 * not there. */
void versions_note(struct versions *versions, unsigned layer, const char *path, enum note note,
                   int64_t from, int64_t length);
/* Those that are mapped for stores and no larger than `largest` bytes. */
void versions_note_mapped(struct versions *versions, int64_t largest);
/* Reads everything; returns how many paths had changed, and puts the first into stray[size].  What
 * an overlay has only copied from below is no change. */
uint64_t versions_scan(struct versions *versions, char *stray, size_t size);
/* The same files are in other folders now, under other numbers. */
void versions_adopt(struct versions *versions);
/* The file with this name is mapped for stores from now on.  False: it was before, or is none. */
bool versions_map(struct versions *versions, unsigned layer, const char *path);
/* The path, if it ever was a name of something; else NULL. */
struct entry *versions_entry(const struct versions *versions, unsigned layer, const char *path);
/* The node that has this name now; NULL: none has. */
struct node *versions_find(const struct versions *versions, unsigned layer, const char *path);

/* Half of a write is there: of this node's next version, all bytes before `end`. */
struct tear {
	const struct node *node; /* NULL: nothing is torn */
	int64_t end;
};

/* Of what a file has besides its bytes, and of two sums; all sums are made of these. */
uint64_t version_meta_sum(const struct meta *meta);
uint64_t version_mix(uint64_t one, uint64_t other);

/* Makes the files of a version in empty folders, one for each layer.  0, or -errno. */
int versions_restore(const struct versions *versions, uint32_t version, const struct tear *tear,
                     const int *fd);

#endif

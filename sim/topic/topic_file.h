/* SPDX-License-Identifier: ISC
 *
 * The files of a topic, for its appender and its readers; all in one folder, named for the topic:
 *
 *     NAME.head                  who appends, and up to where it may be read
 *     NAME.<first offset>.seg    events, one behind the other; the file is as long as it may become
 *     NAME.<first offset>.idx    where in the segment every so manyth event begins
 *
 * Segments are what is durable.  Head and index are made from them again when they are lost.
 */
#ifndef SIM_TOPIC_TOPIC_FILE_H
#define SIM_TOPIC_TOPIC_FILE_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOPIC_NAME_MAX 32
#define TOPIC_FILE_MAX 64
#define TOPIC_HEAD_BYTES 4096
#define TOPIC_INDEX_EVERY 1024

struct topic_head {
	char magic[16];
	/* Events before it may be read: they are whole, and durable as far as that is promised. */
	_Atomic uint64_t published;
	_Atomic uint64_t repairs, repaired_bytes; /* torn tails that were cut off */
	_Atomic uint64_t groups, syncs;           /* writes, and syncs of segments */
};

struct topic_segment_head {
	char magic[16];
	uint64_t first; /* offset of its first event */
	uint64_t zero;
};

extern const char topic_head_magic[16], topic_segment_magic[16];

/* File names; ending: "head", or "seg" and "idx" with the segment's first offset. */
const char *topic_head_name(const char *topic, char name[TOPIC_FILE_MAX]);
const char *topic_segment_name(const char *topic, uint64_t first, const char *ending,
                               char name[TOPIC_FILE_MAX]);

/* The segment with the highest first offset that is at most `offset`: 1 with *first, 0 none,
 * -errno. */
int topic_segment_find(int folder, const char *topic, uint64_t offset, uint64_t *first);

/* A segment as it is mapped for reading. */
struct topic_map {
	const char *bytes; /* NULL: none */
	size_t size;
	uint64_t first;
};
/* 0, or -errno; -ENOENT: there is none, or it was not begun. */
int topic_map_open(struct topic_map *map, int folder, const char *topic, uint64_t first);
void topic_map_close(struct topic_map *map);
/* Where in the map event `offset` begins, if it is there: 1; else 0, with *at the end of the events
 * that are, *next the first that is not, and *bad saying that the bytes there are no event. */
struct topic_event;
struct topic_walk {
	size_t at;
	uint64_t next;
	bool bad;
};
bool topic_map_walk(const struct topic_map *map, int folder, const char *topic, uint64_t offset,
                    struct topic_walk *walk, struct topic_event *last);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Reading a topic while others append to it, without locks: what is published does not change any
 * more.  Any number of readers, each with a place of its own.
 */
#ifndef SIM_TOPIC_TOPIC_READER_H
#define SIM_TOPIC_TOPIC_READER_H

#include "sim/topic/topic_event.h"
#include "sim/topic/topic_file.h"

struct topic_reader {
	int folder;
	char name[TOPIC_NAME_MAX];
	int head_fd; /* -1: there is no topic yet */
	const struct topic_head *head;
	struct topic_map map;
	size_t at;     /* in the map */
	uint64_t next; /* offset of the next event */
};

/* The topic need not exist yet.  `folder` must outlive the reader. */
void topic_reader_open(struct topic_reader *reader, int folder, const char *name);
void topic_reader_close(struct topic_reader *reader);
/* The next one to read is event `offset`. */
void topic_reader_seek(struct topic_reader *reader, uint64_t offset);

/* The next event: 1, 0 there is none yet, -EBADMSG damaged, -errno.  Key and value are valid until
 * the reader turns to another segment, which it does only if may_turn says so: else 0 is returned
 * there as well. */
int topic_reader_next(struct topic_reader *reader, struct topic_event *event, bool may_turn);

/* How many events may be read. */
uint64_t topic_reader_published(struct topic_reader *reader);
/* Does a process have it open to append to it? */
bool topic_reader_is_fed(struct topic_reader *reader);

#endif

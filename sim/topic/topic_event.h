/* SPDX-License-Identifier: ISC
 *
 * One event as its topic's file has it: a head with a checksum, its key, its value.  The checksum
 * also covers the event's offset in the topic, so that bytes in the wrong place are no event.
 */
#ifndef SIM_TOPIC_TOPIC_EVENT_H
#define SIM_TOPIC_TOPIC_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define TOPIC_VALUE_MAX (16u << 20)
#define TOPIC_KEY_MAX 1024
#define TOPIC_END UINT16_MAX /* kind of the last event of a topic: nothing follows */

struct topic_event {
	uint64_t sequence;   /* its number by its producer's count, which grows */
	int64_t time_ms;     /* when it happened, as its producer has it */
	int64_t appended_ns; /* CLOCK_BOOTTIME */
	uint16_t kind;       /* the producer's */
	uint16_t key_length;
	uint32_t value_length;
	const char *key, *value; /* of one that was read: in the file's mapping */
};

/* How many bytes it takes. */
size_t topic_event_size(const struct topic_event *event);
/* Writes so many to bytes, for that offset. */
void topic_event_encode(char *bytes, uint64_t offset, const struct topic_event *event);
/* Reads the event that bytes[room] begin with: its size; 0: there is none; -EBADMSG: damaged, or
 * not all of it is there. */
long topic_event_decode(const char *bytes, size_t room, uint64_t offset, struct topic_event *event);

#endif

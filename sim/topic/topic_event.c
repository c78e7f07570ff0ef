/* SPDX-License-Identifier: ISC
 *
 * Encoding and decoding events.
 */
#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "sim/topic/topic_event.h"

#define ALIGNMENT 8

struct head {
	uint32_t checksum; /* of all behind it; never 0 */
	uint32_t length;   /* of key and value */
	uint64_t sequence;
	int64_t time_ms, appended_ns;
	uint16_t kind, key_length;
	uint32_t zero;
};
_Static_assert(sizeof(struct head) == 40, "the head's layout is the file's format");

static size_t
size_of(size_t length)
{
	return (sizeof(struct head) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint32_t
checksum_of(const char *bytes, size_t length, uint64_t offset)
{
	const size_t skipped = offsetof(struct head, length);
	uint32_t sum = (uint32_t)XXH3_64bits_withSeed(
	    bytes + skipped, sizeof(struct head) - skipped + length, offset);

	return sum == 0 ? 1 : sum;
}

size_t
topic_event_size(const struct topic_event *event)
{
	return size_of((size_t)event->key_length + event->value_length);
}

void
topic_event_encode(char *bytes, uint64_t offset, const struct topic_event *event)
{
	struct head head = {
	    .length = event->key_length + event->value_length,
	    .sequence = event->sequence,
	    .time_ms = event->time_ms,
	    .appended_ns = event->appended_ns,
	    .kind = event->kind,
	    .key_length = event->key_length,
	};
	size_t size = size_of(head.length), end = sizeof(head) + head.length;

	memcpy(bytes, &head, sizeof(head));
	if (event->key_length > 0)
		memcpy(bytes + sizeof(head), event->key, event->key_length);
	if (event->value_length > 0)
		memcpy(bytes + sizeof(head) + event->key_length, event->value, event->value_length);
	memset(bytes + end, 0, size - end);
	head.checksum = checksum_of(bytes, head.length, offset);
	memcpy(bytes, &head.checksum, sizeof(head.checksum));
}

long
topic_event_decode(const char *bytes, size_t room, uint64_t offset, struct topic_event *event)
{
	struct head head;

	if (room < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	if (head.checksum == 0 && head.length == 0)
		return 0;
	if (head.length > TOPIC_VALUE_MAX + TOPIC_KEY_MAX || head.key_length > head.length ||
	    size_of(head.length) > room || checksum_of(bytes, head.length, offset) != head.checksum)
		return -EBADMSG;
	*event = (struct topic_event){
	    .sequence = head.sequence,
	    .time_ms = head.time_ms,
	    .appended_ns = head.appended_ns,
	    .kind = head.kind,
	    .key_length = head.key_length,
	    .value_length = head.length - head.key_length,
	    .key = bytes + sizeof(head),
	    .value = bytes + sizeof(head) + head.key_length,
	};
	return (long)size_of(head.length);
}

/* SPDX-License-Identifier: ISC
 *
 * Datagrams between supervisor and worker.  Whatever arrives, channel_receive says what a second,
 * plain decoder says, and leaves out what is damaged; what is sent with channel_put arrives as it
 * was.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/channel/channel.h"
#include "tests/fuzz/fuzz.h"

#define FRAME 40
#define SUM_AT 3
#define SUM_SIZE 3
#define DATAGRAM_MAX (FRAME * MESSAGES_MAX + 2 * FRAME)

/* The sum of a frame's other bytes, to where it stands in a frame. */
static void
sum_of(const uint8_t frame[FRAME], uint8_t sum[SUM_SIZE])
{
	uint8_t bytes[FRAME];
	uint64_t hash;

	memcpy(bytes, frame, FRAME);
	memset(bytes + SUM_AT, 0, SUM_SIZE);
	hash = XXH3_64bits(bytes, FRAME);
	for (int i = 0; i < SUM_SIZE; i++)
		sum[i] = (uint8_t)(hash >> 8 * i);
}

static bool
is_whole(const uint8_t frame[FRAME])
{
	uint8_t sum[SUM_SIZE];

	sum_of(frame, sum);
	return memcmp(frame + SUM_AT, sum, SUM_SIZE) == 0;
}

/* What must be made of a datagram, by the bytes alone: how many frames, and which. */
static int
expected(const uint8_t *bytes, size_t length, uint8_t frames[DATAGRAM_MAX], uint64_t *damaged)
{
	int count = 0;

	if (length == 0)
		return 0;
	if (length % FRAME != 0 || length / FRAME > 64)
		return -EPROTO;
	for (size_t at = 0; at < length; at += FRAME) {
		if (!is_whole(bytes + at)) {
			++*damaged;
			continue;
		}
		if (bytes[at] != 3 || bytes[at + 1] > 10)
			return -EPROTO;
		memcpy(frames + FRAME * count++, bytes + at, FRAME);
	}
	return count > 0 ? count : -EAGAIN;
}

static void
check_event(const struct message *message)
{
	struct core_step event;
	bool said = message_event(message, 3, 7, &event);

	CHECK(said == (message->kind >= MESSAGE_BEAT && message->kind <= MESSAGE_SURVIVED));
	if (!said)
		return;
	CHECK(event.kind >= EV_BEAT && event.kind <= EV_PROBE_SURVIVED && event.cause < CAUSES);
	CHECK(event.slot == 3 && event.incarnation == 7);
	CHECK(event.task == message->task && event.epoch == message->epoch);
	CHECK(event.record == message->record && event.value == message->value);
}

/* Sends the frames as we would, and receives them in one datagram or two. */
static void
check_round_trip(const int ends[2], const struct message *messages, int count, int more)
{
	struct channel channel;
	struct message back[MESSAGES_MAX];
	_Atomic uint64_t damaged = 0;
	int sent = count + more, received = 0;

	channel_init(&channel, ends[0]);
	for (int i = 0; i < sent; i++)
		CHECK(channel_put(&channel, &messages[i % count]) == 0);
	CHECK(channel_flush(&channel) == 0 && channel.count == 0);
	while (received < sent) {
		int got = channel_receive(ends[1], back, false, &damaged);

		CHECK(got == (sent - received < MESSAGES_MAX ? sent - received : MESSAGES_MAX));
		for (int i = 0; i < got; i++, received++)
			CHECK(memcmp(&back[i], &messages[received % count], FRAME) == 0);
	}
	CHECK(channel_receive(ends[1], back, false, &damaged) == -EAGAIN && damaged == 0);
}

static void
check_datagram(const int ends[2], const uint8_t *bytes, size_t length, int more)
{
	/* On the heap, with nothing behind it: a frame too many would be seen. */
	struct message *messages = malloc(MESSAGES_MAX * sizeof(*messages));
	uint8_t frames[DATAGRAM_MAX];
	_Atomic uint64_t damaged = 0;
	uint64_t spoilt = 0;
	int count;

	CHECK(messages != NULL);
	CHECK(send(ends[0], bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
	count = channel_receive(ends[1], messages, false, &damaged);
	CHECK(count == expected(bytes, length, frames, &spoilt) && damaged == spoilt);
	for (int i = 0; i < count; i++) {
		CHECK(memcmp(&messages[i], frames + i * FRAME, FRAME) == 0);
		check_event(&messages[i]);
	}
	if (count > 0)
		check_round_trip(ends, messages, count, more);
	free(messages);
}

/* Most frames get their sum; nobody would find it by chance. */
static void
seal(uint8_t *bytes, size_t length, uint64_t spoilt)
{
	for (size_t i = 0; (i + 1) * FRAME <= length; i++)
		if ((spoilt >> i % 8 & 1) == 0)
			sum_of(bytes + i * FRAME, bytes + i * FRAME + SUM_AT);
}

/* A few frames of the input, perhaps many times over, perhaps not quite. */
static size_t
datagram(struct fuzz_input *input, uint8_t bytes[DATAGRAM_MAX], uint64_t frames)
{
	uint64_t odd = fuzz_take(input, 1), spoilt = fuzz_take(input, 1);
	size_t length = frames % (MESSAGES_MAX + 2) * FRAME + (odd < FRAME ? odd : 0);

	length = length < fuzz_left(input) ? length : fuzz_left(input);
	memset(bytes, 0, DATAGRAM_MAX);
	memcpy(bytes, input->at, length);
	input->at += length;
	if (frames >= 128 && length >= FRAME)
		for (; length + FRAME <= DATAGRAM_MAX && length < frames * FRAME / 2;
		     length += FRAME)
			memcpy(bytes + length, bytes, FRAME);
	seal(bytes, length, spoilt);
	return length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, data + size};
	struct message messages[MESSAGES_MAX];
	_Atomic uint64_t damaged = 0;
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	CHECK(channel_receive(ends[1], messages, false, &damaged) == -EAGAIN);
	while (fuzz_left(&input) > 0) {
		uint64_t frames = fuzz_take(&input, 1);
		uint8_t bytes[DATAGRAM_MAX];
		size_t length = datagram(&input, bytes, frames);

		check_datagram(ends, bytes, length, (int)(frames % 70));
	}
	close(ends[0]);
	CHECK(channel_receive(ends[1], messages, false, &damaged) == 0);
	close(ends[1]);
	return 0;
}

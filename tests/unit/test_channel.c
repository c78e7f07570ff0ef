/* SPDX-License-Identifier: ISC
 *
 * Frames: what arrives is what was sent, and what was damaged on the way does not arrive.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/channel/channel.h"
#include "sim/util/clock.h"

struct pair {
	struct channel from;
	int to;
	_Atomic uint64_t damaged;
	struct message got[MESSAGES_MAX];
};

static void
pair_open(struct pair *pair)
{
	int fds[2];

	memset(pair, 0, sizeof(*pair));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	channel_init(&pair->from, fds[0]);
	pair->to = fds[1];
}

static void
pair_close(struct pair *pair)
{
	channel_fini(&pair->from);
	close(pair->to);
}

static int
pair_get(struct pair *pair)
{
	return channel_receive(pair->to, pair->got, false, &pair->damaged);
}

static struct message
frame_of(uint32_t task)
{
	return (struct message){.kind = MESSAGE_DONE,
	                        .cause = 1,
	                        .slot = 2,
	                        .incarnation = 3,
	                        .generation = 4,
	                        .task = task,
	                        .epoch = 5,
	                        .record = 6,
	                        .value = UINT64_MAX};
}

static void
frames_arrive_in_order_and_whole(void **state)
{
	struct pair pair;

	pair_open(&pair);
	for (uint32_t task = 0; task < MESSAGES_MAX; task++) {
		struct message frame = frame_of(task);
		assert_int_equal(channel_put(&pair.from, &frame), 0);
	}
	assert_int_equal(channel_flush(&pair.from), 0);
	assert_int_equal(pair_get(&pair), MESSAGES_MAX);
	for (uint32_t task = 0; task < MESSAGES_MAX; task++) {
		assert_int_equal(pair.got[task].task, task);
		assert_int_equal(pair.got[task].value, UINT64_MAX);
	}
	assert_int_equal(pair_get(&pair), -EAGAIN);
	assert_int_equal(pair.damaged, 0);
	pair_close(&pair);
}

/* Whichever bit it is, those of the version, the kind and the sum included. */
static void
frame_with_a_flipped_bit_is_dropped_and_its_neighbours_are_not(void **state)
{
	struct pair pair;

	pair_open(&pair);
	for (size_t bit = 0; bit < 8 * sizeof(struct message); bit++) {
		for (uint32_t task = 0; task < 3; task++) {
			struct message frame = frame_of(task);
			assert_int_equal(channel_put(&pair.from, &frame), 0);
		}
		((unsigned char *)&pair.from.gathered[1])[bit / 8] ^=
		    (unsigned char)(1u << bit % 8);
		assert_int_equal(channel_flush(&pair.from), 0);
		assert_int_equal(pair_get(&pair), 2);
		assert_int_equal(pair.got[0].task, 0);
		assert_int_equal(pair.got[1].task, 2);
		assert_int_equal(pair.damaged, bit + 1);
	}
	pair_close(&pair);
}

static void
datagram_of_nothing_but_damage_is_silence(void **state)
{
	struct message frame = frame_of(1);
	struct pair pair;

	pair_open(&pair);
	assert_int_equal(channel_put(&pair.from, &frame), 0);
	pair.from.gathered[0].task ^= 1;
	assert_int_equal(channel_flush(&pair.from), 0);
	assert_int_equal(pair_get(&pair), -EAGAIN);
	assert_int_equal(pair.damaged, 1);
	/* The end of the connection is still told from that. */
	channel_fini(&pair.from);
	assert_int_equal(pair_get(&pair), 0);
	pair_close(&pair);
}

static void
bytes_that_are_no_frames_end_the_connection(void **state)
{
	static const char bytes[sizeof(struct message) + 1] = "";
	struct pair pair;

	pair_open(&pair);
	assert_int_equal(send(pair.from.fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(pair_get(&pair), -EPROTO);
	pair_close(&pair);
}

static void
patience_ends(void **state)
{
	struct pair pair;

	pair_open(&pair);
	assert_int_equal(channel_patience(pair.to, NS_PER_MS), 0);
	assert_int_equal(channel_receive(pair.to, pair.got, true, &pair.damaged), -EAGAIN);
	assert_false(channel_wait(pair.to, clock_now_ns() + NS_PER_MS));
	assert_false(channel_wait(pair.to, 0));
	struct message frame = frame_of(1);
	assert_int_equal(channel_put(&pair.from, &frame), 0);
	assert_int_equal(channel_flush(&pair.from), 0);
	assert_true(channel_wait(pair.to, INT64_MAX));
	pair_close(&pair);
}

/* It died with a frame unread: its end resets the connection. */
static void
what_the_dead_said_arrives(void **state)
{
	struct pair pair;
	struct message frame = frame_of(7), unread = frame_of(8);

	pair_open(&pair);
	assert_int_equal(channel_put(&pair.from, &frame), 0);
	assert_int_equal(channel_flush(&pair.from), 0);
	assert_int_equal(send(pair.to, &unread, sizeof(unread), 0), sizeof(unread));
	channel_fini(&pair.from);
	assert_int_equal(pair_get(&pair), 1);
	assert_int_equal(pair.got[0].task, 7);
	assert_int_equal(pair_get(&pair), 0);
	close(pair.to);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_arrive_in_order_and_whole),
	    cmocka_unit_test(frame_with_a_flipped_bit_is_dropped_and_its_neighbours_are_not),
	    cmocka_unit_test(datagram_of_nothing_but_damage_is_silence),
	    cmocka_unit_test(bytes_that_are_no_frames_end_the_connection),
	    cmocka_unit_test(patience_ends),
	    cmocka_unit_test(what_the_dead_said_arrives),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

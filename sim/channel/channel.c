/* SPDX-License-Identifier: ISC
 *
 * Sockets and datagrams of frames.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xxhash.h>

#include "sim/channel/channel.h"
#include "sim/util/clock.h"
#include "sim/util/plant.h"

static socklen_t
address_of(struct sockaddr_un *address, const char *name)
{
	size_t length = strlen(name);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (length > sizeof(address->sun_path) - 1)
		length = sizeof(address->sun_path) - 1;
	/* A leading NUL makes the address abstract. */
	memcpy(address->sun_path + 1, name, length);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

int
channel_listen(const char *name)
{
	struct sockaddr_un address;
	socklen_t length = address_of(&address, name);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, SOMAXCONN) != 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static bool
same_user(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == getuid();
}

int
channel_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (!same_user(fd)) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

int
channel_connect(const char *name)
{
	struct sockaddr_un address;
	socklen_t length = address_of(&address, name);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, length) != 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	if (!same_user(fd)) { /* an abstract name has no owner: somebody else may have taken it */
		close(fd);
		return -EPERM;
	}
	return fd;
}

void
channel_init(struct channel *channel, int fd)
{
	channel->fd = fd;
	channel->count = 0;
}

void
channel_fini(struct channel *channel)
{
	if (channel->fd >= 0)
		close(channel->fd);
	channel->fd = -1;
	channel->count = 0;
}

int
channel_flush(struct channel *channel)
{
	size_t length = channel->count * sizeof(struct message);
	ssize_t sent;

	if (length == 0)
		return 0;
	do
		sent = send(channel->fd, channel->gathered, length, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	channel->count = 0;
	return 0;
}

/* Of 24 bits: one damaged frame in 16 million passes for a whole one. */
static void
seal(const struct message *message, uint8_t sum[3])
{
	struct message blank = *message;
	uint64_t hash;

	memset(blank.sum, 0, sizeof(blank.sum));
	hash = XXH3_64bits(&blank, sizeof(blank));
	for (size_t i = 0; i < sizeof(blank.sum); i++)
		sum[i] = (uint8_t)(hash >> 8 * i);
}

static bool
is_whole(const struct message *message)
{
	uint8_t sum[sizeof(message->sum)];

	seal(message, sum);
	return memcmp(sum, message->sum, sizeof(sum)) == 0;
}

int
channel_put(struct channel *channel, const struct message *message)
{
	struct message *frame;

	if (channel->count == MESSAGES_MAX) {
		int error = channel_flush(channel);
		if (error != 0)
			return error;
	}
	frame = &channel->gathered[channel->count++];
	*frame = *message;
	frame->version = MESSAGE_VERSION;
	seal(frame, frame->sum);
	return 0;
}

/* A peer that died with frames unread resets the connection.  That is said once, before the frames
 * that it had sent. */
static ssize_t
receive(int fd, struct message messages[MESSAGES_MAX], bool wait)
{
	ssize_t length;

	do
		length = recv(fd, messages, MESSAGES_MAX * sizeof(messages[0]),
		              MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	while (length < 0 && (errno == EINTR || errno == ECONNRESET));
	if (length < 0)
		return -errno;
	if (length % (ssize_t)sizeof(messages[0]) != 0 ||
	    length > (ssize_t)(MESSAGES_MAX * sizeof(messages[0])))
		return -EPROTO;
	return length / (ssize_t)sizeof(messages[0]);
}

/* Moves the whole frames to the front; how many there are, or -EPROTO. */
static int
sift(struct message messages[MESSAGES_MAX], int count, _Atomic uint64_t *damaged)
{
	int whole = 0;

	for (int i = 0; i < count; i++) {
		if (!is_whole(&messages[i]) && !planted("damage-believed")) {
			atomic_fetch_add(damaged, 1);
			continue;
		}
		if (messages[i].version != MESSAGE_VERSION || messages[i].kind >= MESSAGE_KINDS)
			return -EPROTO;
		if (whole++ != i)
			messages[whole - 1] = messages[i];
	}
	return whole;
}

int
channel_receive(int fd, struct message messages[MESSAGES_MAX], bool wait, _Atomic uint64_t *damaged)
{
	for (;;) {
		int count = (int)receive(fd, messages, wait);
		int whole = count > 0 ? sift(messages, count, damaged) : count;
		if (count <= 0 || whole != 0)
			return whole;
	}
}

int
channel_patience(int fd, int64_t wait_ns)
{
	struct timeval wait = {.tv_sec = wait_ns / NS_PER_S,
	                       .tv_usec = wait_ns % NS_PER_S / 1000 + 1};

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 ? 0 : -errno;
}

bool
channel_wait(int fd, int64_t until_ns)
{
	struct pollfd poll = {.fd = fd, .events = POLLIN};
	int64_t left_ns = until_ns - clock_now_ns();
	struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};

	return ppoll(&poll, 1, left_ns > 0 ? &left : &(struct timespec){0}, NULL) > 0;
}

/* SPDX-License-Identifier: ISC
 *
 * Sockets and datagrams of frames.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/channel/channel.h"

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

int
channel_put(struct channel *channel, const struct message *message)
{
	if (channel->count == MESSAGES_MAX) {
		int error = channel_flush(channel);
		if (error != 0)
			return error;
	}
	channel->gathered[channel->count] = *message;
	channel->gathered[channel->count].version = MESSAGE_VERSION;
	channel->count++;
	return 0;
}

int
channel_receive(int fd, struct message messages[MESSAGES_MAX], int wait)
{
	ssize_t length;
	int count;

	do
		length = recv(fd, messages, MESSAGES_MAX * sizeof(messages[0]),
		              MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (length % (ssize_t)sizeof(messages[0]) != 0 ||
	    length > (ssize_t)(MESSAGES_MAX * sizeof(messages[0])))
		return -EPROTO;
	count = (int)(length / (ssize_t)sizeof(messages[0]));
	for (int i = 0; i < count; i++)
		if (messages[i].version != MESSAGE_VERSION || messages[i].kind >= MESSAGE_KINDS)
			return -EPROTO;
	return count;
}

/* SPDX-License-Identifier: ISC
 *
 * Requests and answers as datagrams.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/channel/channel.h"
#include "sim/channel/request.h"

static const char *const words[ANSWERS] = {
    [ANSWER_DONE] = "done ", [ANSWER_REFUSED] = "refused ", [ANSWER_BAD] = "bad "};

int
request_send(const char *name, const char *request)
{
	size_t length = strlen(request);
	int fd, error;

	if (length > REQUEST_MAX)
		return -EMSGSIZE;
	fd = channel_connect(name);
	if (fd < 0)
		return fd;
	if (send(fd, request, length, MSG_NOSIGNAL) == (ssize_t)length)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* One datagram as text.  Its length, or -errno. */
static ssize_t
receive(int fd, char *text, size_t size)
{
	struct iovec room = {.iov_base = text, .iov_len = size - 1};
	struct msghdr header = {.msg_iov = &room, .msg_iovlen = 1};
	ssize_t length;

	do
		length = recvmsg(fd, &header, MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (length == 0)
		return -ECONNRESET;
	if ((header.msg_flags & MSG_TRUNC) != 0 || memchr(text, '\0', (size_t)length) != NULL)
		return -EBADMSG;
	text[length] = '\0';
	return length;
}

int
request_answer(int fd, int timeout_ms, char text[ANSWER_MAX])
{
	struct pollfd source = {.fd = fd, .events = POLLIN};
	ssize_t length;

	if (poll(&source, 1, timeout_ms) < 0 && errno != EINTR)
		return -errno;
	length = receive(fd, text, ANSWER_MAX);
	if (length < 0)
		return (int)length;
	for (int i = 0; i < ANSWERS; i++) {
		size_t word = strlen(words[i]);
		if (strncmp(text, words[i], word) != 0)
			continue;
		memmove(text, text + word, (size_t)length + 1 - word);
		return i;
	}
	return -EBADMSG;
}

void
request_reply(int fd, enum answer answer, const char *text)
{
	char line[ANSWER_MAX];

	snprintf(line, sizeof(line), "%s%s", words[answer], text);
	send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int
request_receive(int fd, char text[REQUEST_MAX + 1], const char **verb, const char **rest)
{
	ssize_t length = receive(fd, text, REQUEST_MAX + 1);
	char *blank;

	if (length < 0)
		return (int)length;
	blank = strchr(text, ' ');
	*verb = text;
	*rest = blank != NULL ? blank + 1 : "";
	if (blank != NULL)
		*blank = '\0';
	return 0;
}

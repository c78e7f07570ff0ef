/* SPDX-License-Identifier: ISC
 *
 * The shepherd as its worker sees it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/command/shepherd.h"
#include "sim/command/shepherd_process.h"

struct shepherd {
	int fd, pid;
};

int
shepherd_new(struct shepherd **out)
{
	struct shepherd *shepherd = calloc(1, sizeof(*shepherd));
	int ends[2], error;

	if (shepherd == NULL)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		error = -errno;
		free(shepherd);
		return error;
	}
	shepherd->pid = (int)fork();
	if (shepherd->pid == 0)
		shepherd_main(ends[1]);
	error = shepherd->pid < 0 ? -errno : 0;
	close(ends[1]);
	shepherd->fd = ends[0];
	if (error != 0) {
		close(ends[0]);
		free(shepherd);
		return error;
	}
	*out = shepherd;
	return 0;
}

void
shepherd_free(struct shepherd *shepherd)
{
	if (shepherd == NULL)
		return;
	close(shepherd->fd);
	while (waitpid(shepherd->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(shepherd);
}

int
shepherd_fd(const struct shepherd *shepherd)
{
	return shepherd->fd;
}

/* Appends the text and its NUL; false: no room. */
static bool
append(char *text, size_t *used, const char *what)
{
	size_t length = strlen(what) + 1;

	if (length > SHEPHERD_TEXT_MAX - *used)
		return false;
	memcpy(text + *used, what, length);
	*used += length;
	return true;
}

static int
send_request(const struct shepherd *shepherd, struct iovec *parts, size_t count, const int *fds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};

	if (fds != NULL) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(3 * sizeof(int)),
		                                  .cmsg_level = SOL_SOCKET,
		                                  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), fds, 3 * sizeof(int));
	}
	return sendmsg(shepherd->fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
shepherd_start(struct shepherd *shepherd, const struct shepherd_command *command)
{
	struct shepherd_request request = {.kind = SHEPHERD_START,
	                                   .words = (uint32_t)command->count,
	                                   .variables = (uint32_t)command->variables,
	                                   .file_max = command->file_max};
	char *text = malloc(SHEPHERD_TEXT_MAX);
	size_t used = 0;
	bool fits = text != NULL && append(text, &used, command->folder);
	struct iovec parts[2];
	int error;

	for (size_t i = 0; i < command->count && fits; i++)
		fits = append(text, &used, command->words[i]);
	for (size_t i = 0; i < command->variables && fits; i++)
		fits = append(text, &used, command->environment[i]);
	parts[0] = (struct iovec){&request, sizeof(request)};
	parts[1] = (struct iovec){text, used};
	error = fits ? send_request(shepherd, parts, 2, command->fd) : -E2BIG;
	if (text == NULL)
		error = -ENOMEM;
	free(text);
	return error;
}

static int
ask(const struct shepherd *shepherd, enum shepherd_request_kind kind)
{
	struct shepherd_request request = {.kind = kind};
	struct iovec part = {&request, sizeof(request)};

	return send_request(shepherd, &part, 1, NULL);
}

int
shepherd_kill(struct shepherd *shepherd)
{
	return ask(shepherd, SHEPHERD_KILL);
}

int
shepherd_tidy(struct shepherd *shepherd)
{
	return ask(shepherd, SHEPHERD_TIDY);
}

int
shepherd_listen(struct shepherd *shepherd, struct shepherd_word *word)
{
	ssize_t got = recv(shepherd->fd, word, sizeof(*word), MSG_DONTWAIT);

	if (got == (ssize_t)sizeof(*word))
		return 0;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	return got < 0 ? -errno : -EPIPE;
}

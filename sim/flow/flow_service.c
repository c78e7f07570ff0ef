/* SPDX-License-Identifier: ISC
 *
 * The service: a loop over its clients.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/flow/flow_service.h"
#include "sim/util/clock.h"

#define CLIENTS_MAX 256
#define LOOK_EVERY_NS (20 * NS_PER_MS) /* is anybody left who will ask? */
#define POLL_MS 10

struct service {
	struct job *job;
	struct work *work;
	struct flow_users users[SCENARIO_PARTITIONS_MAX];
	struct pollfd socket[1 + CLIENTS_MAX]; /* the first one listens */
	unsigned sockets;
	int64_t look_ns;
};

const char *
flow_service_name(int folder, char name[CHANNEL_NAME_MAX])
{
	struct stat status = {0};

	/* Cannot fail for a descriptor that is open. */
	(void)fstat(folder, &status);
	snprintf(name, CHANNEL_NAME_MAX, "graveshift/users.%llx.%llx",
	         (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
	return name;
}

/* The one before may be stopped, and not dead: its name is its own until it is. */
static int
listen_for_clients(struct service *service)
{
	char name[CHANNEL_NAME_MAX];
	int fd;

	flow_service_name(service->work->folder, name);
	while ((fd = channel_listen(name)) == -EADDRINUSE)
		if (!service->work->wait(service->work))
			return -EINTR;
	if (fd < 0)
		return fd;
	service->socket[0] = (struct pollfd){.fd = fd, .events = POLLIN};
	service->sockets = 1;
	return 0;
}

static void
take_clients(struct service *service)
{
	int fd;

	while (service->sockets <= CLIENTS_MAX &&
	       (fd = channel_accept(service->socket[0].fd)) != -EAGAIN)
		if (fd >= 0)
			service->socket[service->sockets++] =
			    (struct pollfd){.fd = fd, .events = POLLIN};
		else if (fd != -EPERM)
			break;
}

/* The newest address there is: whatever was appended before the question was asked. */
static int
look_up(struct service *service, const struct flow_question *question, struct flow_answer *answer)
{
	struct flow_users *users = &service->users[question->partition];
	int error = flow_users_take(users, INT64_MAX);
	const struct flow_entry *entry =
	    flow_table_find(&users->table, question->user, question->length);

	*answer = (struct flow_answer){.number = question->number};
	if (error != 0 || entry == NULL)
		return error;
	answer->length = (uint32_t)entry->length;
	memcpy(answer->address, entry->text, entry->length);
	return 0;
}

/* 0; -EPIPE: it is gone, or sends what is no question; -errno. */
static int
serve(struct service *service, int fd)
{
	struct flow_question question;
	struct flow_answer answer;
	ssize_t length = recv(fd, &question, sizeof(question), MSG_DONTWAIT);
	int error;

	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (length < (ssize_t)offsetof(struct flow_question, user) ||
	    question.length > sizeof(question.user) ||
	    (size_t)length != offsetof(struct flow_question, user) + question.length ||
	    question.partition >= service->job->scenario->job.partitions)
		return -EPIPE;
	error = look_up(service, &question, &answer);
	if (error != 0)
		return error;
	return send(fd, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	               (ssize_t)sizeof(answer)
	           ? 0
	           : -EPIPE;
}

static int
serve_all(struct service *service)
{
	int error = 0;

	for (unsigned i = service->sockets; error == 0 && i-- > 1;) {
		if ((service->socket[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
			continue;
		error = serve(service, service->socket[i].fd);
		if (error == -EPIPE) {
			close(service->socket[i].fd);
			service->socket[i] = service->socket[--service->sockets];
			error = 0;
		}
	}
	return error;
}

/* 1: this consumer has come to the end of its log, or was given up; 0: not; -errno. */
static int
asks_no_more(struct service *service, uint32_t task)
{
	struct sink_mark mark;
	int found = sink_mark_find(service->work->sink, task, FLOW_MARK_CURSOR, &mark);

	if (found < 0 || (found == 1 && mark.length > 0))
		return found;
	return service->work->is_dead(service->work, task);
}

/* 1: nobody is left who will ask; 0; -errno. */
static int
is_over(struct service *service)
{
	uint32_t partitions = service->job->scenario->job.partitions;
	int over = 1;

	if (clock_now_ns() < service->look_ns)
		return 0;
	service->look_ns = clock_now_ns() + LOOK_EVERY_NS;
	for (uint32_t i = 0; i < partitions && over == 1; i++)
		over = asks_no_more(service, partitions + i);
	return over;
}

static int
loop(struct service *service)
{
	int over = 0;

	while (over == 0) {
		int ready = poll(service->socket, service->sockets, POLL_MS);

		if (ready < 0 && errno != EINTR)
			return -errno;
		over = ready > 0 ? serve_all(service) : 0;
		take_clients(service);
		if (over == 0)
			over = is_over(service);
		if (over == 0 && !service->work->busy(service->work))
			over = -EINTR;
	}
	return over < 0 ? over : 0;
}

int
flow_service_run(struct job *job, struct work *work)
{
	struct service *service = calloc(1, sizeof(*service));
	uint32_t partitions = job->scenario->job.partitions;
	int error;

	if (service == NULL)
		return -ENOMEM;
	service->job = job;
	service->work = work;
	for (uint32_t i = 0; i < partitions; i++)
		flow_users_open(&service->users[i], i, work->folder);
	error = listen_for_clients(service);
	if (error == 0)
		error = loop(service);
	for (unsigned i = 0; i < service->sockets; i++)
		close(service->socket[i].fd);
	for (uint32_t i = 0; i < partitions; i++)
		flow_users_close(&service->users[i]);
	free(service);
	return error;
}

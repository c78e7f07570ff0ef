/* SPDX-License-Identifier: ISC
 *
 * The limit for leasing tasks over sockets: a parent on epoll hands 32-byte messages to two
 * children over SOCK_SEQPACKET and gets each one back, with a window of messages under way to each
 * child.  Nothing else happens, so no supervisor of this build can be faster.  Each side either
 * blocks at once when nothing is there, or first gives the processor away a few times: waking a
 * blocked process costs more than the task itself.
 *
 *     pingpong [TASKS]
 *
 * prints tasks/s for both, with a window of 1 and of 16.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/util/clock.h"

#define CHILDREN 2
#define YIELDS 20

struct message {
	uint64_t task;
	uint64_t rest[3];
};

struct child {
	pid_t pid;
	int socket;
};

/* Sends every message back until the parent closes its end. */
static _Noreturn void
child_main(int socket, pid_t parent, unsigned yields)
{
	struct message message;
	unsigned tries = 0;
	ssize_t n;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	for (;;) {
		n = recv(socket, &message, sizeof(message), tries < yields ? MSG_DONTWAIT : 0);
		if (n < 0 && errno == EAGAIN) {
			tries++;
			sched_yield();
			continue;
		}
		if (n != sizeof(message))
			_exit(n == 0 ? 0 : 1);
		if (send(socket, &message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
			_exit(1);
		tries = 0;
	}
}

/* Starts child number i; it inherits the sockets of those before it and must not keep them open. */
static void
child_start(struct child *children, unsigned i, unsigned yields)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		err(1, "socketpair");
	children[i].socket = pair[0];
	children[i].pid = fork();
	if (children[i].pid < 0)
		err(1, "fork");
	if (children[i].pid == 0) {
		for (unsigned other = 0; other <= i; other++)
			close(children[other].socket);
		child_main(pair[1], parent, yields);
	}
	close(pair[1]);
}

static void
children_stop(struct child *children)
{
	int status;

	for (unsigned i = 0; i < CHILDREN; i++)
		close(children[i].socket);
	for (unsigned i = 0; i < CHILDREN; i++)
		if (waitpid(children[i].pid, &status, 0) < 0 || status != 0)
			errx(1, "child %d failed", (int)children[i].pid);
}

static void
message_send(int socket, uint64_t task)
{
	struct message message = {.task = task};

	if (send(socket, &message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
		err(1, "send");
}

/* Takes all answers that are there and sends a new task for each while there are any. */
static uint64_t
answers_take(int socket, uint64_t *sent, uint64_t tasks)
{
	struct message message;
	uint64_t taken = 0;

	while (recv(socket, &message, sizeof(message), MSG_DONTWAIT) == sizeof(message)) {
		taken++;
		if (*sent < tasks)
			message_send(socket, (*sent)++);
	}
	if (errno != EAGAIN)
		err(1, "recv");
	return taken;
}

/* Waits until an answer is there; returns how many sockets have one. */
static int
answers_wait(int epoll, struct epoll_event events[CHILDREN], unsigned yields)
{
	int n;

	for (unsigned tries = 0; tries < yields; tries++) {
		n = epoll_wait(epoll, events, CHILDREN, 0);
		if (n != 0)
			return n;
		sched_yield();
	}
	n = epoll_wait(epoll, events, CHILDREN, -1);
	if (n < 0 && errno != EINTR)
		err(1, "epoll_wait");
	return n;
}

static void
measure(unsigned window, unsigned yields, uint64_t tasks)
{
	struct child children[CHILDREN];
	struct epoll_event events[CHILDREN];
	uint64_t sent = 0, answered = 0;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t start_ns;
	double seconds;

	if (epoll < 0)
		err(1, "epoll_create1");
	for (unsigned i = 0; i < CHILDREN; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		child_start(children, i, yields);
		event.data.fd = children[i].socket;
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, children[i].socket, &event) < 0)
			err(1, "epoll_ctl");
	}
	start_ns = clock_now_ns();
	for (unsigned i = 0; i < window * CHILDREN && sent < tasks; i++)
		message_send(children[i % CHILDREN].socket, sent++);
	while (answered < tasks) {
		int n = answers_wait(epoll, events, yields);

		for (int i = 0; i < n; i++)
			answered += answers_take(events[i].data.fd, &sent, tasks);
	}
	seconds = (double)(clock_now_ns() - start_ns) / NS_PER_S;
	children_stop(children);
	close(epoll);
	printf("pingpong window %2u, %s: %8.0f tasks/s\n", window,
	       yields ? "yielding before blocking" : "blocking at once        ",
	       (double)tasks / seconds);
}

int
main(int argc, char **argv)
{
	const char *error = NULL;
	long long tasks = argc > 1 ? strtonum(argv[1], 1, 1000000000, &error) : 300000;

	if (error || argc > 2)
		errx(2, "usage: pingpong [TASKS]");
	setlinebuf(stdout); /* before a fork nothing may wait in the buffer */
	for (unsigned yields = 0; yields <= YIELDS; yields += YIELDS) {
		measure(1, yields, (uint64_t)tasks);
		measure(16, yields, (uint64_t)tasks);
	}
	return 0;
}

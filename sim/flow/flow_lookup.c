/* SPDX-License-Identifier: ISC
 *
 * The service's client.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/flow/flow_lookup.h"
#include "sim/util/clock.h"

#define FAILURES_MAX 5 /* in a row: then the circuit opens */
#define CIRCUIT_NS (100 * NS_PER_MS)
#define BACKOFF_NS NS_PER_MS
#define SLICE_NS (10 * NS_PER_MS)

void
flow_lookup_open(struct flow_lookup *lookup, const struct scenario *scenario, int folder)
{
	*lookup = (struct flow_lookup){.fd = -1,
	                               .latency_ns = scenario->job.service_latency_ns,
	                               .timeout_ns = scenario->job.service_timeout_ns};
	flow_service_name(folder, lookup->name);
	rng_init(&lookup->rng, scenario->seed);
}

void
flow_lookup_close(struct flow_lookup *lookup)
{
	if (lookup->fd >= 0)
		close(lookup->fd);
	lookup->fd = -1;
}

/* Waiting for the service is no standstill of ours.  False: leave. */
static bool
wait_until(struct flow_attempt *attempt, int64_t until_ns)
{
	while (clock_now_ns() < until_ns)
		if (!attempt->work->wait(attempt->work))
			return false;
	return true;
}

/* The question was in vain. */
static int
back_off(struct flow_lookup *lookup, struct flow_attempt *attempt)
{
	int64_t pause_ns = BACKOFF_NS << lookup->failures;

	flow_lookup_close(lookup);
	attempt->stats.counter[FLOW_CALLS_FAILED]++;
	if (++lookup->failures < FAILURES_MAX) {
		pause_ns = (int64_t)rng_upto(&lookup->rng, (uint64_t)pause_ns);
	} else {
		/* The next failure opens it again at once. */
		lookup->failures = FAILURES_MAX - 1;
		attempt->stats.counter[FLOW_CIRCUITS]++;
		pause_ns = CIRCUIT_NS;
	}
	return wait_until(attempt, clock_now_ns() + pause_ns) ? -EAGAIN : -EINTR;
}

static int
ask(struct flow_lookup *lookup, struct flow_attempt *attempt, const char *user, size_t length)
{
	struct flow_question question = {.number = ++lookup->questions,
	                                 .partition = attempt->task->range,
	                                 .length = (uint32_t)length};
	size_t size = offsetof(struct flow_question, user) + length;

	memcpy(question.user, user, length);
	if (lookup->fd < 0)
		lookup->fd = channel_connect(lookup->name);
	if (lookup->fd < 0)
		return lookup->fd;
	attempt->stats.counter[FLOW_CALLS]++;
	return send(lookup->fd, &question, size, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -EPIPE;
}

/* The answer: its length; -ETIMEDOUT, -EPIPE, -EINTR. */
static int
hear(struct flow_lookup *lookup, struct flow_attempt *attempt, char *address)
{
	int64_t until_ns = clock_now_ns() + lookup->timeout_ns;
	struct flow_answer answer;

	while (clock_now_ns() < until_ns) {
		int64_t slice_ns = clock_now_ns() + SLICE_NS;

		if (!channel_wait(lookup->fd, slice_ns < until_ns ? slice_ns : until_ns)) {
			if (!attempt->work->busy(attempt->work))
				return -EINTR;
			continue;
		}
		if (recv(lookup->fd, &answer, sizeof(answer), MSG_DONTWAIT) != sizeof(answer) ||
		    answer.length > sizeof(answer.address))
			return -EPIPE;
		if (answer.number != lookup->questions)
			continue; /* it has come too late for its question */
		memcpy(address, answer.address, answer.length);
		return (int)answer.length;
	}
	return -ETIMEDOUT;
}

int
flow_lookup_ask(struct flow_lookup *lookup, struct flow_attempt *attempt, const char *user,
                size_t length, char *address)
{
	for (;;) {
		int64_t asked_ns = clock_now_ns();
		int result = ask(lookup, attempt, user, length);

		if (result == 0)
			result = hear(lookup, attempt, address);
		if (result >= 0) {
			lookup->failures = 0;
			clock_wait_until(asked_ns + lookup->latency_ns);
			return result;
		}
		if (result != -EINTR)
			result = back_off(lookup, attempt);
		if (result == -EINTR)
			return result;
	}
}

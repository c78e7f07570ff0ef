/* SPDX-License-Identifier: ISC
 *
 * The user service: a process that knows every user's address and says it to whoever asks, over a
 * Unix socket.  It is a task like others, so whatever ends or stops its worker is an outage, until
 * another one has taken it over and has read the users' topics anew.
 */
#ifndef SIM_FLOW_FLOW_SERVICE_H
#define SIM_FLOW_FLOW_SERVICE_H

#include "sim/channel/channel.h"
#include "sim/flow/flow_users.h"

struct flow_question {
	uint64_t number; /* answers have that of their question */
	uint32_t partition;
	uint32_t length;
	char user[TOPIC_KEY_MAX];
};

struct flow_answer {
	uint64_t number;
	uint32_t length; /* 0: nobody knows that user */
	char address[FLOW_ADDRESS_MAX];
};

/* The service's task. */
static inline uint32_t
flow_service_task(const struct scenario *scenario)
{
	return 2 * scenario->job.partitions;
}

/* The socket's name for the run in this folder. */
const char *flow_service_name(int folder, char name[CHANNEL_NAME_MAX]);

int flow_service_run(struct job *job, struct work *work);

#endif

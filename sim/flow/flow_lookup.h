/* SPDX-License-Identifier: ISC
 *
 * Asking the user service, which may be slow, away, or not there yet: each question has a time
 * limit and is asked again after a pause that doubles; after several failures in a row the circuit
 * is open, and nothing is asked for a while.
 */
#ifndef SIM_FLOW_FLOW_LOOKUP_H
#define SIM_FLOW_FLOW_LOOKUP_H

#include "core/rng.h"
#include "sim/flow/flow_service.h"

struct flow_lookup {
	char name[CHANNEL_NAME_MAX];
	int fd; /* -1: not connected */
	uint64_t questions;
	unsigned failures; /* in a row */
	struct rng rng;
	int64_t latency_ns, timeout_ns;
};

void flow_lookup_open(struct flow_lookup *lookup, const struct scenario *scenario, int folder);
void flow_lookup_close(struct flow_lookup *lookup);
/* The user's address into address[FLOW_ADDRESS_MAX]: its length, however long that takes; -EINTR.
 */
int flow_lookup_ask(struct flow_lookup *lookup, struct flow_attempt *attempt, const char *user,
                    size_t length, char *address);

#endif

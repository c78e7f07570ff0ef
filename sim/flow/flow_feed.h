/* SPDX-License-Identifier: ISC
 *
 * Appending a partition's events to its log, in the order of the input and at the scenario's rate.
 * What the log has already says where to go on, so it may be broken off anywhere and begun again by
 * anybody, one at a time.
 */
#ifndef SIM_FLOW_FLOW_FEED_H
#define SIM_FLOW_FLOW_FEED_H

#include "sim/flow/flow.h"
#include "sim/flow/flow_input.h"
#include "sim/topic/topic_appender.h"

struct flow_feed;

/* 0; -EAGAIN: another process appends to it; -errno. */
int flow_feed_open(struct flow_feed **feed, struct job *job, uint32_t partition, int folder);
void flow_feed_close(struct flow_feed *feed);

/* Appends some events that are due, and publishes them. */
enum flow_fed { FLOW_FED, FLOW_NOT_DUE, FLOW_FED_ALL };
/* enum flow_fed, or -errno: close it and open another. */
int flow_feed_some(struct flow_feed *feed);

/* The task of a worker that does nothing else. */
int flow_feed_run(struct job *job, uint32_t partition, struct work *work);

#endif

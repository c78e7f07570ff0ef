/* SPDX-License-Identifier: ISC
 *
 * A partition's log as somebody who works on it sees it: its next event, or waiting for one.  When
 * nobody else feeds the log, whoever waits feeds it himself.
 */
#ifndef SIM_FLOW_FLOW_SOURCE_H
#define SIM_FLOW_FLOW_SOURCE_H

#include "sim/flow/flow.h"

void flow_source_open(struct flow_source *source, struct job *job, struct work *work,
                      uint32_t partition);
void flow_source_close(struct flow_source *source);
/* The next event: 1; 0: wait for one; -errno.  The log's end is one, too. */
int flow_source_next(struct flow_source *source, struct topic_event *event, bool may_turn);
/* There is no event: feeds the log if nobody else does, or lets a moment pass.  0 or -errno. */
int flow_source_wait(struct flow_source *source);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The ledger of jobs of kind stream: which rows and batches the input must have led to, worked out
 * by simple sequential code, and compared with those that are there.  The hash function is the only
 * thing that this and the machinery share.
 *
 * ledger_flow_new reads the input; then all dead letters are handed in, in order, then each row and
 * batch that is there, in any order; ledger_flow_end says what was found.
 */
#ifndef SIM_VERDICT_LEDGER_FLOW_H
#define SIM_VERDICT_LEDGER_FLOW_H

#include <stdbool.h>

#include "sim/sink/sink.h"
#include "sim/store/store.h"
#include "sim/verdict/ledger.h"

struct ledger_flow;

/* NULL with error[size] saying why. */
struct ledger_flow *ledger_flow_new(const struct scenario *scenario, const char *input, char *error,
                                    size_t size);
void ledger_flow_free(struct ledger_flow *ledger);

/* 0 or -ENOMEM. */
int ledger_flow_dead(struct ledger_flow *ledger, const struct store_dead_row *row);

void ledger_flow_row(struct ledger_flow *ledger, const struct sink_row *row);
void ledger_flow_chunk(struct ledger_flow *ledger, const struct sink_chunk *chunk);

/* kappa: a key's number of events and their sum, in the streaming view or the replayed one.  0 or
 * -ENOMEM. */
int ledger_flow_total(struct ledger_flow *ledger, bool replayed, const char *key, size_t length,
                      uint64_t events, uint64_t sum);

/* stateless, stateful: a mail's effect; a partition's store as it was left.  0 or -ENOMEM. */
void ledger_flow_effect(struct ledger_flow *ledger, uint64_t record);
int ledger_flow_store(struct ledger_flow *ledger, uint32_t partition, const char *bytes,
                      size_t length);

/* 0 or -ENOMEM. */
int ledger_flow_end(struct ledger_flow *ledger, struct ledger_finding *finding);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The ledger of jobs of kind stream: which rows and batches the input must have led to, worked out
 * by simple sequential code, and compared with those that are there.  The hash function is the only
 * thing that this and the machinery share.
 *
 * ledger_flow_new reads the input, then each row and batch that is there is handed in, in any order
 * but batches by their first record; ledger_flow_end says what was found.
 */
#ifndef SIM_VERDICT_LEDGER_FLOW_H
#define SIM_VERDICT_LEDGER_FLOW_H

#include "sim/sink/sink.h"
#include "sim/verdict/ledger.h"

struct ledger_flow;

/* NULL with error[size] saying why. */
struct ledger_flow *ledger_flow_new(const struct scenario *scenario, const char *input,
                                    const struct ledger_gap *gaps, size_t gap_count, char *error,
                                    size_t size);
void ledger_flow_free(struct ledger_flow *ledger);

void ledger_flow_row(struct ledger_flow *ledger, const struct sink_row *row);
void ledger_flow_chunk(struct ledger_flow *ledger, const struct sink_chunk *chunk);

void ledger_flow_end(struct ledger_flow *ledger, struct ledger_finding *finding);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The ledger of jobs of kind etl: which rows and effects the input must have led to, worked out by
 * simple sequential code, and compared with those that are there.
 *
 * ledger_etl_new reads the input, then each row, chunk and effect that is there is handed in, in
 * any order but chunks by their first record; ledger_etl_end says what was found.
 */
#ifndef SIM_VERDICT_LEDGER_ETL_H
#define SIM_VERDICT_LEDGER_ETL_H

#include "sim/sink/sink.h"
#include "sim/verdict/ledger.h"

struct ledger_etl;

/* NULL with error[size] saying why. */
struct ledger_etl *ledger_etl_new(const struct scenario *scenario, const char *input,
                                  const char *logical_date, const struct ledger_gap *gaps,
                                  size_t gap_count, char *error, size_t size);
void ledger_etl_free(struct ledger_etl *ledger);

void ledger_etl_row(struct ledger_etl *ledger, const struct sink_row *row);
void ledger_etl_chunk(struct ledger_etl *ledger, const struct sink_chunk *chunk);
/* The effect of a record, or of the chunk that begins with it. */
void ledger_etl_effect(struct ledger_etl *ledger, uint64_t record);

/* Of a run that was redriven: which events are late depends on when what had failed was tried
 * again, which no order of the input tells.  None is left out then but those that are named behind
 * this. */
void ledger_etl_redriven(struct ledger_etl *ledger);
void ledger_etl_drop(struct ledger_etl *ledger, uint64_t record);

/* 0 or -ENOMEM. */
int ledger_etl_end(struct ledger_etl *ledger, struct ledger_finding *finding);

#endif

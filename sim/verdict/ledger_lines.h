/* SPDX-License-Identifier: ISC
 *
 * The ledger's own reading of input whose records are lines: for mapreduce's pages and words.  Byte
 * by byte, by a table of states, and sharing nothing with the functions it checks.
 */
#ifndef SIM_VERDICT_LEDGER_LINES_H
#define SIM_VERDICT_LEDGER_LINES_H

#include "sim/scenario/scenario.h"
#include "sim/verdict/ledger.h"
#include "sim/verdict/ledger_table.h"

/* Counts what is in bytes[0..length) into the table, without the records in gaps.  0 or -ENOMEM. */
int ledger_lines_sum(enum job_function function, const char *bytes, size_t length,
                     const struct ledger_gap *gaps, size_t gap_count, struct ledger_table *table,
                     struct ledger_finding *finding);

#endif

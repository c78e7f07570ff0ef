/* SPDX-License-Identifier: ISC
 *
 * The independent account: a run's sink and effects held against what the ledger of its kind of job
 * expects.
 */
#ifndef SIM_VERDICT_ACCOUNT_H
#define SIM_VERDICT_ACCOUNT_H

#include "sim/verdict/verdict.h"

/* Fills in verdict->ledger and ledger_read, from the input and what is in the run's store and sink.
 * verdict->facts must be known.  0, or -errno after saying why. */
int account_read(struct verdict *verdict, struct run *run);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The ledger of a mapreduce job whose reduces are commands: nobody but they can know what they must
 * print.  The result has to be their lines, all of them, in the order of their keys.
 */
#ifndef SIM_VERDICT_LEDGER_PRINTED_H
#define SIM_VERDICT_LEDGER_PRINTED_H

#include "sim/store/store.h"
#include "sim/verdict/ledger.h"

/* 0 with *finding, or -errno with error[size]. */
int ledger_check_printed(const char *result, struct store *store, struct ledger_finding *finding,
                         char *error, size_t size);

#endif

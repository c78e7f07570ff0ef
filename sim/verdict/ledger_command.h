/* SPDX-License-Identifier: ISC
 *
 * The ledger of jobs whose tasks run commands: what they must print nobody else can know, so it is
 * held against what each of them printed, by the sum that was taken when it was accepted.
 */
#ifndef SIM_VERDICT_LEDGER_COMMAND_H
#define SIM_VERDICT_LEDGER_COMMAND_H

#include "sim/store/store.h"
#include "sim/verdict/ledger.h"

/* Counts the input's lines, adds up what the tasks say they have worked on, and compares the result
 * with what they printed, one behind the other.  0 with *finding, or -errno with error[size]. */
int ledger_check_command(const struct scenario *scenario, const char *input, const char *result,
                         struct store *store, uint64_t given_up, struct ledger_finding *finding,
                         char *error, size_t size);

#endif

/* SPDX-License-Identifier: ISC
 *
 * "Which records were processed?"
 */
#ifndef SIM_CLI_RECORDS_H
#define SIM_CLI_RECORDS_H

#include "sim/process/run_setup.h"

/* Prints ranges of records with what is known of each, by what the run's strategy has kept.  0, or
 * -errno when it cannot be read. */
int records_print(struct run *run, const struct store_run *info, bool json);

#endif

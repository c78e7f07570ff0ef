/* SPDX-License-Identifier: ISC
 *
 * Opening a run to look at it, live or not, without touching it.
 */
#ifndef SIM_CLI_LOOK_H
#define SIM_CLI_LOOK_H

#include "sim/process/run_setup.h"

/* Opens run directory, scenario, board and the run's row.  0, or EXIT_USAGE after saying why;
 * run_fini either way. */
int look_open(struct run *run, const char *name, struct store_run *info);

/* Is a director at work on it?  holder[size] = who. */
bool look_is_live(const struct run *run, char *holder, size_t size);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Opening a run to look at it, live or not, without touching it.
 */
#ifndef SIM_CLI_LOOK_H
#define SIM_CLI_LOOK_H

#include "sim/history/history.h"
#include "sim/process/run_setup.h"

/* Opens run directory, scenario, board and the run's row, of which a virtual run has neither.  0,
 * or EXIT_USAGE after saying why; run_fini either way. */
int look_open(struct run *run, const char *name, struct store_run *info);

/* Is a director at work on it?  holder[size] = who. */
bool look_is_live(const struct run *run, char *holder, size_t size);

/* Is it a virtual run, of which there is nothing to `what` ("resume")?  Then that is said. */
bool look_refuses_virtual(const struct run *run, const char *what);

/* Opens the history of a run that was loaded, of either world.  0 or -errno. */
int look_history(struct run *run, struct history **history);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A run whose scenario takes the power away: the journal it needs before, and what has to be done
 * before anybody goes on after.  The rules of the disk itself are sim/disk/unsynced.h's.
 */
#ifndef SIM_PROCESS_RUN_POWER_H
#define SIM_PROCESS_RUN_POWER_H

#include "sim/process/run.h"

/* Before anything durable is made or changed: begins the journal if the power may yet be lost in
 * this run.  0, or -errno after saying why. */
int run_power_begin(struct run *run);

/* Under the run's lock, before run.db is opened: if the power was lost, takes back what was not
 * synced, with the board, and notes that in the event log.  0, or -errno after saying why. */
int run_power_restore(struct run *run);

/* Was it lost, and nobody has resumed the run since? */
bool run_power_is_lost(const struct run *run);

/* The run has ended, and with it all that could be lost.  0, or -errno after saying why. */
int run_power_end(struct run *run);

#endif

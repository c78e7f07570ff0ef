/* SPDX-License-Identifier: ISC
 *
 * Exclusive runs: at most one run has a job and its logical date.  What a second one is told, and
 * how a run gets the job and keeps it over its lives.
 */
#ifndef SIM_CLI_EXCLUSIVE_H
#define SIM_CLI_EXCLUSIVE_H

#include "sim/process/run_setup.h"

/* Before anything is made: may the job be begun, or has another run got it?  EXCLUSIVE_FREE, or an
 * exit code after saying why: EXIT_MET if it is complete.  again: one that is not alive does not
 * matter.  Fixes the scenario's logical date, which is the day of the submission if none is given.
 * Nothing is asked of a scenario that is not exclusive. */
#define EXCLUSIVE_FREE (-1)
int exclusive_ask(struct scenario *scenario, bool again);

/* Takes the job for a run whose directory is locked and has no scenario yet, as exclusive_ask; held
 * from then on by run->job_fd.  EXCLUSIVE_FREE, or an exit code after saying why. */
int exclusive_begin(struct run *run, bool again);

/* Takes it again for a further life of a run whose directory is locked.  0, or an exit code after
 * saying why. */
int exclusive_resume(struct run *run);

#endif

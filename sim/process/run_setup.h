/* SPDX-License-Identifier: ISC
 *
 * Making and reopening runs; for the director and for commands that look at a run.
 */
#ifndef SIM_PROCESS_RUN_SETUP_H
#define SIM_PROCESS_RUN_SETUP_H

#include "sim/process/run.h"

#define BOARD_RING_ENTRIES (1u << 15)

/* Nothing opened yet; run_fini releases whatever was opened since. */
void run_init(struct run *run);
void run_fini(struct run *run);

/* Opens and checks the job's input.  0, or -errno after saying why. */
int run_open_job(struct run *run, const char *input);

/* Makes points work from here on.  run->scenario and run->dir are set.  0, or -errno after saying
 * why. */
int run_faults_early(struct run *run);

/* Names the files of run->dir. */
void run_name_files(struct run *run);

/* Puts run->scenario into its place in the locked run directory, whole or not at all.  0, or -errno
 * after saying why. */
int run_scenario_write(struct run *run);

/* Sets up a locked run directory with its scenario in place: board, run.db.  What an attempt that
 * was killed has left is made anew.  input is the path of the input ("" if the job has none).  0,
 * or -errno after saying why. */
int run_create(struct run *run, const char *input);

/* Reads the scenario of an existing run directory (run->dir), with overrides, and the faults that
 * were injected by hand. */
int run_load(struct run *run, const char *const *set, size_t sets);

/* After run_load, if there is a run.db: takes up an existing run's identity and board.
 * rebuild_board: make a new board if there is none that fits, and restore what plan.jsonl says of
 * the faults (the caller holds the lock); else only look. */
int run_reopen(struct run *run, struct store_run *info, bool rebuild_board);

#endif

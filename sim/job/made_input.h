/* SPDX-License-Identifier: ISC
 *
 * The input of a job that has it made up.
 */
#ifndef SIM_JOB_MADE_INPUT_H
#define SIM_JOB_MADE_INPUT_H

#include "sim/scenario/scenario.h"

/* Writes what the scenario's job.generate says to fd.  0 or -errno. */
int made_input_write(const struct scenario *scenario, int fd);

/* Adds `more` records at the end of what made_input_write has written, as if it had been that many
 * from the beginning, and says how many bytes.  0 or -errno. */
int made_input_grow(const struct scenario *scenario, uint64_t more, int fd, uint64_t *bytes);

#endif

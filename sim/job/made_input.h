/* SPDX-License-Identifier: ISC
 *
 * The input of a job that has it made up.
 */
#ifndef SIM_JOB_MADE_INPUT_H
#define SIM_JOB_MADE_INPUT_H

#include "sim/scenario/scenario.h"

/* Writes what the scenario's job.generate says to fd.  0 or -errno. */
int made_input_write(const struct scenario *scenario, int fd);

#endif

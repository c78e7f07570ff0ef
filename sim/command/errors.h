/* SPDX-License-Identifier: ISC
 *
 * What is known of attempts whose command did not do its work: how it ended, and the end of what it
 * said on stderr.  A file for each, errors/TASK.EPOCH in the run directory, for people alone.
 */
#ifndef SIM_COMMAND_ERRORS_H
#define SIM_COMMAND_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/rundir/rundir.h"

#define ERRORS_LINE_MAX 512

/* Writes it, as well as it goes: a full disk must not be the end of an attempt twice. */
void errors_keep(const struct rundir *run, uint32_t task, uint32_t epoch, const char *how,
                 const char *errors, size_t length);

/* "it exited with 3: ValueError: no such page": how it ended and its last words, safe to show; ""
 * if nothing is known.  epoch 0: of the task's last such attempt. */
const char *errors_line(const struct rundir *run, uint32_t task, uint32_t epoch,
                        char line[ERRORS_LINE_MAX]);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Scenarios in the virtual world, from the command line.
 */
#ifndef SIM_CLI_VIRTUAL_H
#define SIM_CLI_VIRTUAL_H

#include "sim/cli/cli.h"
#include "sim/cli/life.h"
#include "sim/virtual/playing.h"

/* Plays and judges it; kept: in a run directory.  The exit code. */
int virtual_play(const char *file, const struct options *options, const struct life *life,
                 bool kept);

/* The verdict on what was played, for people. */
void virtual_print(const struct playing *playing, const struct verdict *verdict, FILE *out);

#endif

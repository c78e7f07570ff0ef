/* SPDX-License-Identifier: ISC
 *
 * Scenarios whose job is a torture.
 */
#ifndef SIM_CLI_TORTURE_SCENARIO_H
#define SIM_CLI_TORTURE_SCENARIO_H

#include <stdio.h>

#include "sim/cli/cli.h"

/* Plays the file's scenario and holds what was found against its expectations; TAP goes to standard
 * output, or, without its first and last line, to `out`.  If folder is not NULL it is made, and
 * keeps the scenario, a page, and a case of each window.  The exit code. */
int torture_scenario_play(const char *file, const struct options *options, const char *folder,
                          FILE *out);

#endif

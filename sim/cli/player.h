/* SPDX-License-Identifier: ISC
 *
 * Who plays a scenario.
 */
#ifndef SIM_CLI_PLAYER_H
#define SIM_CLI_PLAYER_H

#include "sim/cli/cli.h"

enum player { PLAYER_REAL, PLAYER_VIRTUAL, PLAYER_TORTURE };

/* Who this file's scenario is for, overrides included: an enum player, or -1 after saying what is
 * wrong with it. */
int player_wanted(const char *file, const struct options *options);

#endif

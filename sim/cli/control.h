/* SPDX-License-Identifier: ISC
 *
 * --control: the same scenario twice more as it is, which shows what chance makes differ, and once
 * without each of its required faults, or without any where all are optional.  If nothing differs
 * by more than chance, the fault did nothing that could be seen, and promises kept under it prove
 * nothing.
 */
#ifndef SIM_CLI_CONTROL_H
#define SIM_CLI_CONTROL_H

#include "sim/cli/cli.h"
#include "sim/process/run.h"

/* Runs them beside the run that was just judged, in RUN.same-N and RUN.without-FAULT, and compares.
 * EXIT_MET, EXIT_INCONCLUSIVE (nothing differs without one of them) or another exit code after
 * saying why. */
int control_compare(const struct run *run, const struct options *options);

#endif

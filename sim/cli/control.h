/* SPDX-License-Identifier: ISC
 *
 * --control: the same scenario without its faults.  If nothing differs, the faults did nothing that
 * could be seen, and promises kept under them prove nothing.
 */
#ifndef SIM_CLI_CONTROL_H
#define SIM_CLI_CONTROL_H

#include "sim/cli/cli.h"
#include "sim/process/run.h"

/* Runs it beside the run that was just judged and compares.  EXIT_MET, EXIT_INCONCLUSIVE (nothing
 * differs) or another exit code after saying why. */
int control_compare(const struct run *run, const struct options *options);

#endif

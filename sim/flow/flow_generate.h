/* SPDX-License-Identifier: ISC
 *
 * Made-up input of jobs of kind stream, the same for the same seed on every machine.
 */
#ifndef SIM_FLOW_FLOW_GENERATE_H
#define SIM_FLOW_FLOW_GENERATE_H

#include "sim/scenario/scenario.h"

/* Writes the events that the scenario's pattern is about to fd.  0 or -errno. */
int flow_generate(const struct scenario *scenario, int fd);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The same stream of events under each of the choices that its pattern stands for: what they cost,
 * and whether what is said of them is so.
 */
#ifndef SIM_TRADEOFF_TRADEOFF_H
#define SIM_TRADEOFF_TRADEOFF_H

#include "sim/compare/compare.h"

/* Plays a scenario of kind stream under each choice, without its faults, prints the table to
 * standard output and writes the files.  The exit code: 0 no event was lost or doubled, 1 one was,
 * 3 a fault of a choice did not land.  What is measured does not change it. */
int tradeoff_run(const struct compare_options *options);

#endif

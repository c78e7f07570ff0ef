/* SPDX-License-Identifier: ISC
 *
 * The verdict on a virtual run.
 */
#ifndef SIM_VIRTUAL_VIRTUAL_VERDICT_H
#define SIM_VIRTUAL_VIRTUAL_VERDICT_H

#include "sim/verdict/verdict.h"
#include "sim/virtual/virtual.h"

/* Judges invariants, faults and expectations.  Of the run only the scenario is looked at; audit:
 * the coordinator was looked at after every step. */
void virtual_judge(struct verdict *verdict, struct run *run, const struct virtual_plan *plan,
                   const struct virtual_report *report, bool audit);

#endif

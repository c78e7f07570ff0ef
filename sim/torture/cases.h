/* SPDX-License-Identifier: ISC
 *
 * Failing states that are kept: a folder for each, with the files as they were when the command was
 * killed, and what is needed to play them again.
 */
#ifndef SIM_TORTURE_CASES_H
#define SIM_TORTURE_CASES_H

#include "sim/torture/report.h"

/* Saves one state of each window below the folder of --save, and says so.  An exit code. */
int cases_save(struct session *session, const struct exploration *exploration,
               struct report *report);

#endif

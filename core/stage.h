/* SPDX-License-Identifier: ISC
 *
 * Stages: a task of a stage may start when every task of every lower stage is done (I4), and never
 * will when one of them cannot be done any more.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "state.h"

/* EV PLAN_READY: counts the restored tasks per stage and makes the first open stage ready. */
void stage_open(struct core *core);
/* A task of the stage became done, dead or skipped. */
void stage_finished_one(struct core *core, unsigned stage);
/* Skips the next few tasks of stages that can never run. */
void stage_skip_some(struct core *core);

#endif

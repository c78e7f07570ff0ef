/* SPDX-License-Identifier: ISC
 *
 * Stages: a task of a stage may start when every task of every lower stage is done, or given up
 * with its records among the dead letters that are allowed (I4); when there are too many of these,
 * it never will.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "state.h"

/* EV PLAN_READY: counts the restored tasks per stage and makes the first open stage ready. */
void stage_open(struct core *core);
/* Is what was given up in the stages below `end` no more than the job may do without? */
bool stage_is_sound(const struct core *core, unsigned end);
/* A task of the stage became done, dead or skipped. */
void stage_finished_one(struct core *core, unsigned stage);
/* Skips the next few tasks of stages that can never run. */
void stage_skip_some(struct core *core);

#endif

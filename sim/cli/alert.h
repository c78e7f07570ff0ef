/* SPDX-License-Identifier: ISC
 *
 * on_failure: the command that a scenario has run when its run comes to a stop without the job
 * done.  Who dies cannot raise an alarm: the director does it for its supervisor and its job, and
 * who takes the run up next for a director that left no word.
 *
 * Each failure is one reason in one generation, and raises one alarm: that the command is about to
 * be run is written down before it is, that it has ended afterwards.  Who is killed in between
 * leaves an alarm that may have been heard or not; the next life repeats it, with GRAVESHIFT_TRY
 * one higher.  So an alarm is raised at least once, and twice only after such a kill.  A command
 * that fails was run: it is said, and neither repeated nor a reason to fail.
 */
#ifndef SIM_CLI_ALERT_H
#define SIM_CLI_ALERT_H

#include "sim/process/director_end.h"
#include "sim/process/run_setup.h"
#include "sim/verdict/verdict.h"

/* At the end of a life whose job has not ended.  watched: whoever waits for it takes the run up
 * again if a fault of the scenario has ended it, which is then no stop. */
void alert_life_ended(struct run *run, enum director_end end, bool watched);

/* At a verdict on a job that has ended. */
void alert_judged(struct run *run, const struct verdict *verdict);

/* At the beginning of a life that goes on with an unfinished job: for the end of the life before,
 * if its alarm was not raised.  A death without a word is a stop unless the run is watched. */
void alert_look_back(struct run *run, bool watched);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The job kind `command` from the inside: one attempt of a task, from its chunk to its sealed part.
 */
#ifndef SIM_COMMAND_ATTEMPT_H
#define SIM_COMMAND_ATTEMPT_H

#include "sim/command/command.h"
#include "sim/command/command_effect.h"
#include "sim/job/input.h"

struct job {
	const struct scenario_job *spec;
	char *path;
	struct input input;
	bool feeds;  /* commands get their lines on standard input */
	bool writes; /* commands write into {output} */
	bool stays;  /* one command does all tasks of this worker */
	struct command_stay stay;
	struct command_effect effect;
	struct command_end end;
};

/* As run() of a job. */
int command_attempt(struct job *job, const struct task_plan *task, struct work *work,
                    struct work_result *result);

#endif

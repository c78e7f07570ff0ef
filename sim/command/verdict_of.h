/* SPDX-License-Identifier: ISC
 *
 * What the end of a command means for the attempt it was run in.
 */
#ifndef SIM_COMMAND_VERDICT_OF_H
#define SIM_COMMAND_VERDICT_OF_H

#include "sim/command/command.h"
#include "sim/scenario/scenario.h"

enum command_verdict {
	COMMAND_DONE,
	COMMAND_AGAIN, /* charged: the attempts it has are tried */
	COMMAND_FATAL, /* given up at once: another attempt would do the same */
	COMMAND_LATER  /* uncharged: what it needs is away */
};

/* By the job's exit codes; *reason = enum record_reason, unless it is done. */
enum command_verdict command_judge(const struct scenario_job *job, const struct command_end *end,
                                   uint32_t *reason);

#endif

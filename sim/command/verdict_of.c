/* SPDX-License-Identifier: ISC
 *
 * Exit codes and worse.
 */
#include <stdlib.h>

#include "sim/command/verdict_of.h"

static bool
is_listed(char *const *codes, size_t count, int code)
{
	for (size_t i = 0; i < count; i++)
		if (strtol(codes[i], NULL, 10) == code)
			return true;
	return false;
}

/* As sysexits.h and shells have them: usage, not executable, not found. */
static bool
is_fatal(const struct scenario_job *job, int code)
{
	if (job->fatals > 0)
		return is_listed(job->fatal, job->fatals, code);
	return code == 64 || code == 126 || code == 127;
}

/* Likewise: unavailable, try later. */
static bool
is_infra(const struct scenario_job *job, int code)
{
	if (job->infras > 0)
		return is_listed(job->infra, job->infras, code);
	return code == 69 || code == 75;
}

static enum command_verdict
judge_exit(const struct scenario_job *job, int code, uint32_t *reason)
{
	if (code == 0)
		return COMMAND_DONE;
	*reason = REASON_EXIT;
	if (is_fatal(job, code))
		return COMMAND_FATAL;
	if (!is_infra(job, code))
		return COMMAND_AGAIN;
	*reason = REASON_AWAY;
	return COMMAND_LATER;
}

enum command_verdict
command_judge(const struct scenario_job *job, const struct command_end *end, uint32_t *reason)
{
	switch (end->fate) {
	case COMMAND_EXITED:
	case COMMAND_ANSWERED:
		return judge_exit(job, end->detail, reason);
	case COMMAND_NOT_STARTED:
		*reason = REASON_START;
		return COMMAND_FATAL;
	case COMMAND_TOO_MUCH:
		*reason = REASON_TOO_MUCH;
		return COMMAND_FATAL;
	case COMMAND_TIMED_OUT:
		*reason = REASON_LIMIT;
		return COMMAND_AGAIN;
	case COMMAND_LEFT_BEHIND:
		*reason = REASON_LEFT_BEHIND;
		return COMMAND_AGAIN;
	case COMMAND_SILENT:
		*reason = REASON_SILENT;
		return COMMAND_AGAIN;
	case COMMAND_SIGNALLED:
	case COMMAND_UNANSWERED:
		break;
	}
	*reason = REASON_EXIT;
	return COMMAND_AGAIN;
}

/* SPDX-License-Identifier: ISC
 *
 * Running a command of the user's: no shell, a process group of its own, for a bounded time.
 */
#ifndef SIM_UTIL_ERRAND_H
#define SIM_UTIL_ERRAND_H

#include <stddef.h>

struct errand {
	char *const *words; /* the command, found by PATH, and its arguments; ends with NULL */
	const char *const *names; /* of what is added to its environment */
	const char *const *values;
	size_t variables;
	int limit_ms;  /* when it is over, all that is left of the group is killed */
	int output_fd; /* what it prints goes here, cut at output_max */
	size_t output_max;
};

/* Runs it with nothing on standard input and waits for its end, which is also that of whatever it
 * has left in its group.  It dies with its caller.  0 with *status as waitpid has it (exit code
 * 127: it could not be started), -ETIME when it took too long, or -errno. */
int errand_run(const struct errand *errand, int *status);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Work in child processes, several side by side, until it is all done, time is up, or a signal asks
 * to stop.
 */
#ifndef SIM_UTIL_POOL_H
#define SIM_UTIL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool {
	size_t count;     /* pieces of work, numbered from 0, begun in order */
	unsigned jobs;    /* side by side; at most POOL_JOBS_MAX */
	int64_t until_ns; /* nothing is begun after this; INT64_MAX: no limit */
	/* Does piece `index` in place `lane` (0..jobs-1) in a process of its own; the exit code. */
	int (*work)(void *context, size_t index, unsigned lane);
	/* Called in the pool's process when it has ended, with that code (128 + signal if killed).
	 * Returns true to have it done once more. */
	bool (*done)(void *context, size_t index, unsigned lane, int code);
	void *context;
};
#define POOL_JOBS_MAX 64

/* Returns how many pieces were done; or -errno; -EINTR when SIGINT, SIGTERM, SIGHUP or SIGPIPE
 * came: *number is which, and what was under way is killed. */
int64_t pool_run(const struct pool *pool, int *number);

/* As many as there are processors, twice over: the pieces wait now and then. */
unsigned pool_jobs_default(void);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Processes in a world: an init, which is ours, with a PID namespace of its own, and below it a
 * command.  When init ends, the kernel ends everything that is left of it.
 */
#ifndef SIM_TORTURE_SPAWN_H
#define SIM_TORTURE_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/torture/chance.h"

#define JOB_VARIABLES 8

struct job {
	char *const *words; /* the command, found by PATH, and its arguments; ends with NULL */
	int output, errors; /* what it prints goes there */
	int first_pid;      /* its processes are numbered from here; 0: as they come */
	const char *names[JOB_VARIABLES], *values[JOB_VARIABLES]; /* added to its environment */
	unsigned variables;
};

/* In a world whose slot has that chance: forks a process that feeds the FIFO in the place of
 * /dev/urandom until this one ends.  0 or -errno. */
int world_feed(enum chance chance);

/* Runs body() as init of a PID namespace of this process's world, with /proc mounted, and waits for
 * it.  It dies with its caller.  What body() returned, or -errno after saying what is wrong. */
int world_init(int (*body)(void *context), void *context);

/* A body for world_init: becomes a shell on the terminal.  Returns only if there is none. */
int job_shell(void *nothing);

/* For init: forks a process that becomes the command, after before(context), if that is not NULL,
 * has returned true in it; else, or when it cannot be started, it exits with 127 after saying why
 * on its errors.  The process, or -errno. */
int job_fork(const struct job *job, bool (*before)(void *context), void *context);

struct running {
	const struct job *job;
	int64_t limit_ns, linger_ns; /* for the command; for what it leaves running */
	/* Filled in; must be in memory that init shares with its caller. */
	int status;    /* of the command, as waitpid has it */
	bool is_late;  /* it took too long and was ended */
	bool lingered; /* processes were still there when it had ended long ago */
	int64_t took_ns;
};

/* A body for world_init: runs a struct running's job, untraced. */
int job_run(void *running);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Split brain: a supervisor is stopped and taken for dead, another one is started beside it, and
 * some time later the old one goes on.  It has to notice that it no longer rules.
 */
#ifndef SIM_PROCESS_SPLIT_H
#define SIM_PROCESS_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/process/run.h"

/* The old supervisor; pid 0: there is none. */
struct split {
	int pid, pidfd, control_fd;
	int64_t resume_ns; /* when it goes on; 0: it does */
	size_t fault;
};

/* Stops that supervisor, after fault `index` was committed, and takes it over.  0; -ECHILD when it
 * ended instead, with *status; -errno. */
int split_begin(struct split *split, size_t index, int pid, int pidfd, int control_fd,
                int64_t resume_ns, int *status);
/* Lets it go on when its time has come, and reaps it when it has ended: true once, then. */
bool split_turn(struct split *split, struct run *run, int64_t now_ns);
/* No other supervisor is left: lets it go on now, waits for its end, and ends it if it does not.
 */
void split_settle(struct split *split, struct run *run);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The director from the inside: what its loop, its faults and its desk share.
 */
#ifndef SIM_PROCESS_DIRECTOR_PARTS_H
#define SIM_PROCESS_DIRECTOR_PARTS_H

#include <poll.h>
#include <signal.h>

#include "sim/process/director.h"
#include "sim/process/split.h"
#include "sim/process/supervisor.h"

/* A supervisor that dies so often without a fault that asked for it is broken. */
#define UNSCRIPTED_MAX 5
#define DESK_CLIENTS 8

/* Somebody at the desk: has asked nothing yet, or waits to hear what became of a fault by hand. */
struct client {
	int fd;           /* -1: nobody */
	int fault;        /* -1: nothing was asked yet */
	int64_t until_ns; /* not to wait longer than this */
};

struct director {
	struct run *run;
	const struct director_watch *watch;
	struct director_report *report;
	/* Only held open: when all workers die at once, and the supervisor has closed the store to
	 * fork others, somebody must still have it, or the next to open it has to recover its log.
	 */
	struct store *keeper;
	int supervisor, supervisor_fd; /* pid and pidfd; 0 and -1 while there is none */
	struct split split;            /* a supervisor that was taken for dead */
	int signal_fd;
	int desk_fd; /* listens; -1: there is no desk */
	struct client client[DESK_CLIENTS];
	sigset_t old_mask;
	int64_t started_ns, now_ns, tick_due_ns;
	int64_t resume_supervisor_ns; /* it is paused by a fault until then; 0 = it is not */
	int64_t unscripted_ns[UNSCRIPTED_MAX];
	unsigned unscripted;
	/* Per fault: 1 + how often it was injected when this supervisor was asked for it; 0 = it
	 * was not. */
	uint32_t asked[SCENARIO_FAULTS_MAX];
	bool draining, killing;
	bool over;
};

/* Tells a person who watches the run's output. */
void director_say(struct director *director, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The life is over: `what` could not be done. */
void director_break_off(struct director *director, const char *what, int error);
void director_tell(struct director *director, enum control_kind kind, size_t fault);
void director_start_supervisor(struct director *director);
void director_signal_supervisor(struct director *director, int number);
/* It was reaped with this wait status. */
void director_supervisor_ended(struct director *director, int status);

/* director_faults.c */
/* Does the fault, or has the supervisor do it.  May not return. */
void director_inject(struct director *director, size_t index);
/* The same for all whose moment has come. */
void director_inject_due(struct director *director);
/* For those that are our own end and were asked for: the supervisor that asked may have ended by
 * now, and its end is not to come first. */
void director_inject_own(struct director *director);
/* When the next one is due that goes by time; CORE_NEVER: none does. */
int64_t director_faults_due_ns(const struct director *director);

/* director_desk.c */
#define DESK_SOURCES (1 + DESK_CLIENTS)
/* Without a desk the run goes on all the same. */
void desk_open(struct director *director);
void desk_close(struct director *director);
/* What to poll for: DESK_SOURCES of them. */
void desk_sources(const struct director *director, struct pollfd *sources);
/* Hears what was asked, if the sources say so, and answers what can be answered by now. */
void desk_turn(struct director *director, const struct pollfd *sources);
/* When to look again; CORE_NEVER: nobody waits. */
int64_t desk_due_ns(const struct director *director);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The supervisor from the inside: what its parts (loop, processes, connections, actions) share.
 * sim/README.md has one turn of its loop as numbered steps.
 */
#ifndef SIM_PROCESS_SUPERVISOR_H
#define SIM_PROCESS_SUPERVISOR_H

#include "sim/channel/numbers.h"
#include "sim/process/run.h"

#define PENDING_MAX 64 /* connections that have not said hello yet */

/* Director to supervisor, over a socketpair. */
enum control_kind {
	CONTROL_DRAIN,
	CONTROL_INJECT,
	CONTROL_LOOK /* something changed that faults go by */
};
struct control {
	uint32_t kind;
	uint32_t fault; /* index, for CONTROL_INJECT */
};

/* What runs in a slot. */
struct place {
	int pid; /* of a worker we forked; 0: none */
	int pidfd;
	uint32_t incarnation;
	struct channel channel; /* fd -1 until it said hello */
	struct wire *wire;      /* NULL: no frame had to wait */
	uint64_t leases;        /* sent to its present worker: the number of the last */
	struct numbers returns; /* of those that it has handed back */
	bool joined;            /* came from outside: not ours to signal or reap */
	bool stopped;           /* by SIGSTOP, as seen by waitpid */
	bool flush_pending;     /* it did not read; try again */
	uint64_t born;          /* number of its fork, for who is oldest */
	uint32_t lost_task; /* what its last worker died in; until the store says whether that was
	                       done */
	uint64_t lost_records; /* ... and how many records it had worked on */
	bool overtaken; /* what it is in is done by somebody else, and it is killed for that */
};

/* Actions of the coordinator that change the store wait here and are done in one transaction. */
struct store_queue {
	struct core_step *step;
	size_t count, room;
	int64_t retry_ns; /* the store was busy: not before this */
};

struct supervisor {
	struct run *run;
	struct core *core;
	struct core_config config;
	struct core_step *actions;
	struct store *store; /* NULL while closed: it is never open across a fork */
	struct place *place; /* config.slots + 1: the last is the probe's */
	size_t places;
	uint16_t *unsent; /* slots with frames that are gathered and not sent */
	size_t unsent_count;
	int pending[PENDING_MAX]; /* fds, -1 = free */
	struct store_queue queue;
	struct core_step *spawn; /* workers to fork at the end of the turn */
	size_t spawns;
	uint32_t generation;
	uint64_t births;   /* forks of workers */
	uint32_t wanted;   /* workers of our own, as scaled and drained */
	size_t scaling;    /* 1 + number of the scale fault under way, or 0 */
	uint64_t was_true; /* bit per fault with `when`: its condition held the last time */
	bool watching;     /* some fault has a condition: what it asks for is published */
	int epoll_fd, listen_fd, signal_fd, timer_fd, log_fd;
	int64_t now_ns;
	int yields;       /* how often to give the processor away before blocking */
	int64_t armed_ns; /* what the timer is set to */
	uint64_t
	    injections; /* bit per fault that the director asked for and that found no victim yet */
	enum core_outcome outcome;
	struct input_identity identity; /* of the input when this supervisor began */
	char input[PATH_MAX];
	bool leaving; /* the job is over, workers are on their way out: the timer ticks */
	bool broken;  /* said why: stop, exit SUPERVISOR_BROKEN */
};

/* Feeds one event and performs what follows from it; at_ns is filled in. */
void supervisor_step(struct supervisor *supervisor, struct core_step *event);
/* Notes something for the log alone. */
void supervisor_note(struct supervisor *supervisor, enum core_kind kind, uint16_t slot,
                     uint64_t record, uint64_t value);
/* Says what broke (error: -errno, or 0 if there is none to name) and makes the loop end. */
void supervisor_break(struct supervisor *supervisor, const char *what, int error);

/* supervisor_processes.c: the only place that forks and reaps workers. */
/* Puts a fork off to the end of the turn, after everything that others wait for. */
void supervisor_spawn(struct supervisor *supervisor, const struct core_step *action);
/* Forks what was put off; closes the store. */
void supervisor_fork(struct supervisor *supervisor);
void supervisor_reap(struct supervisor *supervisor);
int supervisor_signal(struct supervisor *supervisor, uint16_t slot, int number);
void supervisor_end_workers(struct supervisor *supervisor);

/* supervisor_faults.c */
/* The director asks for fault `index`: it is injected when its victims are there; one by hand now
 * or not at all. */
void supervisor_ask(struct supervisor *supervisor, uint32_t index);
void supervisor_inject(struct supervisor *supervisor);
int64_t supervisor_wake_sleepers(struct supervisor *supervisor);
/* A worker was stopped or ended with this wait status. */
void supervisor_prove(struct supervisor *supervisor, uint16_t slot, int status);
/* Notes the faults that have landed since the last time. */
void supervisor_note_faults(struct supervisor *supervisor);

/* supervisor_state.c: what faults' conditions ask for. */
void supervisor_state_begin(struct supervisor *supervisor);
/* Publishes it; cheap when no fault asks. */
void supervisor_state_publish(struct supervisor *supervisor);
/* Begins the faults whose condition has become true.  When to look again, or CORE_NEVER. */
int64_t supervisor_state_look(struct supervisor *supervisor);

/* supervisor_rule.c: leaves at once, writing nothing, if another supervisor rules. */
void supervisor_rule_check(struct supervisor *supervisor);

/* supervisor_connections.c */
void supervisor_accept(struct supervisor *supervisor);
void supervisor_hear_pending(struct supervisor *supervisor, size_t index);
void supervisor_hear(struct supervisor *supervisor, uint16_t slot);
/* Everything that a worker, which is dead, has said. */
void supervisor_hear_out(struct supervisor *supervisor, uint16_t slot);
void supervisor_send(struct supervisor *supervisor, uint16_t slot, const struct message *message);
/* Sends a frame that is about its worker alone: welcome, dismiss. */
void supervisor_tell(struct supervisor *supervisor, uint16_t slot, enum message_kind kind);
/* Makes the delayed frames whose time has come part of the next flush; returns when the next one is
 * due. */
int64_t supervisor_release(struct supervisor *supervisor);
void supervisor_flush(struct supervisor *supervisor);
void supervisor_disconnect(struct supervisor *supervisor, uint16_t slot);
int supervisor_watch(struct supervisor *supervisor, int fd, uint32_t source, uint32_t index);

/* What an epoll event is about. */
enum source {
	SOURCE_LISTENER,
	SOURCE_SIGNAL,
	SOURCE_TIMER,
	SOURCE_CONTROL,
	SOURCE_PENDING,
	SOURCE_SLOT
};

/* supervisor_perform.c */
void supervisor_perform(struct supervisor *supervisor, const struct core_step *action);
/* What its worker has worked on is done by somebody else. */
void supervisor_count_vain(struct supervisor *supervisor, uint16_t slot);
void supervisor_store(struct supervisor *supervisor);
/* Opens the store if it is closed.  0 or -errno. */
int supervisor_open_store(struct supervisor *supervisor);
void supervisor_close_store(struct supervisor *supervisor);

/* supervisor_plan.c: makes or checks the plan; true when there is one. */
enum supervisor_exit supervisor_prepare(struct supervisor *supervisor, struct store_run *info);
/* Is the input no longer what it was when this supervisor began? */
bool supervisor_input_changed(const struct supervisor *supervisor);

#endif

/* SPDX-License-Identifier: ISC
 *
 * One run, as each of its processes holds it: made by the director, inherited by the supervisor and
 * its workers through fork, put together again from the run directory by a worker that joins from
 * outside.
 */
#ifndef SIM_PROCESS_RUN_H
#define SIM_PROCESS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/board.h"
#include "sim/channel/channel.h"
#include "sim/fault/fault.h"
#include "sim/fault/wire.h"
#include "sim/job/job.h"
#include "sim/rundir/rundir.h"
#include "sim/scenario/scenario.h"
#include "sim/sink/sink_open.h"
#include "sim/store/store.h"

struct run {
	struct scenario scenario;
	struct rundir dir;
	const struct job_kind_ops *ops;
	struct job *job;     /* input open and mapped */
	struct board *board; /* mapped shared */
	size_t board_size;
	struct fault_area *faults; /* in the board; before there is one, `early` */
	struct fault_area *early;  /* ours alone */
	uint64_t id_hash;          /* of the run's id: a worker of another run is refused */
	int lock_fd;               /* director and supervisor */
	int job_fd;                /* likewise: the lock of an exclusive job; -1 without */
	int wake_fd;               /* eventfd that wakes the director; -1 in a joined worker */
	int control_fd;            /* socketpair between director and supervisor, each its end */
	char id[20];               /* 16 hexadecimal digits */
	/* All of the run's sockets begin with it; the supervisor's and its workers' is their
	 * generation's. */
	char socket_name[CHANNEL_NAME_MAX];
	int64_t submitted_ns; /* wall clock of the submission; 0 in later lives */
	char db[PATH_MAX], plan_path[PATH_MAX], events[PATH_MAX];
};

/* How a supervisor ends, for its director. */
enum supervisor_exit {
	SUPERVISOR_JOB_DONE = 0,
	SUPERVISOR_JOB_FAILED = 1,
	SUPERVISOR_BAD_INPUT = 2, /* said why; nothing ran */
	SUPERVISOR_BROKEN = 5,    /* graveshift or the system failed; said why */
	SUPERVISOR_DRAINED = 6,
	SUPERVISOR_SUPERSEDED = 7 /* another one rules: it wrote nothing more */
};

/* Body of the supervisor process; does not return. */
_Noreturn void supervisor_main(struct run *run, int director_pid);

/* Body of a worker process; does not return.  parent_pid: the supervisor, or 0 for one that joined
 * from outside and has no slot yet (slot CORE_NO_SLOT). */
_Noreturn void worker_main(struct run *run, uint16_t slot, uint32_t incarnation, int parent_pid);

/* The terminal's signals reach the whole foreground group, but what they mean is the director's to
 * say: supervisor and workers ignore them.  A worker that Ctrl-Z had stopped would be taken for
 * hung. */
void run_leave_terminal(void);

/* Two supervisors may live at once, one of them taken for dead: each generation listens under a
 * name of its own. */
void run_name_socket(struct run *run, uint32_t generation);

/* Where the director hears people. */
void run_name_desk(const char *run_id, char name[CHANNEL_NAME_MAX]);

/* Removes what tasks have handed on to each other: nobody needs it once the result is there.  For
 * whoever holds the run's lock, when the job is done; again by the next life, if a director was
 * killed before it did. */
void run_clear_parts(const struct run *run);

/* Takes room on the disk for the tasks' cells in the board, before anything is written there.  0 or
 * -errno. */
int run_reserve_cells(const struct run *run, uint32_t tasks);

/* Points fault_self at this run for a process in this role. */
void run_faults_bind(struct run *run, enum fault_who role, uint16_t slot, uint32_t incarnation);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A moment: the state of a run after some record of its event log, for whoever shows a run.  It is
 * folded from the log alone, so it can be had for any record; what a record means for it stands in
 * moment_apply.  Numbers from the log are checked against the plan: a log that lies gives a strange
 * picture, never a crash.
 *
 * All times are run time: nanoseconds since the log's first record.  They never go back, also when
 * the machine was started anew between two lives.
 */
#ifndef SIM_HISTORY_MOMENT_H
#define SIM_HISTORY_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "sim/history/plan.h"
#include "sim/rundir/eventlog.h"
#include "sim/scenario/scenario.h"

/* Why a task waits that is ready. */
enum task_wait {
	WAIT_NONE,
	WAIT_BACKOFF, /* until until_ns */
	WAIT_FENCE,   /* its lease ended badly; the store is asked to raise the epoch (leased) */
	WAIT_PROBE,   /* a record of it is tried alone */
	WAIT_BURIAL   /* it, or a record of it, is given up; the store is being told */
};

/* The copy of an attempt that takes too long. */
enum task_copy {
	COPY_NOT,
	COPY_WANTED, /* the store is asked for its epoch */
	COPY_AT_WORK,
	COPY_FENCED /* came to nothing; the store is asked to raise its epoch */
};

struct moment_task {
	int64_t since_ns;    /* when its state was entered; if it is lost: when it was lost */
	int64_t until_ns;    /* WAIT_BACKOFF: when it is ready again */
	uint64_t records;    /* of it, when the plan was sealed last */
	uint32_t epoch;      /* the highest */
	uint32_t twin;       /* that of the attempt that has, or had, a copy; 0: the same */
	uint32_t copy_epoch; /* of its last copy */
	uint32_t dead;       /* records of it that are dead letters */
	uint16_t copy_holder;
	uint16_t holder; /* slot that has or last had it; CORE_NO_SLOT: never leased */
	/* enum task_state, but TASK_READY also while it is blocked: see moment_task_state */
	uint8_t state;
	uint8_t wait;         /* enum task_wait */
	uint8_t attempt;      /* present or last, from 1, over all generations; 0: never leased */
	uint8_t tried_before; /* attempts in earlier generations */
	uint8_t cause;        /* enum cause: why the last lease ended */
	uint8_t copy;         /* enum task_copy */
	bool asked : 1;       /* the store was, to end its lease */
	bool lost : 1;        /* its holder was lost, and it was not leased since */
	bool was_done : 1;    /* before the power went */
};

enum slot_phase {
	PHASE_EMPTY,
	PHASE_STARTING,
	PHASE_UP,
	PHASE_SILENT,   /* suspected: its progress stands still */
	PHASE_KILLED,   /* given up; its death is waited for */
	PHASE_FENCED,   /* given up without a kill: it may come back */
	PHASE_DRAINING, /* dismissed: finishes what it is in and leaves */
	PHASE_RESTING,  /* died, and is started again after a pause */
	PHASE_QUARANTINED,
	SLOT_PHASES
};

struct moment_slot {
	int64_t since_ns;  /* when its phase was entered */
	int64_t beat_ns;   /* last word from its worker */
	int64_t moved_ns;  /* last change of progress, lease or report */
	uint64_t progress; /* records of the task in hand, by its last beat */
	uint64_t done;     /* tasks done by it in this run */
	uint32_t incarnation;
	uint32_t deaths; /* in this run */
	int32_t pid;     /* 0: nobody there */
	uint8_t phase;   /* enum slot_phase */
	uint8_t held;    /* leases */
	uint8_t passed;  /* of them, the first ones that it was seen to be beyond */
	bool joiner;     /* came from outside */
};

struct moment_fault {
	int64_t injected_ns; /* the last time; -1: not yet */
	int64_t landed_ns;   /* when that was noted */
	uint64_t evidence;
	uint32_t landed; /* times */
	uint16_t slot;   /* of the last; CORE_NO_SLOT: no worker */
};

enum run_phase {
	RUN_PHASE_SETUP,     /* a director or supervisor is there, and no plan yet */
	RUN_PHASE_RESTORING, /* a supervisor is told what is known of the tasks */
	RUN_PHASE_WORKING,
	RUN_PHASE_DRAINING, /* asked to stop */
	RUN_PHASE_HEADLESS, /* no supervisor; the director starts another */
	RUN_PHASE_OFF,      /* the power went */
	RUN_PHASE_STOPPED,  /* unfinished: `resume` goes on */
	RUN_PHASE_ENDED,
	RUN_PHASES
};

/* Recoveries by how long they took: below 1 ms, 2.5 ms, 5 ms, ... 60 s, and longer ones. */
#define MOMENT_RECOVERY_BOUNDS 15
extern const int64_t moment_recovery_bound_ns[MOMENT_RECOVERY_BOUNDS];

struct moment_counts {
	uint64_t tasks[TASK_STATES]; /* all stages; blocked and ready as the world sees it */
	uint64_t on_retry;           /* of those done: not at the first attempt */
	uint64_t leases, found_done;
	uint64_t copies, copies_won; /* leases of copies, among those; that committed first */
	uint64_t failed[CAUSES];     /* attempts that came to nothing, by cause */
	uint64_t retries, takeovers, reassigned, fenced, returned, isolated, suspected, hangs;
	uint64_t restarts, joins, deaths, quarantined;
	uint64_t faults; /* landed */
	uint64_t lives, generations, supervisors_lost, power_losses;
	uint64_t taken_back; /* tasks that were done and, after a power loss, were not any more */
	int64_t recovery_longest_ns, recovery_sum_ns; /* holder lost -> leased again */
	uint64_t recoveries;
	uint64_t recoveries_within[MOMENT_RECOVERY_BOUNDS + 1]; /* the last: longer than all */
	int64_t headless_longest_ns; /* a supervisor's end -> the next first lease */
};

/* In records: in is the sum of the others, if nothing was lost or doubled. */
struct books {
	uint64_t in, committed, leased, waiting, dead;
	uint64_t skipped; /* of a graph: what is not done because of others */
	bool balanced;
};

struct moment {
	const struct plan *plan;         /* the caller's */
	const struct scenario *scenario; /* the caller's */
	uint64_t applied;                /* records; the last one's number + 1 */
	int64_t now_ns;
	int64_t offset_ns;      /* the log's clock + this = run time */
	int64_t coordinator_ns; /* when the present supervisor's plan was ready */
	int64_t headless_ns;    /* since when there is no lease after a supervisor's end; -1 */
	uint64_t wall_s;        /* wall clock at the last start */
	int64_t wall_at_ns;     /* run time of that */
	enum run_phase phase;
	enum core_outcome outcome;
	uint32_t generation;
	int32_t director_pid, supervisor_pid;
	uint32_t tasks;   /* in the plan as it was sealed then; 0: no plan yet */
	uint64_t records; /* likewise */
	uint32_t slots;   /* places, the probe's included, which is the last */
	uint32_t credit;  /* leases a slot may hold */
	bool power_lost;  /* and nothing was restored since */
	bool script_held; /* no fault of the scenario begins */
	uint64_t due;     /* bit per fault: its moment came while the script was held */
	struct moment_counts counts;
	struct books sums;                    /* of stage 0, kept step by step; see moment_books */
	uint64_t unfinished[CORE_STAGES_MAX]; /* tasks by stage */
	uint64_t ready[CORE_STAGES_MAX];      /* TASK_READY in moment_task.state, by stage */
	unsigned stage;                       /* the lowest unfinished one; CORE_STAGES_MAX: none */
	struct moment_fault fault[SCENARIO_FAULTS_MAX];
	/* Behind it, in the same block: slots, leases, tasks. */
	struct moment_slot *slot;
	uint32_t *lease; /* credit for each slot, in the order in which they were leased */
	struct moment_task *task;
	uint32_t room; /* for tasks: plan->tasks when it was made */
	size_t size;   /* bytes of all of it */
};

/* The moment before the first record.  plan and scenario outlive it.  NULL without memory. */
struct moment *moment_new(const struct plan *plan, const struct scenario *scenario);
void moment_free(struct moment *moment);

/* A moment of its own with the same content.  NULL without memory. */
struct moment *moment_copy(const struct moment *moment);

/* Makes *to equal to from; both have the same size. */
void moment_set(struct moment *to, const struct moment *from);

/* The next record happens: a pure step. */
void moment_apply(struct moment *moment, const struct logged *record);

/* A task's state as the world is told: blocked as long as a lower stage is unfinished, or in a
 * graph as long as what it waits for has not ended as it should. */
enum task_state moment_task_state(const struct moment *moment, uint32_t task);

static inline bool
moment_copy_is_at(const struct moment_task *task, uint16_t slot)
{
	return task->copy == COPY_AT_WORK && task->copy_holder == slot;
}

/* The epoch of the lease that the slot has on the task, or would have. */
static inline uint32_t
moment_lease_epoch(const struct moment_task *task, uint16_t slot)
{
	if (moment_copy_is_at(task, slot))
		return task->copy_epoch;
	return task->twin != 0 ? task->twin : task->epoch;
}

/* Has the slot a worker that has joined and not gone? */
bool moment_can_speak(const struct moment_slot *slot);

/* The task a slot's worker is in, or CORE_NO_TASK. */
uint32_t moment_in_hand(const struct moment *moment, uint32_t slot);

/* Empty, and balanced, as long as there is no plan. */
struct books moment_books(const struct moment *moment);

/* Run time of an instant of the log's clock. */
int64_t moment_time(const struct moment *moment, int64_t at_ns);

const char *slot_phase_name(unsigned phase);
const char *run_phase_name(unsigned phase);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The whole memory of the coordinator: one flat block, laid out once by core_init.  Only the files
 * of core/ see it; everybody else asks through core.h.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "alarm.h"
#include "check.h"
#include "core.h"
#include "queue.h"
#include "ring.h"
#include "rng.h"
#include "slotset.h"
#include "timer.h"

/* Where a task is.  Finer than enum task_state, which is what the world is told. */
enum phase {
	PHASE_BLOCKED, /* a lower stage is unfinished, or the plan is not ready */
	PHASE_QUEUED,  /* ready, in exactly one ready queue */
	PHASE_WAITING, /* ready, in backoff: exactly one timer will wake it */
	PHASE_PROBING, /* ready, but a record of it is suspect: queued for the probe or in it */
	PHASE_LEASED,  /* in the lease list of exactly one slot */
	PHASE_FENCING, /* its lease ended badly; the store is asked to raise the epoch */
	PHASE_BURYING, /* given up; the store is asked to write it to the dead letters */
	PHASE_BURYING_RECORD, /* one record of it is given up; likewise */
	PHASE_DONE,
	PHASE_DEAD,
	PHASE_SKIPPED,
	PHASES
};

enum {
	TASK_HAS_DEAD = 1 << 0,  /* some of its records are dead letters */
	TASK_ISOLATES = 1 << 1,  /* budget used up on bad data: the next attempts isolate */
	TASK_LOST = 1 << 2,      /* its last holder was lost, it did not end the attempt itself */
	TASK_CHARGED = 1 << 3,   /* the attempt that is ending, or ended last, is charged */
	TASK_LOST_ONCE = 1 << 4, /* a crash or hang was charged before: no more instant retries */
	TASK_SUSPECT = 1 << 5,   /* crashed twice at crashed_at[0], which was not probed yet */
	TASK_RESTORED_ONCE = 1 << 6,
	TASK_CLEARED_0 = 1 << 7, /* crashed_at[0] was probed and did no harm */
	TASK_CLEARED_1 = 1 << 8,
	TASK_BAD_DATA = 1 << 9, /* one of its charged attempts failed on bad data */
	TASK_DOOMED = 1 << 10,  /* of a graph: queued to be skipped */
	TASK_NEEDED = 1 << 11,  /* of a graph: a parent that it makes up for is dead */
	TASK_ASKED = 1 << 12,   /* the store's answer to its FENCE is waited for */
	TASK_COPIED = 1 << 13   /* a copy of the present attempt was asked for */
};

/* The copy of an attempt that takes too long.  Both are in force, each under an epoch of its own,
 * and the store takes whichever commits first.  A copy is never charged. */
enum copy_state {
	COPY_NONE,
	COPY_ASKED, /* the store is asked for its epoch */
	COPY_LIVE,  /* in the lease list of exactly one slot, which is not its task's holder */
	COPY_ENDING /* came to nothing; the store is asked to raise its epoch */
};

struct copy {
	uint32_t epoch; /* of its lease, the last one if there is none now; asked: the twin's */
	uint32_t twin;  /* of the lease that it is a copy of; 0: that one is in force no more */
	uint16_t holder;
	uint8_t state; /* enum copy_state */
};

struct task {
	uint64_t crashed_at[2]; /* the last two different records a worker died in; newest first */
	uint32_t epoch;
	uint32_t next;   /* in whichever queue holds it */
	uint32_t reason; /* of the last failure: reason code or wait status; of one that a graph
	                    skips: the task that is to blame */
	uint16_t holder; /* the slot that has or last had the lease */
	uint16_t flags;
	uint8_t phase;
	uint8_t stage;
	uint8_t charged;
	uint8_t attempt;
	uint8_t isolations; /* charged causes that ended an isolating attempt */
	uint8_t infra;      /* INFRA failures reported in a row: sets their backoff */
	uint8_t cause;      /* why the last lease ended */
};

struct slot {
	uint32_t incarnation;
	uint32_t lease[CORE_CREDIT_MAX]; /* tasks, in the order in which they were leased */
	uint8_t state;
	uint8_t held;        /* how many of lease[] count */
	uint8_t passed;      /* leading leases that the worker was seen to be beyond */
	uint8_t killed_for;  /* enum cause: why its worker was given up last */
	uint8_t room;        /* number of the set in core.room that it is in, from 1; 0: in none */
	bool suspected;      /* the present standstill was noted */
	bool own;            /* its worker is spawned by us, else a joiner */
	bool retiring;       /* own, but not when its present worker has gone */
	uint32_t started;    /* task named by the last beat, or CORE_NO_TASK */
	uint64_t progress;   /* of that task */
	int64_t heard_ns;    /* last sign of life */
	int64_t progress_ns; /* last change of progress */
	int64_t passed_ns;   /* since when passed > 0 */
	int64_t since_ns;    /* when state was entered */
	int64_t begun_ns;    /* since when lease[0] is the one in front */
	uint32_t death_next; /* where the next death goes in the slot's row of core.deaths */
};

struct stage {
	uint32_t total;
	uint32_t unfinished;
	uint32_t done;
	uint32_t restored; /* done before this coordinator began */
	uint64_t dead_records;
	uint32_t skipped; /* restored so */
	uint64_t timed;   /* tasks done of which it is known how long they took */
	int64_t spent_ns; /* by them, together */
};

struct probe {
	struct queue queue; /* tasks that wait for their probe */
	uint32_t task;      /* being probed, or CORE_NO_TASK */
	uint32_t tries;     /* workers lost before they took this probe */
	bool running;       /* assigned: from here on a death speaks against the record */
};

/* What the step audit knows of a task or slot from the last time it looked. */
struct seen_task {
	uint32_t epoch;
	uint32_t attempt_epoch; /* the same, unless there is or was a copy */
	uint8_t phase;
	uint8_t stage;
	uint8_t charged;
	uint8_t isolations;
	uint8_t attempt;
	uint8_t copy;          /* enum copy_state */
	uint32_t copied_epoch; /* of its last copy */
	bool lost;
	bool isolates;
	bool asked;
};

struct seen_slot {
	uint64_t charged_at; /* the step in which it lost a lease for a charged cause */
	uint32_t incarnation;
	uint32_t queued;
	uint8_t state;
	uint8_t held;
	bool has_room;
	bool is_staff;
	bool is_joiner;
};

/* Sums over all that was seen. */
struct tally {
	uint32_t phases[PHASES];
	uint32_t lost;
	uint32_t asked;
	uint32_t copies[COPY_ENDING + 1];
	struct stage stages[CORE_STAGES_MAX];
	uint32_t queued;
	uint32_t held;
	uint32_t killing; /* leases of workers that are being killed */
	uint32_t hungry;
	uint32_t resting;
	uint32_t quarantined;
	uint32_t staff;
	uint32_t joiners;
};

struct seen {
	struct seen_task *tasks;
	struct seen_slot *slots;
	struct tally tally;
	uint64_t steps; /* as many as core.steps then; 0: never looked */
	uint32_t ring_changes;
	unsigned stage;
};

/* What the last step has changed, for the step audit.  Beyond the lists it is only counted. */
#define TOUCHED_MAX 256

struct touched {
	uint32_t tasks;
	uint32_t slots;
	uint32_t task[TOUCHED_MAX];
	uint16_t slot[TOUCHED_MAX]; /* or the queue of that number */
};

struct core {
	struct core_config config;
	struct core_stats stats;
	int64_t now_ns;
	uint64_t steps;
	struct core_step event; /* of the last step */
	struct touched touched;
	struct seen seen;
	struct core_step *out;
	size_t out_count;
	size_t out_max;

	bool planned;
	bool draining;
	enum core_outcome outcome;
	unsigned stage;        /* lowest stage with an unfinished task; CORE_STAGES_MAX = none */
	bool skipping;         /* stages above can never run */
	uint32_t skip_next;    /* tasks below it are skipped already */
	uint32_t blame;        /* task that dooms what depends on it */
	uint32_t wanted;       /* workers of our own there shall be */
	uint32_t staff;        /* own slots that are neither retiring nor quarantined */
	uint32_t joiners;      /* slots with a worker that is not ours */
	uint32_t held;         /* leases of all slots */
	uint32_t outstanding;  /* answers we wait for, a running probe included */
	uint32_t ready;        /* tasks in ready queues */
	uint32_t hungry_count; /* slots with room for a lease */
	uint32_t turn;         /* round robin: the slot after the one that was served last */
	struct slotset *room;  /* which they are, by the number of leases they hold */
	struct alarms alarms;  /* when each slot must be looked at */
	struct rng rng;
	struct ring ring;
	struct timers timers;
	struct queue urgent; /* leased before: served first, by any slot */
	struct probe probe;
	struct stage stages[CORE_STAGES_MAX];
	struct queue doomed; /* of a graph: blocked tasks that will never run */
	uint32_t copies_asked;
	int64_t copy_look_ns; /* no attempt takes too long before that */

	struct task *tasks;
	uint16_t *pending;    /* of a graph: how many parents each blocked task still waits for */
	struct copy *copies;  /* of each task; NULL: there are none */
	struct slot *slots;   /* the probe's on top */
	struct queue *queues; /* one per slot; on top one for tasks that no slot is there for */
	uint16_t *fullest;    /* winners of the tournament between queues; [1] has the most */
	uint32_t fullest_leaves;
	int64_t *deaths; /* restart_max + 1 per slot */
};

/* The most ACT SKIPs in one step; the rest follows in the next ones. */
#define SKIP_BATCH 1024

/* Whether this mistake is to be made; in a plain build it is not in the program. */
#ifdef PLANTED_BUGS
#define CORE_PLANTED(core, bug) ((core)->config.planted >> PLANTED_##bug & 1)
#else
#define CORE_PLANTED(core, bug) false
#endif

static inline void
core_touch_task(struct core *core, uint32_t task)
{
	struct touched *touched = &core->touched;
	if (touched->tasks < TOUCHED_MAX)
		touched->task[touched->tasks] = task;
	touched->tasks++;
}

static inline void
core_touch_slot(struct core *core, uint32_t slot)
{
	struct touched *touched = &core->touched;
	/* Many changes in a row are to the same one. */
	if (touched->slots > 0 && touched->slots <= TOUCHED_MAX &&
	    touched->slot[touched->slots - 1] == slot)
		return;
	if (touched->slots < TOUCHED_MAX)
		touched->slot[touched->slots] = (uint16_t)slot;
	touched->slots++;
}

/* Appends an action; the caller fills in what kinds.def names for it. */
static inline struct core_step *
core_emit(struct core *core, enum core_kind kind)
{
	CHECK(core->out_count < core->out_max);
	struct core_step *step = &core->out[core->out_count++];
	*step = (struct core_step){.at_ns = core->now_ns, .kind = kind, .task = CORE_NO_TASK};
	return step;
}

/* start + delay, or CORE_NEVER where that cannot be told apart from never. */
static inline int64_t
core_later(int64_t start_ns, int64_t delay_ns)
{
	int64_t sum;
	return __builtin_add_overflow(start_ns, delay_ns, &sum) ? CORE_NEVER : sum;
}

static inline uint16_t
core_probe(const struct core *core)
{
	return (uint16_t)core->config.slots;
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * The coordinator: the pure state machine that decides who does which task, when a worker is given
 * up, what is tried again and when the job is over.  It owns no clock, descriptor, process or heap:
 * the caller gives it memory once and then feeds it events, each of which carries the time; it
 * answers with actions.  The same events in the same order give the same actions, bit for bit.
 *
 * The world around it may be slow, may lose or double messages and may answer late.  All of that is
 * ordinary: an event that no longer fits (unknown lease, old incarnation, task already done) is
 * counted in core_stats and changes nothing else.  Only a contradiction inside the coordinator
 * itself is fatal (CHECK).
 *
 * How it is driven:
 *     core_init(); one EV TASK_RESTORED per task that is not "stage 0, ready, epoch 1, uncharged";
 *     EV PLAN_READY; then events as they come, and EV TICK no later than core_next_due().
 *     Only a TICK gives a worker up, so hand over all messages that have arrived before it.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CORE_NO_TASK UINT32_MAX
#define CORE_NO_SLOT UINT16_MAX
#define CORE_NO_RECORD UINT64_MAX
#define CORE_NEVER INT64_MAX
#define CORE_CREDIT_MAX 64 /* leases one worker may hold */
#define CORE_STAGES_MAX 16
#define CORE_SLOTS_MAX 16384
#define CORE_ATTEMPTS_MAX 200
#define CORE_RESTARTS_MAX 1000

enum core_kind {
#define EVENT(id, name) EV_##id,
#define ACTION(id, name) ACT_##id,
#define NOTE(id, name) NOTE_##id,
#include "kinds.def"
#undef EVENT
#undef ACTION
#undef NOTE
	CORE_KINDS
};

enum task_state {
	TASK_BLOCKED,
	TASK_READY,
	TASK_LEASED,
	TASK_DONE,
	TASK_DEAD,
	TASK_SKIPPED,
	TASK_STATES
};

/* Why an attempt ended.  DATA, CRASH and HANG are charged to the task's budget, others not. */
enum cause {
	CAUSE_NONE,
	CAUSE_DATA,
	CAUSE_CRASH,
	CAUSE_HANG,
	CAUSE_INFRA,
	CAUSE_SPECULATIVE,
	CAUSES
};

/* How a step of a graph waits for another one, its parent. */
enum core_edge_kind {
	EDGE_STRONG, /* until it is done; given up or skipped, the step is skipped as well */
	EDGE_WEAK,   /* until it has ended, however: done, dead or skipped */
	EDGE_DEATH   /* to make up for it: until it has ended, and then only if it is dead.  Of
	                several such parents one dead one is enough; with none, it is skipped */
};

struct core_edge {
	uint32_t step; /* the other end */
	uint8_t kind;  /* enum core_edge_kind */
};

/* Steps that wait for each other, without a cycle.  It is gone through as often as there are tasks
 * for it: task t is step t % steps.  All arrays are the caller's and outlive the coordinator. */
struct core_graph {
	uint32_t steps;
	const uint32_t
	    *first_parent; /* of each step: where its edges begin in parent, and the end */
	const struct core_edge *parent;
	const uint32_t *first_child; /* the same edges, seen from the parent */
	const struct core_edge *child;
};

enum takeover { TAKEOVER_KILL, TAKEOVER_FENCE };

/* Which ready task goes to which worker.  In each an idle worker takes what is there. */
enum placement {
	PLACEMENT_HASH,  /* to the one that the ring names, whose share is what moves when workers
	                    come and go; who has nothing left takes from the longest queue */
	PLACEMENT_LEAST, /* one queue for all: to whoever holds the fewest leases */
	PLACEMENT_ROUND_ROBIN /* one queue for all: to each in turn */
};

enum core_outcome {
	OUTCOME_NONE,
	OUTCOME_DONE, /* every task done, or dead with its dead letters within their maximum */
	OUTCOME_DEAD_LETTERS, /* all that could be done is done; too many records were given up */
	OUTCOME_QUARANTINED,  /* no slot left that may be started: restart intensity exceeded */
	OUTCOME_DRAINED       /* stopped on request; not finished */
};

/* Flags of ACT ASSIGN, in its cause field. */
enum {
	CORE_ASSIGN_ISOLATE = 1, /* last try on bad data: dead-letter it, commit the rest */
	CORE_ASSIGN_SKIPS = 2,   /* some of its records are dead letters already: leave them out */
	CORE_ASSIGN_PROBE = 4,   /* run one record alone, commit nothing (record field) */
	CORE_ASSIGN_COPY = 8     /* beside an attempt that takes too long: whoever commits first */
};

/* One event or action.  Fields that a kind does not name in kinds.def are zero (task:
 * CORE_NO_TASK). */
struct core_step {
	int64_t at_ns; /* CLOCK_BOOTTIME in the real world */
	uint8_t kind;  /* enum core_kind */
	uint8_t cause; /* enum cause, or CORE_ASSIGN_* flags */
	uint16_t slot;
	uint32_t incarnation; /* of the worker in that slot: +1 at every spawn or join */
	uint32_t task;
	uint32_t epoch; /* of the task's lease */
	uint64_t record;
	uint64_t value;
};

struct core_config {
	uint32_t tasks;    /* all stages together */
	uint32_t slots;    /* places for workers, joiners included; the probe slot comes on top */
	uint32_t workers;  /* slots 0..workers-1 are spawned by us, until EV SCALE says otherwise */
	uint32_t credit;   /* leases a worker may hold, running one included: 1..CORE_CREDIT_MAX */
	uint32_t attempts; /* charged ones: 4 = tried once, retried three times */
	uint64_t dead_letters_max;      /* records; UINT64_MAX = any number */
	const struct core_graph *graph; /* NULL: tasks wait for lower stages.  Else all are of stage
	                                   0, and each is one record, given up as a whole */
	uint64_t seed;
	int64_t backoff_base_ns; /* full jitter: uniform in [0, min(cap, base * 2^(n-1))] */
	int64_t backoff_cap_ns;
	int64_t lease_ttl_ns;    /* no message at all from a worker that holds a started lease */
	int64_t suspect_ns;      /* progress stands still: noted */
	int64_t dead_ns;         /* progress stands still: given up as HANG */
	int64_t kill_confirm_ns; /* how long a kill may take before the slot is written off */
	enum takeover takeover;
	enum placement placement;
	uint32_t restart_max; /* more deaths within restart_within_ns: quarantined */
	int64_t restart_within_ns;
	int64_t restart_base_ns; /* before the second and later restarts, doubling */
	int64_t restart_cap_ns;
	/* An attempt is copied when it takes that much longer than a task of its stage did on the
	 * average, in percent, and longer than copy_least_ns; 0: never.  Only in stages (1 <<
	 * number) whose tasks have no effect but the one that they commit; not of a graph. */
	uint32_t copy_percent;
	uint32_t copy_stages;
	int64_t copy_least_ns;
#ifdef PLANTED_BUGS
	uint32_t planted; /* 1 << PLANTED_... */
#endif
};

struct core_stats {
	uint64_t tasks[TASK_STATES]; /* how many tasks are in each state now */
	uint64_t leased;             /* leases granted */
	uint64_t done;               /* completions accepted, reported or found at takeover */
	uint64_t attempts[CAUSES];   /* attempts that ended, by cause */
	uint64_t retries;            /* charged attempts that were followed by another */
	uint64_t reassigned;         /* tasks leased again after their holder was lost */
	uint64_t fenced;             /* stale commits refused by the store and reported */
	uint64_t returned;           /* prefetched leases handed back, uncharged */
	uint64_t stale;              /* late, doubled or unknown messages that changed nothing */
	uint64_t found_done;         /* committed but unreported, found by asking the store */
	uint64_t dead_records;       /* records in dead letters, all tasks */
	uint64_t isolated;           /* records proven poisonous by a probe */
	uint64_t restarts;           /* workers spawned again after a death */
	uint64_t quarantined;        /* slots */
	uint64_t hangs;              /* workers given up: no progress, or silent */
	uint64_t recovering;         /* tasks now whose holder is lost or given up, and that are
	                                neither leased again nor ended */
	uint64_t copies;             /* leases of copies granted */
	uint64_t copies_won;         /* of them, those that committed first */
};

/* Tasks of which nothing more is to be done for the job's progress: done, or not needed any more.
 * Those that were given up are not among them. */
static inline uint64_t
core_stats_over(const struct core_stats *stats)
{
	return stats->tasks[TASK_DONE] + stats->tasks[TASK_SKIPPED];
}

/* What is known of one task; for the board, for status and for tests. */
struct core_task_view {
	enum task_state state;
	uint32_t epoch;       /* the highest */
	uint16_t slot;        /* holder while leased, else CORE_NO_SLOT */
	uint32_t lease_epoch; /* of its lease: an older one while a copy of it is at work */
	uint16_t copy_slot;   /* whoever is at a copy beside it, or CORE_NO_SLOT */
	uint32_t copy_epoch;
	uint8_t stage;
	uint8_t charged; /* attempts charged against the budget since the last isolation */
	uint8_t attempt; /* current or last, from 1; 0: never leased; stops at 255 */
	bool waiting;    /* ready, but in backoff, being probed or being buried */
};

enum slot_state {
	SLOT_ABSENT,
	SLOT_STARTING, /* spawned, not joined */
	SLOT_UP,       /* idle or busy, by the number of its leases */
	SLOT_KILLING,  /* given up; its leases stay with it until its death is confirmed */
	SLOT_FENCED,   /* given up without a kill; gets no lease until it speaks */
	SLOT_RESTING,  /* dead, to be started again after a delay */
	SLOT_LEAVING,  /* dismissed */
	SLOT_QUARANTINED,
	SLOT_STATES
};

/* What is known of one slot, likewise. */
struct core_slot_view {
	enum slot_state state;
	uint32_t incarnation; /* of its present or last worker */
	uint32_t held;        /* leases */
	uint32_t task;        /* the one it is believed to be in, or CORE_NO_TASK */
};

struct core;

/* Fills *config with the defaults of DESIGN.md: 4 attempts, backoff 100 ms..30 s, lease 5 s,
 * suspect 500 ms, dead 2 s, kill confirmed within 10 s, restart 5 in 10 s from 10 ms to 1 s, credit
 * 2, takeover kill. */
void core_config_defaults(struct core_config *config);

/* Bytes that core_init needs for this configuration; grows linearly with tasks and slots. */
size_t core_size(const struct core_config *config);

/* Makes a coordinator in memory of core_size(config) bytes, aligned for any type, which stays the
 * caller's and must outlive it.  Cannot fail: an impossible configuration is a CHECK. */
struct core *core_init(void *memory, const struct core_config *config);

/* Packs what the store knows of a task for EV TASK_RESTORED's value. */
uint64_t core_restored(enum task_state state, unsigned stage, unsigned charged,
                       bool has_dead_records);
/* The state in such a value. */
enum task_state core_restored_state(uint64_t value);

/* The most actions that one step can return. */
size_t core_actions_max(const struct core_config *config);

/* Takes one event; stores the actions it leads to, in the order in which they must be performed,
 * and returns their number.  actions has room for core_actions_max().  Time must not go back
 * between events. */
size_t core_step(struct core *core, const struct core_step *event, struct core_step *actions);

/* When the next EV TICK is due at the latest, in the events' time; CORE_NEVER if nothing is waiting
 * for time. */
int64_t core_next_due(const struct core *core);

/* Verifies every invariant of core/README.md over the whole state: O(tasks).  A broken one is a
 * CHECK. */
void core_audit(const struct core *core);

/* Verifies what the last step could have broken, in time proportional to what it touched; some
 * contradictions, such as a link in the middle of a queue, are only found by core_audit.  Called
 * after every step; after one that was left out it begins anew, at the cost of core_audit. */
void core_audit_step(struct core *core);

const struct core_stats *core_stats(const struct core *core);
struct core_task_view core_task(const struct core *core, uint32_t task);
struct core_slot_view core_slot(const struct core *core, uint16_t slot);
enum core_outcome core_outcome(const struct core *core);

/* Which slot has the numbers of probes: the one after the last. */
uint16_t core_probe_slot(const struct core_config *config);

#ifdef PLANTED_BUGS
enum core_planted {
#define PLANTED(id, name, mistake) PLANTED_##id,
#include "planted.def"
#undef PLANTED
	CORE_PLANTED_BUGS
};

const char *core_planted_name(unsigned bug);
const char *core_planted_mistake(unsigned bug);
#endif

const char *core_kind_name(unsigned kind); /* "?" for a number out of range */
const char *task_state_name(unsigned state);
const char *cause_name(unsigned cause);

#endif

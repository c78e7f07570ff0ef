/* SPDX-License-Identifier: ISC
 *
 * The virtual world: the same scenario and the same coordinator as the real one, in one process, in
 * time that jumps to the next instant at which something is due.  Workers, network and store are
 * models; the store's model has the rules of the real one's transactions.  One seed gives one
 * history, bit for bit, on every machine and compiler: no floating point, no address, no clock, no
 * order of a hash table decides anything.
 */
#ifndef SIM_VIRTUAL_VIRTUAL_H
#define SIM_VIRTUAL_VIRTUAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/core.h"
#include "sim/scenario/scenario.h"
#include "sim/verdict/placing.h"

/* What is to be done: made from a scenario, or drawn by a fuzzer. */
struct virtual_plan {
	uint32_t tasks; /* all stages; an output task, if any, is the last and of stage 1 */
	bool has_output;
	uint32_t *records; /* of each task; owned */
	uint64_t *first;   /* number of its first record; owned */
	uint64_t total;    /* records */
	uint64_t *bad;     /* numbers of the records that cannot be used, ascending; owned */
	size_t bads;
};

/* Splits as the real world would: reads the scenario's input when it has one.  0, or -errno after
 * saying why. */
int virtual_plan_init(struct virtual_plan *plan, const struct scenario *scenario);
void virtual_plan_fini(struct virtual_plan *plan);
/* The first bad record >= record; UINT64_MAX: none. */
uint64_t virtual_plan_bad(const struct virtual_plan *plan, uint64_t record);

/* Can the virtual world play every fault of the scenario?  If not, says in a line which one it
 * cannot. */
bool virtual_can_play(const struct scenario *scenario, char *why, size_t size);

/* Who hears what the event log and plan.jsonl of a real run would say, in model time.  Processes
 * are numbered in the order in which they begin, where their pids would stand. */
struct virtual_recorder {
	void (*record)(void *context, const struct core_step *step, uint32_t generation);
	/* A fault is about to be injected for the number-th time. */
	void (*inject)(void *context, size_t fault, uint32_t number, int64_t now_ns);
	void *context;
};

/* What the store had of a task in the end. */
struct virtual_end {
	uint32_t epoch;
	uint8_t state; /* enum task_state */
};

struct virtual_options {
	bool audit;          /* core_audit_step after every step, core_audit now and then */
	bool safety_only;    /* faults beyond what is survivable: the job need not end */
	uint64_t events_max; /* of the coordinator; more is no progress; 0 = by the plan's size */
	FILE *trace;         /* a line per event and action, or NULL */
	const struct virtual_recorder *recorder; /* or NULL */
	struct virtual_end *end;                 /* of each task, to be filled in; or NULL */
};

/* What became of one fault. */
struct virtual_fault {
	uint32_t injected, landed;
	int64_t first_ns; /* of its first injection, since the run's start */
	uint64_t hit;     /* ... at this hit of its point */
};

struct virtual_report {
	enum core_outcome outcome; /* OUTCOME_NONE: it did not end */
	struct core_stats stats;   /* of all generations together, where they add up */
	uint64_t events;           /* given to the coordinator, all generations */
	uint64_t trace_hash;       /* of every event and action with its time */
	int64_t end_ns;            /* virtual time */
	uint32_t generations, lives;
	uint64_t accepted;       /* commits that the store took */
	uint64_t refused;        /* ... refused as stale */
	uint64_t effect_records; /* in the sink, each once if all is well */
	uint64_t dead_records;
	/* What expectations speak of, counted as in the real world's log. */
	uint64_t retries, takeovers, restarts, deaths, recoveries;
	int64_t recovery_longest_ns, recovery_sum_ns, supervisor_ns;
	uint64_t rework;             /* records worked on in attempts that came to nothing */
	uint64_t lost_acknowledged;  /* commits reported done and gone with the power */
	uint64_t state[TASK_STATES]; /* final states of the tasks of stage 0 */
	uint64_t skipped;            /* of a graph: because of tasks that were given up */
	/* Of a run that is kept: records in its log, and tasks whose end differs in it. */
	uint64_t log_records, log_differs;
	struct placing placing;
	uint32_t charged_max;
	uint64_t charged[CAUSES]; /* attempts in the store, by cause */
	struct virtual_fault fault[SCENARIO_FAULTS_MAX];
	/* The first broken invariant; "" = none.  `invariant` names it the same way every time (I1,
	 * A5, progress, ...): what a shrinker holds on to.  `finding` says what was found. */
	char invariant[32];
	char finding[256];
};

/* Runs the scenario to its end, all its lives.  0, or -errno (no memory).  A broken invariant, of
 * the coordinator's own audit too, is a result in the report and no error. */
int virtual_run(const struct scenario *scenario, const struct virtual_plan *plan,
                const struct virtual_options *options, struct virtual_report *report);

#endif

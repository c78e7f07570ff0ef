/* SPDX-License-Identifier: ISC
 *
 * What happened in a run, put together from its event log and its store: the numbers that
 * expectations and reports speak of, and the state that replaying the log gives.
 */
#ifndef SIM_VERDICT_FACTS_H
#define SIM_VERDICT_FACTS_H

#include <stdbool.h>

#include "core/core.h"
#include "sim/flow/flow_stats.h"
#include "sim/process/run.h"
#include "sim/sink/sink_open.h"
#include "sim/store/store_windows.h"
#include "sim/verdict/placing.h"

/* One task as the log has it. */
struct fact_task {
	int64_t lost_ns;   /* its holder was lost then and it was not leased since; 0 = no */
	uint32_t epoch;    /* the highest */
	uint32_t twin;     /* in force beside it, with a copy at work; 0: nothing is */
	uint8_t state;     /* enum task_state */
	bool copied;       /* a lease of its copy is open */
	bool acknowledged; /* the coordinator was told that it is done */
};

/* Of stream jobs. */
struct flow_facts {
	struct flow_stats stats;
	uint64_t appended, groups; /* events in the logs, their ends included; writes */
	uint64_t repairs, repaired_bytes;
	int64_t payloads; /* claim_check: files that are left */
};

struct facts {
	struct store_run run;
	struct store_counts counts;
	struct sink_counts sink; /* of jobs that have one */
	struct flow_facts flow;
	struct store_window_counts windows;
	uint64_t remade; /* mapreduce: how often a map's parts were lost, and made again */
	uint64_t leased, retries, takeovers, reassigned, fenced, returned, found_done, restarts,
	    deaths, hangs;
	uint64_t quarantined, suspected, dead_tasks, generations, isolated;
	uint64_t epochs_back;     /* times an epoch did not grow where it must */
	uint64_t stale_taken;     /* commits that the store took under an epoch that was over */
	uint64_t charged_wrongly; /* attempts charged for a cause that is not the task's */
	uint64_t early;           /* leases before what their task waits for was over */
	uint64_t copies;          /* of attempts that took too long */
	uint64_t copies_won;      /* of them, those that committed first */
	uint64_t leased_twice;    /* leases of a task that somebody else held */
	uint64_t skipped;         /* tasks that will never run because of one that was given up */
	uint64_t state_differs;   /* tasks whose state or epoch differs between log and store */
	uint32_t differing_task;  /* the first of them */
	uint64_t rework;          /* records worked on in attempts that came to nothing */
	uint64_t damaged;         /* frames that arrived damaged */
	int64_t recovery_ns[2];   /* death noticed -> leased again: longest, sum */
	uint64_t recoveries;
	int64_t supervisor_ns; /* longest from a supervisor's end to the next first lease */
	int64_t detect_ns;     /* longest from a fault's injection to the death being noticed */
	int64_t
	    job_ns; /* from start to the job's end, without the time in which no director lived */
	struct placing placing;
	uint64_t log_records;
	bool redriven; /* leases were given after the job had ended */
	uint64_t power_losses;
	uint64_t acknowledged; /* tasks that were done, as far as was known, when it was lost */
	uint64_t taken_back;   /* of them, those that were not done any more afterwards */
	int64_t submitted_s, read_s; /* wall clock at the submission, and as it was read last */
};

/* Without the ledger: do the store's own books balance, every record in an effect or in dead
 * letters?  Jobs without effects have only their tasks to count. */
bool facts_books_balance(const struct facts *facts, enum job_kind kind);

/* facts_flow.c: what a stream job's consumers have measured. */
int facts_flow_read(struct facts *facts, const struct run *run, struct sink *sink);

/* Gathers them.  0, or -errno after saying why. */
int facts_gather(struct facts *facts, struct run *run);

#endif

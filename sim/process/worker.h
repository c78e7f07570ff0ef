/* SPDX-License-Identifier: ISC
 *
 * A worker from the inside: what its parts (loop, attempt, commit, output) share.
 */
#ifndef SIM_PROCESS_WORKER_H
#define SIM_PROCESS_WORKER_H

#include "sim/channel/numbers.h"
#include "sim/process/run.h"

#define WORKER_SKIPS_MAX 1024 /* dead letters of one task that can be left out */
#define WORKER_GROUP_NS \
	(1 * NS_PER_MS) /* finished tasks wait no longer for company in one transaction */

/* A task that was worked on and awaits its commit. */
struct finished {
	struct message lease;
	struct work_result result; /* effects point into worker.effects */
	size_t effects_at;
	size_t first_dead, dead_count; /* in worker.dead */
	uint64_t given_up;             /* dead letters that are in the store already */
};

struct dead_copy {
	struct dead_record record;
	char *bytes;
};

struct worker {
	struct run *run;
	uint16_t slot;
	uint32_t incarnation, generation;
	struct channel channel;
	struct wire *wire; /* NULL: no frame had to wait */
	struct store *store;
	bool sink_failed;  /* said so */
	struct sink *sink; /* over the store, for jobs that commit on their way; else NULL */
	int out;           /* folder of the output, if the job's tasks write there */
	struct shepherd *shepherd; /* runs the job's commands; NULL: it has none */
	struct board_work *row;
	int yields;    /* how often to give the processor away before blocking */
	bool welcomed; /* has its place and knows the generation */
	bool leaving;  /* dismissed, or the supervisor is gone */
	bool orphaned; /* the supervisor is gone: nobody to report to */
	bool refused;  /* ... or does not want this worker */

	struct message queue[CORE_CREDIT_MAX]; /* leases not started yet, a ring */
	size_t queue_head, queue_count;
	struct numbers leases; /* of those that have arrived */

	struct finished group[MESSAGES_MAX];
	size_t group_count;
	int64_t group_since_ns;
	char *effects; /* copies of the group's effects, one after the other */
	size_t effects_length, effects_room;
	struct dead_copy *dead;
	size_t dead_count, dead_room;

	/* the attempt under way */
	struct message lease;
	struct work work;
	uint64_t waits; /* waiting for the store is progress of a kind: it is not the task that
	                   stands still */
	/* Progress of an output task, which has no records that could be redone. */
	uint64_t combined;
	uint64_t skip[WORKER_SKIPS_MAX];
	size_t skips;
	void *damaged;
	int64_t beat_due_ns, heard_ns;
};

/* Sends one frame about `lease` with the given outcome. */
void worker_report(struct worker *worker, enum message_kind kind, const struct message *lease,
                   enum cause cause, uint64_t record, uint64_t value);
/* Sends what is gathered; a supervisor that is gone makes the worker leave. */
void worker_flush(struct worker *worker);
/* Takes in what the supervisor has said; wait: until it says something, or for the time of a beat.
 * False: it said nothing. */
bool worker_listen(struct worker *worker, bool wait);
/* Says that progress was made, when a beat is due.  False: leave. */
bool worker_beat(struct worker *worker);
void worker_phase(struct worker *worker, enum board_phase phase);

/* Gives leases back that were never started, uncharged. */
void worker_hand_back(struct worker *worker);
/* Begins a transaction, waiting for the write lock with beats.  0 or -errno. */
int worker_begin(struct worker *worker);

/* One attempt at a task; what it yields joins the group. */
void worker_attempt(struct worker *worker, const struct message *lease);
/* Commits the group in one transaction and reports it. */
void worker_commit(struct worker *worker);
/* Writes the output file: temp, fsync, rename, fsync of the folder.  0, -ESTALE (lease lost),
 * -EINTR or -errno. */
int worker_output(struct worker *worker, const struct message *lease);

#endif

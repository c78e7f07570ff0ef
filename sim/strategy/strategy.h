/* SPDX-License-Identifier: ISC
 *
 * A strategy of recovery: what of an etl job's progress is durable, when, and in which transaction.
 * It is a table of functions; the loop that calls them (job/etl_run.c) is the same for all:
 *
 *     recover(attempt)
 *     while (claim(attempt, &batch) == 1) {
 *             work on each record of the batch
 *             commit(attempt, &batch)
 *     }
 *     finished(attempt)          then the task's `done`, as of every job
 *
 * Everything durable goes through the attempt's sink.  A strategy that keeps its transactions under
 * the fence (sink_begin(sink, true)) cannot be harmed by one who comes too late.  Each function but
 * commit may be NULL: nothing to do.
 */
#ifndef SIM_STRATEGY_STRATEGY_H
#define SIM_STRATEGY_STRATEGY_H

#include "sim/job/etl_key.h"
#include "sim/job/job.h"
#include "sim/sink/sink.h"
#include "sim/strategy/strategies.h"

/* Neighbouring records, which need not be the task's own. */
struct batch_span {
	uint64_t first, end;     /* numbers of records, the end excluded */
	uint64_t offset, length; /* the bytes they begin in, and may reach to: the input ends a
	                            record there, too */
};
#define BATCH_SPANS_MAX 1024

struct batch {
	/* From claim(): what to work on, in this order. */
	struct batch_span span[BATCH_SPANS_MAX];
	size_t spans;
	bool whole; /* it is not to be cut short when its time (recovery.checkpoint.within) is over
	             */
	/* From the loop, for commit(). */
	uint64_t next, next_offset; /* the record behind the last one that was worked on */
	uint64_t last_offset;       /* where that last one begins */
	struct sink_row *row;
	size_t rows;
	struct sink_chunk chunk; /* rows: chunk; then there is no row[] */
	struct dead_record *dead;
	size_t deads;
	struct dead_record *failed; /* strategy->one_by_one: could not be used this time */
	size_t faileds;
	uint64_t digest; /* sum of XXH3 64 of the records' bytes, those of dead letters included */
};

/* One attempt at one task by one worker. */
struct attempt {
	const struct strategy *strategy;
	struct sink *sink;
	struct work *work;
	const struct scenario *scenario;
	const struct task_plan *task;
	const char *bytes; /* the task's, verified */
	char separator;    /* between fields */
	/* Where it is: at the task's first record, until the strategy says otherwise. */
	uint64_t next, next_offset;
	bool stored;            /* the strategy's: there is a mark of this task already */
	void *own;              /* the strategy's; from malloc, freed when the attempt ends */
	struct dead_record bad; /* from finished(), with -EBADMSG: the record that it is about */
};

enum progress_state {
	PROGRESS_DONE,
	PROGRESS_OPEN,
	PROGRESS_UNKNOWN,
	PROGRESS_GIVEN_UP,
	PROGRESS_STATES
};

/* A task as the plan phase and a reader of a run see it. */
struct strategy_task {
	struct sink *sink;
	const struct scenario *scenario;
	const struct task_plan *task;
	const char *bytes; /* prepare: its own, verified */
	char separator;    /* prepare */
};

typedef void strategy_range(void *context, uint64_t first, uint64_t end, enum progress_state state);

struct strategy {
	/* A record that cannot be used is handed to commit() as failed, and the attempt goes on:
	 * the strategy keeps them apart, and finished() says that the attempt has failed. */
	bool one_by_one;
	/* What must be durable before the first record is touched: called for each task, in the
	 * transaction that seals the plan. */
	int (*prepare)(const struct strategy_task *task);
	/* What the attempt does first, whoever had the task before. */
	int (*recover)(struct attempt *attempt);
	/* What comes next.  1: the batch's spans are filled in; 0: nothing is left. */
	int (*claim)(struct attempt *attempt, struct batch *batch);
	/* Makes the batch's rows, effects and dead letters durable, and that they are. */
	int (*commit)(struct attempt *attempt, struct batch *batch);
	/* Is all of the task accounted for?  -EBADMSG: no, the attempt fails. */
	int (*finished)(struct attempt *attempt);
	/* What is left to do when all tasks are over, in an attempt at a task of its own that has
	 * no records. */
	int (*close)(struct attempt *attempt);
	/* Which records of a task that is not done were processed: each() is called for ranges in
	 * order.  NULL: nobody can tell. */
	int (*progress)(const struct strategy_task *task, strategy_range *each, void *context);
	/* How a record's key is made; NULL: etl_key(). */
	void (*key)(const struct etl_key_parts *parts, unsigned char key[SINK_KEY_BYTES]);
};

#define STRATEGY(id, symbol, name, flags, meaning) extern const struct strategy strategy_##symbol;
#include "sim/strategy/strategies.def"
#undef STRATEGY

const struct strategy *strategy_find(enum strategy_id id);

/* --- for strategies */

/* claim() for those who go from one end of the task to the other: from attempt->next on, at most
 * recovery.checkpoint.every records. */
int strategy_claim_next(struct attempt *attempt, struct batch *batch);
/* The batch is done with. */
void strategy_advance(struct attempt *attempt, const struct batch *batch);
/* Goes to a record of the task whose offset is not known, by reading over those before it. */
int strategy_seek(struct attempt *attempt, uint64_t record);
/* Writes the batch's rows or its chunk, with their effects if the job has any, and its dead
 * letters: appended, or by key, such that what is there already has no second effect. */
int strategy_append(struct attempt *attempt, struct batch *batch);
int strategy_insert(struct attempt *attempt, struct batch *batch);
int strategy_replace(struct attempt *attempt, struct batch *batch);
/* As naive strategies do it: in a transaction of its own, in which nothing says so, and without the
 * fence. */
int strategy_write_alone(struct attempt *attempt, struct batch *batch,
                         int (*write_rows)(struct attempt *attempt, struct batch *batch));
/* Its dead letters alone. */
int strategy_give_up(struct attempt *attempt, const struct batch *batch);
/* Ends the transaction in which the batch was written: commit, or rollback and `error`; with the
 * points around it. */
int strategy_end(struct attempt *attempt, int error);
/* progress() of those who go from one end of the task to the other: records before `next` are
 * done. */
void strategy_tell(const struct strategy_task *task, uint64_t next, strategy_range *each,
                   void *context);

#endif

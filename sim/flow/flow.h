/* SPDX-License-Identifier: ISC
 *
 * The job kind `stream`: events are appended to logs, one for each partition of their keys, and
 * consumed from them at the same time.  Tasks by number: for each of P partitions one that feeds
 * its log, 0..P-1, and one that consumes it, P..2P-1; of pattern kappa two that replay, of
 * stateless one that is the user service.  Nobody waits for a worker that is not there: a consumer
 * that finds its log fed by nobody feeds it itself.
 *
 * Records are numbered by partition, then in the order of the input.  A consumer's cursor moves in
 * the transaction of what it makes of the events.
 */
#ifndef SIM_FLOW_FLOW_H
#define SIM_FLOW_FLOW_H

#include "sim/flow/flow_stats.h"
#include "sim/job/input.h"
#include "sim/job/job.h"
#include "sim/job/pace.h"
#include "sim/sink/sink.h"
#include "sim/topic/topic_reader.h"

/* Marks of a consumer's task. */
enum {
	FLOW_MARK_CURSOR = 0,    /* a = number of the next record, b = offset of the next event; a
	                            blob: the end was seen */
	FLOW_MARK_STATS = -1,    /* struct flow_stats */
	FLOW_MARK_SNAPSHOT = -5, /* stateful: a = offset behind the updates that are in its blob */
	FLOW_MARK_VERSION = -4,  /* kappa: a = of the view that is in its place, b = its keys */
	FLOW_MARK_CLOCK = -3,    /* join: a = the newest event's time */
	FLOW_MARK_SEALED = -2    /* batching: a = how many batches, b = offset behind the last */
};

#define FLOW_ITEMS_MAX 4096 /* events in one transaction */

struct flow_pattern;
struct flow_feed;

struct job {
	const struct scenario *scenario;
	struct input input;
	const struct flow_pattern *pattern;
};

/* An event that is worked on. */
struct flow_item {
	struct topic_event event;
	uint64_t record;
	bool left_out; /* it is a dead letter, since before or as of now */
	bool given_up; /* as of now */
	enum record_reason reason;
};

/* A partition's log: flow_source.h. */
struct flow_source {
	struct job *job;
	struct work *work;
	uint32_t partition;
	struct topic_reader reader;
	struct flow_feed *feed; /* ours, when nobody else feeds the log */
	unsigned waits;         /* in vain, since there was an event or somebody who fed */
};

/* One attempt at consuming a partition. */
struct flow_attempt {
	struct job *job;
	const struct task_plan *task;
	struct work *work;
	struct work_result *result;
	struct flow_source source;
	struct pace pace;
	struct flow_item *item; /* room for FLOW_ITEMS_MAX */
	size_t items;
	bool ended;           /* the log's end was read */
	bool stored;          /* there is a cursor in run.db */
	bool over;            /* and it says that the end was seen */
	uint64_t next;        /* what that cursor says: the next record, */
	uint64_t next_offset; /* and event */
	struct flow_stats stats;
	void *own;            /* the pattern's; from malloc, freed when the attempt ends */
	int64_t *appended_ns; /* batching: when each event of the batch was appended */
	int64_t stats_due_ns,
	    processor_ns; /* stored next; processor time up to now that is in it */
};

/* What is done with the events. */
struct flow_pattern {
	bool has_users; /* updates of users are in a topic of their own */
	/* All of it; else flow_consume_each() calls those below. */
	int (*consume)(struct flow_attempt *attempt);
	/* Before the first event; NULL: nothing to do, as for end(). */
	int (*begin)(struct flow_attempt *attempt);
	/* Items are gathered, the transaction has not begun; NULL: nothing to do. */
	int (*ready)(struct flow_attempt *attempt);
	/* In the transaction that moves the cursor, for each event that is not left out. */
	int (*apply)(struct flow_attempt *attempt, const struct flow_item *item);
	/* At the transaction's end, whether the log's end was seen or not (attempt->ended). */
	int (*end)(struct flow_attempt *attempt);
	/* The transaction is committed. */
	int (*committed)(struct flow_attempt *attempt);
	/* The attempt is over, however it ended. */
	void (*finish)(struct flow_attempt *attempt);
};
extern const struct flow_pattern flow_streaming, flow_batching, flow_join, flow_kappa,
    flow_stateless, flow_stateful, flow_claim_check;
const struct flow_pattern *flow_pattern_find(enum stream_pattern pattern);

/* Names of files: a partition's log. */
const char *flow_topic_name(uint32_t partition, char name[TOPIC_NAME_MAX]);
/* ... and its log of updates of users. */
const char *flow_users_name(uint32_t partition, char name[TOPIC_NAME_MAX]);

/* flow_consume.c: an attempt at a consumer's task. */
int flow_consume(struct job *job, const struct task_plan *task, struct work *work,
                 struct work_result *result);

/* --- for patterns; all return 0 or -errno unless they say otherwise */

/* Works on a new item (beats, faults): it may be left out then; -EBADMSG: the attempt fails. */
int flow_work_on(struct flow_attempt *attempt, struct flow_item *item);
/* An item cannot be used: it is to be given up, or, -EBADMSG, the attempt fails. */
int flow_bad(struct flow_attempt *attempt, struct flow_item *item, enum record_reason reason);
/* Inside a transaction: gives up an item that is. */
int flow_give_up(struct flow_attempt *attempt, const struct flow_item *item);
/* Inside a transaction: moves the cursor from where it was, and stores the figures now and then;
 * `end`: the log's end was seen.  flow_moved(): it was committed. */
int flow_move(struct flow_attempt *attempt, uint64_t next, uint64_t next_offset, bool end);
void flow_moved(struct flow_attempt *attempt, uint64_t next, uint64_t next_offset, bool end);
/* Ends the transaction: commit, or rollback and `error`; with the points around it. */
int flow_end(struct work *work, int error);
/* The number of an event's record. */
uint64_t flow_record(const struct flow_attempt *attempt, const struct topic_event *event);

#endif

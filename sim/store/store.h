/* SPDX-License-Identifier: ISC
 *
 * The durable state of a run: run.db, SQLite in WAL mode.  The supervisor writes the plan,
 * generations, fences and dead letters; each worker commits its own tasks, effects and `done` in
 * one transaction, under the fencing token (generation, epoch).  A connection belongs to the
 * process that opened it and is never carried across a fork: a process that forks closes its
 * connection first, because SQLite's own account of open files would go astray in the child.
 *
 * Functions return 0 or -errno unless they say otherwise; store_error() then has SQLite's words.
 * -EBUSY: another process held the write lock for longer than busy_ms.
 */
#ifndef SIM_STORE_STORE_H
#define SIM_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "sim/job/job.h"
#include "sim/scenario/scenario.h"

#define STORE_FORMAT 1

struct store;

enum run_state { RUN_PLANNING, RUN_OPEN, RUN_DONE, RUN_FAILED };

struct store_run {
	char id[40];
	char name[SCENARIO_NAME_MAX];
	char logical_date[16]; /* of the run's start, fixed for good */
	uint64_t config_hash;
	uint32_t generation;
	enum run_state state;
	enum core_outcome outcome;
	struct plan_summary plan;
	struct input_identity identity;
	char input[4096];
};

/* Creates the database with an empty plan, whole or not at all; path must not exist. */
int store_create(const char *path, enum durability durability, const struct store_run *run);
/* Opens an existing one.  busy_ms bounds how long a write waits for another process. */
int store_open(struct store **store, const char *path, enum durability durability, int busy_ms);
/* The same for a reader: writes nothing, not even the WAL's index, unless SQLite must recover it.
 */
int store_open_reader(struct store **store, const char *path);
void store_close(struct store *store);
/* Keeps store_close from copying the log back into the database even when nobody else has it open:
 * for connections that are closed only to be opened again. */
void store_checkpoint_on_close(struct store *store, bool wanted);
/* Sees to it that the one file is all there is, its log copied back and removed.  Waits up to
 * wait_ms for other processes that have it open, such as one that was killed and is not gone yet.
 * -EBUSY: one still has; nothing is wrong with the store then. */
int store_settle(const char *path, enum durability durability, int wait_ms);
/* Changes how long a write waits for another process. */
void store_busy_set(struct store *store, int busy_ms);
/* So much of the database may be kept in memory: for those who write all over it in one
 * transaction, which would otherwise be written out before its end, and again.  0 or -errno. */
int store_cache_set(struct store *store, int kibibytes);
const char *store_error(const struct store *store);

int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store);

int store_run_read(struct store *store, struct store_run *run);
/* The version of the store's layout that it was made in: ours is STORE_FORMAT. */
int store_format_read(struct store *store, int *format);

/* Plan: clear, put each task, seal, inside one transaction. */
int store_plan_clear(struct store *store);
int store_plan_put(struct store *store, const struct task_plan *task);
int store_plan_seal(struct store *store, const struct plan_summary *summary);
/* For whoever seals nothing: the task as it is now, if it is not over, and then how much there is
 * now; bytes and fingerprint stay those of the first plan. */
int store_plan_put_again(struct store *store, const struct task_plan *task);
int store_plan_split_again(struct store *store, const struct plan_summary *summary);
int store_identity_set(struct store *store, const struct input_identity *identity);

/* Raises the generation durably and returns the new one; acquits records that a probe of an older
 * generation left under suspicion. */
int store_generation_raise(struct store *store, uint32_t *generation);
/* Marks the run done or failed, if this generation is still the current one (-ESTALE if not). */
int store_run_end(struct store *store, uint32_t generation, enum run_state state,
                  enum core_outcome outcome);

/* Calls each() for every task that is not stage 0, ready, epoch 1, uncharged. */
struct store_task {
	uint32_t task, epoch;
	enum task_state state;
	uint8_t stage;
	uint32_t charged;
	uint32_t reason; /* skipped: the task that is to blame, or CORE_NO_TASK */
	uint64_t dead_records;
};
int store_tasks_load(struct store *store,
                     void (*each)(void *context, const struct store_task *task), void *context);
/* What the plan says of one task. */
int store_task_plan(struct store *store, uint32_t task, struct task_plan *plan);

/* Worker, inside store_begin/commit.  store_generation_check: -ESTALE if the run is in another
 * generation. store_task_done: 1 if the task is now done by us, 0 if our lease is stale (write
 * nothing more for it). */
int store_generation_check(struct store *store, uint32_t generation);
int store_task_done(struct store *store, uint32_t task, uint32_t epoch, uint32_t generation,
                    uint16_t slot);
int store_effect_put(struct store *store, uint32_t task, const struct work_result *result);
/* Of a graph: 1 if what the task waits for has ended as its edges say, by what is committed; 0 if
 * not.  To be asked in the transaction that makes it done: nothing else says that it may be. */
int store_graph_allows(struct store *store, const struct core_graph *graph, uint32_t task);
/* The task's effect, which cannot be taken back, joins those that were before. */
int store_graph_effect(struct store *store, uint32_t task);
/* Puts another effect in the place of a task's, if that is still `old`.  1; 0: it is not; -errno.
 */
int store_effect_replace(struct store *store, uint32_t task, const void *old, size_t old_length,
                         const void *effect, size_t length);
/* 1 if (task, epoch) is open and the generation ours, 0 if not. */
int store_task_current(struct store *store, uint32_t task, uint32_t epoch, uint32_t generation);
/* The task's enum task_state, or -errno; -ENOENT: there is no such task. */
int store_task_state(struct store *store, uint32_t task);

/* Dead letters.  suspect: written before a probe touches the record; it counts only once confirmed,
 * and may be there already, from a probe that was killed.
 * Otherwise a suspicion that is there is confirmed by it; -EEXIST: it is a dead letter already. */
int store_dead_put(struct store *store, uint32_t task, const struct dead_record *dead,
                   bool suspect);
int store_dead_acquit(struct store *store, uint32_t task, uint64_t record);
/* The records of a task that are dead letters into records[max], first those that end who touches
 * them, each ascending; returns how many there are, or -errno. */
int store_dead_records(struct store *store, uint32_t task, uint64_t *records, size_t max);

/* Dead letters of a task that the coordinator was not told of. */
int store_task_given_up(struct store *store, uint32_t task, uint64_t *records);

/* Supervisor, inside a transaction. */
/* Puts another epoch in force beside *epoch, which is the task's: 1, and *epoch is the new one; 0:
 * the task is done, or has another epoch by now; -errno. */
int store_task_copy(struct store *store, uint32_t task, uint32_t *epoch);
/* Ends the lease under *epoch, and not one that is in force beside it, and counts the attempt under
 * its cause.  1: *epoch is the task's highest now; 0: the task was done already; *epoch is
 * untouched, *dead is how many records that commit gave up. */
int store_task_fence(struct store *store, uint32_t task, enum cause cause, bool charged,
                     uint32_t *epoch, uint64_t *dead);
int store_task_epoch(struct store *store, uint32_t task, uint32_t *epoch);
/* Gives the task up: its records become one dead letter, but for those that an etl job has got
 * behind it; *records = how many, without those that the coordinator has counted before. */
int store_task_bury(struct store *store, uint32_t task, uint32_t reason, uint64_t *records);
/* Confirms a suspect record as a dead letter with its evidence (a wait status), uncharges and
 * re-epochs its task. */
int store_record_bury(struct store *store, uint32_t task, uint64_t record, int evidence,
                      uint32_t *epoch);
/* blame: the task because of which it will never run; CORE_NO_TASK: it is not needed. */
int store_task_skip(struct store *store, uint32_t task, uint32_t blame);
/* Marks every open task done at once (jobs that are not durable task by task). */
int store_tasks_done(struct store *store, uint32_t generation);

/* Reopens a failed run: dead tasks become ready again, each dead record of a done task becomes a
 * task of its own, the output task is opened again.  input: path of the run's input, "" without
 * one.  *tasks = how many there are to do besides the output.  all: nothing is done before the job
 * is (it was only reported), so that all dead letters are forgotten.  In one transaction. */
int store_redrive(struct store *store, const char *input, bool all, uint64_t *tasks);

/* The same of a graph: dead tasks become ready again, but for those that something else has made up
 * for, and with them what was skipped for them alone.  Each keeps its number. */
int store_graph_redrive(struct store *store, const struct core_graph *graph, uint64_t *tasks);

/* Reading. */
int store_effects_first(struct store *store, struct effects_reader *reader);
/* The same of one stage's tasks, in the order of their records. */
int store_effects_of_stage(struct store *store, unsigned stage, struct effects_reader *reader);
struct store_counts {
	uint64_t tasks[TASK_STATES], records[TASK_STATES]; /* stage 0; done: without dead letters */
	uint64_t dead_records;
	uint64_t attempts[CAUSES];
	uint32_t charged_max;
	uint64_t effect_records;  /* records that the effects were made from */
	uint64_t effects_missing; /* done without effect, or effect without done */
};
int store_counts_read(struct store *store, struct store_counts *counts);
struct store_task_row {
	struct task_plan plan;
	enum task_state state;
	uint32_t epoch, charged, reason;
	uint64_t attempts[CAUSES];
};
int store_tasks_read(struct store *store, uint32_t from,
                     int (*each)(void *context, const struct store_task_row *row), void *context);
/* The plan alone, without checksums: cheaper where there are many tasks. */
int store_plan_read(struct store *store, int (*each)(void *context, const struct task_plan *plan),
                    void *context);
struct store_dead_row {
	uint32_t task;
	uint64_t records;
	int evidence;
	struct dead_record dead;
	size_t bytes_length;
};
int store_dead_read(struct store *store,
                    int (*each)(void *context, const struct store_dead_row *row), void *context);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The store's model: the rows of run.db that decide anything, under the rules of sim/store's
 * statements.  A function that changes rows is one that runs inside a transaction there; who may
 * write when is the lock's business (lock.c).
 */
#ifndef SIM_VIRTUAL_ROWS_H
#define SIM_VIRTUAL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "sim/store/store.h"
#include "sim/virtual/virtual.h"

/* Mistakes that test builds can make here. */
enum rows_mistake {
	ROWS_NO_FENCE = 1,        /* a commit's epoch is not compared */
	ROWS_NO_GENERATION = 2,   /* a commit's generation is not compared */
	ROWS_UNSYNCED = 4,        /* a commit is reported before it is synced */
	ROWS_FENCE_DONE = 8,      /* a takeover opens what is done already */
	ROWS_UNCHARGED = 16,      /* attempts are never charged */
	ROWS_EFFECT_WITHOUT = 32, /* effects are kept though the lease is stale */
	ROWS_NOT_RAISED = 64,     /* a new supervisor keeps the generation */
	ROWS_TWIN_STAYS =
	    128, /* an attempt's epoch is in force still when its copy goes on alone */
};

struct row {
	uint32_t epoch;
	uint32_t twin; /* in force beside it; 0: none is */
	uint8_t state; /* ready, done, dead or skipped: a lease is not durable */
	uint8_t stage;
	uint32_t reason; /* of one that was skipped: the task that is to blame */
	uint32_t charged, skips;
	uint32_t attempts[CAUSES]; /* that were lost, by cause */
	uint32_t effects;          /* of it in the sink: 1 when done */
	uint64_t effect_records;
	uint64_t dead_records;
};

struct row_dead {
	uint32_t task;
	bool confirmed; /* not only a probe's suspicion */
	uint64_t record, records;
};

struct rows {
	const struct virtual_plan *plan;
	const struct core_graph *graph; /* NULL: tasks wait for stages */
	uint32_t generation;
	enum run_state state;
	enum core_outcome outcome;
	unsigned mistakes; /* enum rows_mistake */
	struct row *row;
	struct row_dead *dead;
	size_t dead_count, dead_room;
};

/* 0 or -ENOMEM. */
int rows_init(struct rows *rows, const struct virtual_plan *plan);
void rows_fini(struct rows *rows);
/* As on the first day. */
void rows_reset(struct rows *rows);

uint32_t rows_generation_raise(struct rows *rows);
/* May a holder of this token write? */
bool rows_generation_is(const struct rows *rows, uint32_t generation);
bool rows_task_current(const struct rows *rows, uint32_t task, uint32_t epoch, uint32_t generation);
/* Would rows_task_done() take it? */
bool rows_task_takes(const struct rows *rows, uint32_t task, uint32_t epoch);
/* 1: done by us, 0: the lease is stale. */
int rows_task_done(struct rows *rows, uint32_t task, uint32_t epoch);
/* 0, or -EEXIST: it has one. */
int rows_effect_put(struct rows *rows, uint32_t task, uint64_t records);
/* 1 with another epoch in force beside *epoch, 0: it is done already, or has another one. */
int rows_task_copy(struct rows *rows, uint32_t task, uint32_t *epoch);
/* Ends the lease under *epoch.  1 with the highest one now, 0: it is done already; *dead = records
 * that its commit gave up. */
int rows_task_fence(struct rows *rows, uint32_t task, enum cause cause, bool charged,
                    uint32_t *epoch, uint64_t *dead);
/* *records = how many are given up with it, beside those that were before.  0 or -errno. */
int rows_task_bury(struct rows *rows, uint32_t task, uint32_t reason, uint64_t *records);
/* 0 or -errno; -EEXIST: it is given up already. */
int rows_record_bury(struct rows *rows, uint32_t task, uint64_t record, uint32_t *epoch);
void rows_task_skip(struct rows *rows, uint32_t task, uint32_t blame);
void rows_tasks_done(struct rows *rows);
/* -ESTALE: another generation rules. */
int rows_run_end(struct rows *rows, uint32_t generation, enum run_state state,
                 enum core_outcome outcome);

/* 0 or -errno. */
int rows_dead_put(struct rows *rows, uint32_t task, uint64_t record, bool suspect);
void rows_dead_acquit(struct rows *rows, uint32_t task, uint64_t record);
/* The first record >= record of the task that is a dead letter; UINT64_MAX: none. */
uint64_t rows_dead_next(const struct rows *rows, uint32_t task, uint64_t record);

#endif

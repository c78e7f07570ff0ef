/* SPDX-License-Identifier: ISC
 *
 * The supervisor's side: taking over leases, giving tasks and records up.
 */
#include <errno.h>

#include "sim/store/store_internal.h"
#include "sim/util/plant.h"

/* One integer from a statement that returns at most one row: 1 with *value, 0 without, or -errno.
 */
static int
read_one(struct store *store, sqlite3_stmt *row, int64_t *value)
{
	int found = store_step_row(store, row);

	if (found == 1) {
		*value = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	return found;
}

static void
open_done_if_planted(struct store *store, uint32_t task)
{
#ifdef PLANTED_BUGS
	if (planted("fence-opens-done"))
		STORE_RUN(store, SQL_TASK_OPEN_DONE, task);
#endif
}

static sqlite3_stmt *
fence_statement(struct store *store, uint32_t task, enum cause cause, bool charged, uint32_t epoch)
{
#ifdef PLANTED_BUGS
	if (planted("fence-leaves-twin"))
		return STORE_BIND(store, SQL_TASK_FENCE_LEAVES, task, charged, cause, epoch);
#endif
	return STORE_BIND(store, SQL_TASK_FENCE, task, charged, cause, epoch);
}

int
store_task_copy(struct store *store, uint32_t task, uint32_t *epoch)
{
	int64_t value = 0;
	int found = read_one(store, STORE_BIND(store, SQL_TASK_COPY, task, *epoch), &value);

	if (found == 1)
		*epoch = (uint32_t)value;
	return found;
}

int
store_task_fence(struct store *store, uint32_t task, enum cause cause, bool charged,
                 uint32_t *epoch, uint64_t *dead)
{
	int64_t value = 0;
	int found;

	open_done_if_planted(store, task);
	charged &= !planted("charge-not-stored");
	found = read_one(store, fence_statement(store, task, cause, charged, *epoch), &value);
	if (found == 1)
		*epoch = (uint32_t)value;
	if (found != 0)
		return found;
	return store_task_given_up(store, task, dead);
}

int
store_task_epoch(struct store *store, uint32_t task, uint32_t *epoch)
{
	int64_t value = 0;
	int found = read_one(store, STORE_BIND(store, SQL_TASK_EPOCH, task), &value);

	*epoch = (uint32_t)value;
	if (found == 0)
		return -ENOENT;
	return found < 0 ? found : 0;
}

/* How far a task got that was given up, and what of it was given up before. */
struct frontier {
	uint64_t record; /* those before it are accounted for: by an etl job's own marks, or, where
	                    it keeps none, by its rows, which come in order */
	uint64_t known;  /* dead letters that the coordinator has counted */
	uint64_t kept;   /* dead letters before it */
};

static int
read_frontier(struct store *store, uint32_t task, struct frontier *frontier)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_TASK_FRONTIER, task);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	*frontier = (struct frontier){
	    .record = (uint64_t)sqlite3_column_int64(row, 0),
	    .known = (uint64_t)sqlite3_column_int64(row, 1),
	    .kept = (uint64_t)sqlite3_column_int64(row, 2),
	};
	sqlite3_reset(row);
	return 0;
}

int
store_task_given_up(struct store *store, uint32_t task, uint64_t *records)
{
	int64_t value = 0;
	int found = read_one(store, STORE_BIND(store, SQL_TASK_GIVEN_UP, task), &value);

	*records = (uint64_t)value;
	return found < 0 ? found : 0;
}

int
store_task_bury(struct store *store, uint32_t task, uint32_t reason, uint64_t *records)
{
	struct task_plan plan;
	struct frontier frontier = {0};
	int changed = STORE_RUN(store, SQL_TASK_BURY, task, reason);

	if (changed <= 0)
		return changed < 0 ? changed : -ESTALE;
	changed = store_task_plan(store, task, &plan);
	if (changed == 0)
		changed = store_items_bury(store, &plan, reason);
	if (changed == 1)
		return store_task_given_up(store, task, records);
	if (changed == 0)
		changed = read_frontier(store, task, &frontier);
	if (changed < 0)
		return changed;
	/* Records that were given up one by one are part of the rest now. */
	changed = STORE_RUN(store, SQL_DEAD_CLEAR_TASK, task, (int64_t)frontier.record);
	if (changed < 0)
		return changed;
	*records = frontier.kept + (plan.first + plan.records - frontier.record) - frontier.known;
	if (plan.first + plan.records == frontier.record) /* an output task has none of its own */
		return 0;
	changed = STORE_RUN(store, SQL_DEAD_PUT_TASK, task, reason, (int64_t)frontier.record);
	return changed < 0 ? changed : 0;
}

int
store_record_bury(struct store *store, uint32_t task, uint64_t record, int evidence,
                  uint32_t *epoch)
{
	int64_t value = 0;
	int changed = STORE_RUN(store, SQL_DEAD_CONFIRM, task, (int64_t)record, evidence);
	int found;

	if (changed < 0)
		return changed;
	if (changed == 0) { /* the probe died before it could write down its suspicion */
		struct dead_record dead = {
		    .record = record, .reason = REASON_CRASHED, .column = UINT32_MAX};
		changed = store_dead_put(store, task, &dead, false);
		if (changed < 0)
			return changed;
	}
	found = read_one(store, STORE_BIND(store, SQL_TASK_ISOLATED, task), &value);
	if (found <= 0)
		return found < 0 ? found : -ESTALE;
	*epoch = (uint32_t)value;
	return 0;
}

int
store_task_skip(struct store *store, uint32_t task, uint32_t blame)
{
	int changed = STORE_RUN(store, SQL_TASK_SKIP, task, blame);

	return changed < 0 ? changed : 0;
}

int
store_tasks_done(struct store *store, uint32_t generation)
{
	int changed = STORE_RUN(store, SQL_TASK_ALL_DONE, generation);

	return changed < 0 ? changed : 0;
}

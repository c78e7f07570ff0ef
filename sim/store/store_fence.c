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

int
store_task_fence(struct store *store, uint32_t task, enum cause cause, bool charged,
                 uint32_t *epoch, uint64_t *dead)
{
	int64_t value = 0;
	int found;

	open_done_if_planted(store, task);
	charged &= !planted("charge-not-stored");
	found = read_one(store, STORE_BIND(store, SQL_TASK_FENCE, task, charged, cause), &value);
	if (found == 1)
		*epoch = (uint32_t)value;
	if (found != 0)
		return found;
	found = read_one(store, STORE_BIND(store, SQL_TASK_GIVEN_UP, task), &value);
	if (found < 0)
		return found;
	*dead = (uint64_t)value;
	return 0;
}

int
store_task_bury(struct store *store, uint32_t task, uint32_t reason, uint64_t *records)
{
	struct task_plan plan;
	int changed = STORE_RUN(store, SQL_TASK_BURY, task, reason);

	if (changed <= 0)
		return changed < 0 ? changed : -ESTALE;
	changed = store_task_plan(store, task, &plan);
	if (changed < 0)
		return changed;
	/* Records of it that were given up one by one are part of the whole now. */
	changed = store_dead_records(store, task, NULL, 0);
	if (changed < 0)
		return changed;
	*records = plan.records - (uint64_t)changed;
	changed = STORE_RUN(store, SQL_DEAD_CLEAR_TASK, task);
	if (changed < 0 || plan.records == 0) /* an output task has none of its own */
		return changed < 0 ? changed : 0;
	changed = STORE_RUN(store, SQL_DEAD_PUT_TASK, task, reason);
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
store_task_skip(struct store *store, uint32_t task)
{
	int changed = STORE_RUN(store, SQL_TASK_SKIP, task);

	return changed < 0 ? changed : 0;
}

int
store_tasks_done(struct store *store, uint32_t generation)
{
	int changed = STORE_RUN(store, SQL_TASK_ALL_DONE, generation);

	return changed < 0 ? changed : 0;
}

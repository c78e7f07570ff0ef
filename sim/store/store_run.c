/* SPDX-License-Identifier: ISC
 *
 * The run's one row, and the plan: written once, sealed, then only read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/fault/point.h"
#include "sim/store/store_internal.h"
#include "sim/util/plant.h"

static void
copy_text(char *out, size_t size, sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	snprintf(out, size, "%s", text == NULL ? "" : (const char *)text);
}

int
store_run_read(struct store *store, struct store_run *run)
{
	sqlite3_stmt *row = store_statement(store, SQL_RUN_READ, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	memset(run, 0, sizeof(*run));
	copy_text(run->id, sizeof(run->id), row, 0);
	copy_text(run->name, sizeof(run->name), row, 1);
	run->config_hash = (uint64_t)sqlite3_column_int64(row, 2);
	copy_text(run->logical_date, sizeof(run->logical_date), row, 3);
	run->generation = (uint32_t)sqlite3_column_int64(row, 4);
	run->state = (enum run_state)sqlite3_column_int(row, 5);
	run->plan.tasks = (uint32_t)sqlite3_column_int64(row, 6);
	run->plan.records = (uint64_t)sqlite3_column_int64(row, 7);
	run->plan.bytes = (uint64_t)sqlite3_column_int64(row, 8);
	run->plan.fingerprint = (uint64_t)sqlite3_column_int64(row, 9);
	run->identity.device = (uint64_t)sqlite3_column_int64(row, 10);
	run->identity.inode = (uint64_t)sqlite3_column_int64(row, 11);
	run->identity.size = (uint64_t)sqlite3_column_int64(row, 12);
	run->identity.mtime_ns = sqlite3_column_int64(row, 13);
	run->identity.ctime_ns = sqlite3_column_int64(row, 14);
	copy_text(run->input, sizeof(run->input), row, 15);
	run->outcome = (enum core_outcome)sqlite3_column_int(row, 16);
	sqlite3_reset(row);
	return 0;
}

int
store_format_read(struct store *store, int *format)
{
	sqlite3_stmt *row = store_statement(store, SQL_RUN_FORMAT, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	*format = sqlite3_column_int(row, 0);
	sqlite3_reset(row);
	return 0;
}

static int
plain(int changed)
{
	return changed < 0 ? changed : 0;
}

int
store_plan_clear(struct store *store)
{
	return plain(store_step_reset(store, store_statement(store, SQL_TASK_CLEAR, 0, NULL)));
}

static int
put(struct store *store, enum statement how, const struct task_plan *task)
{
	return plain(STORE_RUN(store, how, task->task, task->stage, (int64_t)task->first,
	                       (int64_t)task->records, (int64_t)task->offset, (int64_t)task->length,
	                       (int64_t)task->checksum, task->range));
}

int
store_plan_put(struct store *store, const struct task_plan *task)
{
	return put(store, SQL_TASK_PUT, task);
}

int
store_plan_put_again(struct store *store, const struct task_plan *task)
{
	return put(store, SQL_TASK_PUT_AGAIN, task);
}

int
store_plan_split_again(struct store *store, const struct plan_summary *summary)
{
	return plain(
	    STORE_RUN(store, SQL_RUN_SPLIT_AGAIN, summary->tasks, (int64_t)summary->records));
}

int
store_plan_seal(struct store *store, const struct plan_summary *summary)
{
	int changed = STORE_RUN(store, SQL_RUN_SEAL, summary->tasks, (int64_t)summary->records,
	                        (int64_t)summary->bytes, (int64_t)summary->fingerprint);

	if (changed == 0)
		return -EEXIST;
	return plain(changed);
}

int
store_identity_set(struct store *store, const struct input_identity *identity)
{
	return plain(STORE_RUN(store, SQL_RUN_IDENTITY, (int64_t)identity->device,
	                       (int64_t)identity->inode, (int64_t)identity->size,
	                       identity->mtime_ns, identity->ctime_ns));
}

static enum statement
raising(void)
{
#ifdef PLANTED_BUGS
	if (planted("generation-not-raised"))
		return SQL_RUN_NOT_RAISED;
#endif
	return SQL_RUN_RAISE;
}

static int
generation_raise(struct store *store, uint32_t *generation)
{
	sqlite3_stmt *row = store_statement(store, raising(), 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	*generation = (uint32_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	found =
	    plain(store_step_reset(store, store_statement(store, SQL_DEAD_ACQUIT_ALL, 0, NULL)));
	if (found != 0)
		return found;
	/* The dead letters of open tasks are counted when the tasks are restored; a commit must not
	 * count them again. */
	return plain(store_step_reset(store, store_statement(store, SQL_TASK_DEAD_KNOWN, 0, NULL)));
}

int
store_generation_raise(struct store *store, uint32_t *generation)
{
	int error = store_begin(store);

	if (error != 0)
		return error;
	error = generation_raise(store, generation);
	if (error != 0) {
		store_rollback(store);
		return error;
	}
	point_reach(POINT_SUPERVISOR_BEFORE_GENERATION);
	return store_commit(store);
}

int
store_run_end(struct store *store, uint32_t generation, enum run_state state,
              enum core_outcome outcome)
{
	int changed = STORE_RUN(store, SQL_RUN_END, state, outcome, generation);

	if (changed == 0)
		return -ESTALE;
	return plain(changed);
}

/* The next task with dead letters, in order; CORE_NO_TASK when there is none left. */
static int
next_dead(struct store *store, sqlite3_stmt *row, uint32_t *task, uint64_t *records)
{
	int found = store_step_row(store, row);

	*task = found == 1 ? (uint32_t)sqlite3_column_int64(row, 0) : CORE_NO_TASK;
	*records = found == 1 ? (uint64_t)sqlite3_column_int64(row, 1) : 0;
	return found < 0 ? found : 0;
}

int
store_tasks_load(struct store *store, void (*each)(void *context, const struct store_task *task),
                 void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_TASK_CHANGED, 0, NULL);
	sqlite3_stmt *dead = store_statement(store, SQL_DEAD_BY_TASK, 0, NULL);
	uint32_t dead_task;
	uint64_t dead_records;
	int error = next_dead(store, dead, &dead_task, &dead_records), found = 0;

	/* Both come in the order of the tasks, so one pass over each will do. */
	while (error == 0 && (found = store_step_row(store, row)) == 1) {
		struct store_task task = {
		    .task = (uint32_t)sqlite3_column_int64(row, 0),
		    .state = (enum task_state)sqlite3_column_int(row, 1),
		    .stage = (uint8_t)sqlite3_column_int(row, 2),
		    .epoch = (uint32_t)sqlite3_column_int64(row, 3),
		    .charged = (uint32_t)sqlite3_column_int64(row, 4),
		    .reason = (uint32_t)sqlite3_column_int64(row, 5),
		};
		if (task.task == dead_task) {
			task.dead_records = dead_records;
			error = next_dead(store, dead, &dead_task, &dead_records);
		}
		each(context, &task);
	}
	if (error != 0 && row != NULL)
		sqlite3_reset(row);
	if (dead != NULL)
		sqlite3_reset(dead);
	return error != 0 ? error : found;
}

int
store_task_plan(struct store *store, uint32_t task, struct task_plan *plan)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_TASK_PLAN, task);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	*plan = (struct task_plan){
	    .task = task,
	    .stage = (uint8_t)sqlite3_column_int(row, 0),
	    .first = (uint64_t)sqlite3_column_int64(row, 1),
	    .records = (uint64_t)sqlite3_column_int64(row, 2),
	    .offset = (uint64_t)sqlite3_column_int64(row, 3),
	    .length = (uint64_t)sqlite3_column_int64(row, 4),
	    .checksum = (uint64_t)sqlite3_column_int64(row, 5),
	    .range = (uint32_t)sqlite3_column_int64(row, 6),
	};
	sqlite3_reset(row);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * Reading the whole state back: for status, reports and the verdict.
 */
#include <errno.h>
#include <string.h>

#include "sim/store/store_internal.h"

static int
read_states(struct store *store, struct store_counts *counts)
{
	sqlite3_stmt *row = store_statement(store, SQL_COUNT_STATES, 0, NULL);
	int found;

	while ((found = store_step_row(store, row)) == 1) {
		int state = sqlite3_column_int(row, 0);
		if (state < 0 || state >= TASK_STATES) {
			sqlite3_reset(row);
			return -EBADMSG;
		}
		counts->tasks[state] = (uint64_t)sqlite3_column_int64(row, 1);
		counts->records[state] = (uint64_t)sqlite3_column_int64(row, 2);
	}
	return found;
}

static int
read_causes(struct store *store, struct store_counts *counts)
{
	sqlite3_stmt *row = store_statement(store, SQL_SUM_CAUSES, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found;
	counts->attempts[CAUSE_DATA] = (uint64_t)sqlite3_column_int64(row, 0);
	counts->attempts[CAUSE_CRASH] = (uint64_t)sqlite3_column_int64(row, 1);
	counts->attempts[CAUSE_HANG] = (uint64_t)sqlite3_column_int64(row, 2);
	counts->attempts[CAUSE_INFRA] = (uint64_t)sqlite3_column_int64(row, 3);
	counts->charged_max = (uint32_t)sqlite3_column_int64(row, 4);
	sqlite3_reset(row);
	return 0;
}

static int
read_number(struct store *store, enum statement id, uint64_t *value)
{
	sqlite3_stmt *row = store_statement(store, id, 0, NULL);
	int found = store_step_row(store, row);

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	*value = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return 0;
}

int
store_counts_read(struct store *store, struct store_counts *counts)
{
	uint64_t dead = 0;
	int error;

	memset(counts, 0, sizeof(*counts));
	/* A live run goes on between the two: dead letters are never ahead of the records that they
	 * are taken from. */
	error = read_number(store, SQL_DEAD_OF_DONE, &dead);
	if (error == 0)
		error = read_states(store, counts);
	if (error == 0)
		counts->records[TASK_DONE] -= dead;
	if (error == 0)
		error = read_causes(store, counts);
	if (error == 0)
		error = read_number(store, SQL_DEAD_COUNT, &counts->dead_records);
	if (error == 0)
		error = read_number(store, SQL_CHECK_EFFECTS, &counts->effects_missing);
	if (error == 0)
		error = read_number(store, SQL_EFFECT_RECORDS, &counts->effect_records);
	return error;
}

int
store_tasks_read(struct store *store, uint32_t from,
                 int (*each)(void *context, const struct store_task_row *row), void *context)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_TASK_LIST, from);
	int found, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct store_task_row task = {
		    .plan.task = (uint32_t)sqlite3_column_int64(row, 0),
		    .state = (enum task_state)sqlite3_column_int(row, 1),
		    .plan.stage = (uint8_t)sqlite3_column_int(row, 2),
		    .epoch = (uint32_t)sqlite3_column_int64(row, 3),
		    .charged = (uint32_t)sqlite3_column_int64(row, 4),
		    .reason = (uint32_t)sqlite3_column_int64(row, 9),
		    .plan.first = (uint64_t)sqlite3_column_int64(row, 10),
		    .plan.records = (uint64_t)sqlite3_column_int64(row, 11),
		    .plan.offset = (uint64_t)sqlite3_column_int64(row, 12),
		    .plan.length = (uint64_t)sqlite3_column_int64(row, 13),
		    .plan.range = (uint32_t)sqlite3_column_int64(row, 14),
		};
		for (int cause = CAUSE_DATA; cause <= CAUSE_INFRA; cause++)
			task.attempts[cause] = (uint64_t)sqlite3_column_int64(row, 4 + cause);
		stopped = each(context, &task);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_plan_read(struct store *store, int (*each)(void *context, const struct task_plan *plan),
                void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_PLAN_LIST, 0, NULL);
	int found, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct task_plan plan = {
		    .task = (uint32_t)sqlite3_column_int64(row, 0),
		    .stage = (uint8_t)sqlite3_column_int(row, 1),
		    .first = (uint64_t)sqlite3_column_int64(row, 2),
		    .records = (uint64_t)sqlite3_column_int64(row, 3),
		    .offset = (uint64_t)sqlite3_column_int64(row, 4),
		    .length = (uint64_t)sqlite3_column_int64(row, 5),
		    .range = (uint32_t)sqlite3_column_int64(row, 6),
		};
		stopped = each(context, &plan);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

int
store_dead_read(struct store *store, int (*each)(void *context, const struct store_dead_row *row),
                void *context)
{
	sqlite3_stmt *row = store_statement(store, SQL_DEAD_ALL, 0, NULL);
	int found, stopped = 0;

	while (stopped == 0 && (found = store_step_row(store, row)) == 1) {
		struct store_dead_row dead = {
		    .task = (uint32_t)sqlite3_column_int64(row, 1),
		    .dead.record = (uint64_t)sqlite3_column_int64(row, 2),
		    .records = (uint64_t)sqlite3_column_int64(row, 3),
		    .dead.offset = (uint64_t)sqlite3_column_int64(row, 4),
		    .dead.length = (uint64_t)sqlite3_column_int64(row, 5),
		    .dead.bytes = sqlite3_column_blob(row, 6),
		    .bytes_length = (size_t)sqlite3_column_bytes(row, 6),
		    .dead.reason = (uint32_t)sqlite3_column_int64(row, 7),
		    .dead.column = (uint32_t)sqlite3_column_int64(row, 8),
		    .evidence = sqlite3_column_int(row, 9),
		};
		stopped = each(context, &dead);
	}
	if (stopped != 0)
		sqlite3_reset(row);
	return stopped != 0 ? stopped : found;
}

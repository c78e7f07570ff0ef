/* SPDX-License-Identifier: ISC
 *
 * The worker's side: effects and `done` under the fence.
 */
#include <errno.h>

#include "sim/store/store_internal.h"
#include "sim/util/plant.h"

int
store_generation_check(struct store *store, uint32_t generation)
{
	sqlite3_stmt *row = store_statement(store, SQL_RUN_GENERATION, 0, NULL);
	int found = store_step_row(store, row);
	int64_t current;

	if (found <= 0)
		return found < 0 ? found : -EBADMSG;
	current = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return current == generation || planted("commit-without-generation") ? 0 : -ESTALE;
}

int
store_task_done(struct store *store, uint32_t task, uint32_t epoch, uint32_t generation,
                uint16_t slot)
{
#ifdef PLANTED_BUGS
	if (planted("commit-without-fence"))
		return STORE_RUN(store, SQL_TASK_DONE_UNFENCED, task, epoch, generation, slot);
#endif
	return STORE_RUN(store, SQL_TASK_DONE, task, epoch, generation, slot);
}

int
store_effect_put(struct store *store, uint32_t task, const struct work_result *result)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_EFFECT_PUT, task, (int64_t)result->records);
	int changed;

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_bind_blob64(statement, 3, result->effects, result->effects_length, SQLITE_STATIC);
	changed = store_step_reset(store, statement);
	sqlite3_bind_null(statement, 3);
	return changed < 0 ? changed : 0;
}

int
store_effect_replace(struct store *store, uint32_t task, const void *old, size_t old_length,
                     const void *effect, size_t length)
{
	sqlite3_stmt *statement = STORE_BIND(store, SQL_EFFECT_REPLACE, task);
	int changed;

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_bind_blob64(statement, 2, old, old_length, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 3, effect, length, SQLITE_STATIC);
	changed = store_step_reset(store, statement);
	sqlite3_bind_null(statement, 2);
	sqlite3_bind_null(statement, 3);
	return changed;
}

int
store_task_current(struct store *store, uint32_t task, uint32_t epoch, uint32_t generation)
{
	sqlite3_stmt *row;
	int found = store_generation_check(store, generation);
	int current;

	if (found != 0)
		return found == -ESTALE ? 0 : found;
	row = STORE_BIND(store, SQL_TASK_CURRENT, task, epoch);
	found = store_step_row(store, row);
	if (found <= 0)
		return found;
	current = sqlite3_column_int(row, 0) == 1;
	sqlite3_reset(row);
	return current;
}

int
store_task_state(struct store *store, uint32_t task)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_TASK_STATE, task);
	int found = store_step_row(store, row), state;

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	state = sqlite3_column_int(row, 0);
	sqlite3_reset(row);
	return state;
}

int
store_dead_write(struct store *store, enum statement id, uint32_t task,
                 const struct dead_record *dead, int state)
{
	sqlite3_stmt *statement = STORE_BIND(
	    store, id, task, (int64_t)dead->record, (int64_t)dead->offset, (int64_t)dead->length, 0,
	    dead->reason, dead->column == UINT32_MAX ? -1 : (int64_t)dead->column, state);
	size_t kept = dead->length < DEAD_BYTES_MAX ? dead->length : DEAD_BYTES_MAX;
	int changed;

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_bind_blob64(statement, 5, dead->bytes, dead->bytes == NULL ? 0 : kept,
	                    SQLITE_STATIC);
	changed = store_step_reset(store, statement);
	sqlite3_bind_null(statement, 5);
	return changed;
}

int
store_dead_put(struct store *store, uint32_t task, const struct dead_record *dead, bool suspect)
{
	int changed = store_dead_write(store, suspect ? SQL_DEAD_SUSPECT : SQL_DEAD_PUT, task, dead,
	                               suspect ? 0 : 1);

	if (changed == 0 && !suspect)
		return -EEXIST;
	return changed < 0 ? changed : 0;
}

int
store_dead_acquit(struct store *store, uint32_t task, uint64_t record)
{
	int changed = STORE_RUN(store, SQL_DEAD_ACQUIT, task, (int64_t)record);

	return changed < 0 ? changed : 0;
}

int
store_dead_records(struct store *store, uint32_t task, uint64_t *records, size_t max)
{
	sqlite3_stmt *row = STORE_BIND(store, SQL_DEAD_RECORDS, task, REASON_CRASHED);
	size_t count = 0;
	int found;

	while ((found = store_step_row(store, row)) == 1) {
		if (count < max)
			records[count] = (uint64_t)sqlite3_column_int64(row, 0);
		count++;
	}
	return found < 0 ? found : (int)count;
}

static int
effects_next(struct effects_reader *reader, const void **blob, size_t *length)
{
	struct store *store = reader->context;
	sqlite3_stmt *row = store->prepared[SQL_EFFECT_ALL];
	int found = store_step_row(store, row);

	if (found == 1) {
		*blob = sqlite3_column_blob(row, 0);
		*length = (size_t)sqlite3_column_bytes(row, 0);
	}
	return found;
}

static int
stage_effects_next(struct effects_reader *reader, const void **blob, size_t *length)
{
	struct store *store = reader->context;
	sqlite3_stmt *row = store->prepared[SQL_EFFECT_STAGE];
	int found = store_step_row(store, row);

	if (found <= 0)
		return found;
	reader->task = (uint32_t)sqlite3_column_int64(row, 0);
	*blob = sqlite3_column_blob(row, 1);
	*length = (size_t)sqlite3_column_bytes(row, 1);
	return 1;
}

int
store_effects_of_stage(struct store *store, unsigned stage, struct effects_reader *reader)
{
	sqlite3_stmt *statement = store_statement(store, SQL_EFFECT_STAGE, 0, NULL);

	/* Whoever read before need not have read to the end. */
	sqlite3_reset(statement);
	if (STORE_BIND(store, SQL_EFFECT_STAGE, stage) == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	*reader = (struct effects_reader){.context = store, .next = stage_effects_next};
	return 0;
}

int
store_effects_first(struct store *store, struct effects_reader *reader)
{
	sqlite3_stmt *statement = store_statement(store, SQL_EFFECT_ALL, 0, NULL);

	if (statement == NULL)
		return store_failed(store, sqlite3_errcode(store->db));
	sqlite3_reset(statement);
	reader->context = store;
	reader->next = effects_next;
	return 0;
}

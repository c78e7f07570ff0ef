/* SPDX-License-Identifier: ISC
 *
 * The store's model.  Each function is one statement of sim/store/statements.def, or a few that
 * belong together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util/array.h"
#include "sim/virtual/rows.h"

int
rows_init(struct rows *rows, const struct virtual_plan *plan)
{
	*rows = (struct rows){.plan = plan, .row = calloc(plan->tasks + 1u, sizeof(struct row))};
	if (rows->row == NULL)
		return -ENOMEM;
	rows_reset(rows);
	return 0;
}

void
rows_fini(struct rows *rows)
{
	free(rows->row);
	free(rows->dead);
}

void
rows_reset(struct rows *rows)
{
	const struct virtual_plan *plan = rows->plan;

	for (uint32_t task = 0; task < plan->tasks; task++)
		rows->row[task] = (struct row){
		    .epoch = 1,
		    .state = TASK_READY,
		    .stage = plan->has_output && task == plan->tasks - 1,
		};
	rows->generation = 0;
	rows->state = RUN_PLANNING;
	rows->outcome = OUTCOME_NONE;
	rows->dead_count = 0;
}

static void
dead_remove(struct rows *rows, size_t index)
{
	rows->dead[index] = rows->dead[--rows->dead_count];
}

/* Forgets dead letters of a task (CORE_NO_TASK: of all), or only suspicions. */
static void
dead_clear(struct rows *rows, uint32_t task, bool suspicions)
{
	for (size_t i = rows->dead_count; i-- > 0;)
		if ((task == CORE_NO_TASK || rows->dead[i].task == task) &&
		    !(suspicions && rows->dead[i].confirmed))
			dead_remove(rows, i);
}

static struct row_dead *
dead_find(const struct rows *rows, uint32_t task, uint64_t record)
{
	for (size_t i = 0; i < rows->dead_count; i++)
		if (rows->dead[i].task == task && rows->dead[i].record == record)
			return &rows->dead[i];
	return NULL;
}

static int
dead_add(struct rows *rows, const struct row_dead *dead)
{
	struct row_dead *larger =
	    array_grow(rows->dead, rows->dead_count, &rows->dead_room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	rows->dead = larger;
	rows->dead[rows->dead_count++] = *dead;
	if (dead->confirmed)
		rows->row[dead->task].dead_records += dead->records;
	return 0;
}

/* What was a suspicion. */
static int
dead_confirm(struct rows *rows, struct row_dead *dead)
{
	if (dead->confirmed)
		return -EEXIST;
	dead->confirmed = true;
	rows->row[dead->task].dead_records += dead->records;
	return 0;
}

uint32_t
rows_generation_raise(struct rows *rows)
{
	dead_clear(rows, CORE_NO_TASK, true);
	if (rows->generation > 0 && (rows->mistakes & ROWS_NOT_RAISED) != 0)
		return rows->generation;
	return ++rows->generation;
}

bool
rows_generation_is(const struct rows *rows, uint32_t generation)
{
	return rows->generation == generation || (rows->mistakes & ROWS_NO_GENERATION) != 0;
}

static bool
is_in_force(const struct row *row, uint32_t epoch)
{
	return epoch == row->epoch || epoch == row->twin;
}

bool
rows_task_current(const struct rows *rows, uint32_t task, uint32_t epoch, uint32_t generation)
{
	const struct row *row = &rows->row[task];

	return rows_generation_is(rows, generation) && row->state == TASK_READY &&
	       is_in_force(row, epoch);
}

/* As store_graph_allows(). */
static bool
parents_allow(const struct rows *rows, uint32_t task)
{
	const struct core_graph *graph = rows->graph;
	uint32_t step, base;
	bool makes_up = false, death = false;

	if (graph == NULL)
		return true;
	step = task % graph->steps;
	base = task - step;
	for (uint32_t i = graph->first_parent[step]; i < graph->first_parent[step + 1]; i++) {
		const struct core_edge *edge = &graph->parent[i];
		uint8_t state = rows->row[base + edge->step].state;

		if (state == TASK_READY || (edge->kind == EDGE_STRONG && state != TASK_DONE))
			return false;
		makes_up |= edge->kind == EDGE_DEATH;
		death |= edge->kind == EDGE_DEATH && state == TASK_DEAD;
	}
	return !makes_up || death;
}

bool
rows_task_takes(const struct rows *rows, uint32_t task, uint32_t epoch)
{
	const struct row *row = &rows->row[task];

	return row->state == TASK_READY &&
	       (is_in_force(row, epoch) || (rows->mistakes & ROWS_NO_FENCE) != 0) &&
	       parents_allow(rows, task);
}

int
rows_task_done(struct rows *rows, uint32_t task, uint32_t epoch)
{
	if (!rows_task_takes(rows, task, epoch))
		return 0;
	rows->row[task].state = TASK_DONE;
	return 1;
}

int
rows_effect_put(struct rows *rows, uint32_t task, uint64_t records)
{
	struct row *row = &rows->row[task];

	if (row->effects > 0 && (rows->mistakes & ROWS_EFFECT_WITHOUT) == 0)
		return -EEXIST;
	row->effects++;
	row->effect_records += records;
	return 0;
}

int
rows_task_copy(struct rows *rows, uint32_t task, uint32_t *epoch)
{
	struct row *row = &rows->row[task];

	if (row->state != TASK_READY || row->epoch != *epoch)
		return 0;
	row->twin = row->epoch;
	*epoch = ++row->epoch;
	return 1;
}

int
rows_task_fence(struct rows *rows, uint32_t task, enum cause cause, bool charged, uint32_t *epoch,
                uint64_t *dead)
{
	struct row *row = &rows->row[task];

	if (row->state != TASK_READY && (rows->mistakes & ROWS_FENCE_DONE) == 0) {
		*dead = row->dead_records - row->skips;
		return 0;
	}
	row->state = TASK_READY;
	row->charged += charged && (rows->mistakes & ROWS_UNCHARGED) == 0;
	row->attempts[cause]++;
	if (row->twin != *epoch)
		row->epoch++;
	else if ((rows->mistakes & ROWS_TWIN_STAYS) == 0)
		row->twin = 0;
	*epoch = row->epoch;
	return 1;
}

int
rows_task_bury(struct rows *rows, uint32_t task, uint32_t reason, uint64_t *records)
{
	const struct virtual_plan *plan = rows->plan;
	struct row *row = &rows->row[task];

	if (row->state != TASK_READY)
		return -ESTALE;
	row->state = TASK_DEAD;
	row->reason = reason;
	row->epoch++;
	*records = plan->records[task] - row->dead_records;
	row->dead_records = 0;
	dead_clear(rows, task, false);
	return dead_add(rows, &(struct row_dead){.task = task,
	                                         .confirmed = true,
	                                         .record = plan->first[task],
	                                         .records = plan->records[task]});
}

int
rows_record_bury(struct rows *rows, uint32_t task, uint64_t record, uint32_t *epoch)
{
	struct row_dead *dead = dead_find(rows, task, record);
	struct row *row = &rows->row[task];
	/* Without a suspicion the probe died before it could write it down. */
	int error =
	    dead == NULL ? rows_dead_put(rows, task, record, false) : dead_confirm(rows, dead);

	if (error == 0 && row->state != TASK_READY)
		error = -ESTALE;
	if (error != 0)
		return error;
	row->charged = 0;
	row->skips++;
	*epoch = ++row->epoch;
	return 0;
}

void
rows_task_skip(struct rows *rows, uint32_t task, uint32_t blame)
{
	struct row *row = &rows->row[task];

	if (row->state != TASK_READY)
		return;
	row->state = TASK_SKIPPED;
	row->reason = blame;
}

void
rows_tasks_done(struct rows *rows)
{
	for (uint32_t task = 0; task < rows->plan->tasks; task++)
		if (rows->row[task].state == TASK_READY)
			rows->row[task].state = TASK_DONE;
}

int
rows_run_end(struct rows *rows, uint32_t generation, enum run_state state,
             enum core_outcome outcome)
{
	if (!rows_generation_is(rows, generation))
		return -ESTALE;
	rows->state = state;
	rows->outcome = outcome;
	return 0;
}

int
rows_dead_put(struct rows *rows, uint32_t task, uint64_t record, bool suspect)
{
	struct row_dead *dead = dead_find(rows, task, record);

	if (dead != NULL)
		return suspect ? -EEXIST : dead_confirm(rows, dead);
	return dead_add(rows,
	                &(struct row_dead){
			    .task = task, .confirmed = !suspect, .record = record, .records = 1});
}

void
rows_dead_acquit(struct rows *rows, uint32_t task, uint64_t record)
{
	struct row_dead *dead = dead_find(rows, task, record);

	if (dead != NULL && !dead->confirmed)
		dead_remove(rows, (size_t)(dead - rows->dead));
}

uint64_t
rows_dead_next(const struct rows *rows, uint32_t task, uint64_t record)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; rows->row[task].dead_records > 0 && i < rows->dead_count; i++) {
		const struct row_dead *dead = &rows->dead[i];
		if (dead->task == task && dead->confirmed && dead->record >= record &&
		    dead->record < next)
			next = dead->record;
	}
	return next;
}

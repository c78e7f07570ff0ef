/* SPDX-License-Identifier: ISC
 *
 * Reading the plan back.  What stands behind the output task was made by a redrive.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/history/plan.h"
#include "sim/store/store.h"

struct reading {
	struct plan plan;
	size_t room;
	uint64_t *end; /* of each original task: first byte behind it in the input */
	uint32_t originals;
	bool by_key; /* tasks are ranges of keys, not of bytes */
};

static int
make_room(struct reading *reading)
{
	size_t room = reading->room == 0 ? 1024 : 2 * reading->room;
	struct plan_task *task = reallocarray(reading->plan.task, room, sizeof(*task));
	uint64_t *end;

	if (task == NULL)
		return -ENOMEM;
	reading->plan.task = task;
	end = reallocarray(reading->end, room, sizeof(*end));
	if (end == NULL)
		return -ENOMEM;
	reading->end = end;
	reading->room = room;
	return 0;
}

/* The original task that has this byte, or for ranges of keys, which are the tasks, this range. */
static uint32_t
find_origin(const struct reading *reading, const struct task_plan *task)
{
	uint32_t low = 0, high = reading->originals;

	if (reading->by_key)
		return task->range < reading->originals ? task->range : task->task;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (reading->end[middle] <= task->offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < reading->originals ? low : task->task;
}

static int
add_task(void *context, const struct task_plan *task)
{
	struct reading *reading = context;
	struct plan *plan = &reading->plan;
	uint32_t number = plan->tasks;

	if (task->task != number || task->stage >= CORE_STAGES_MAX)
		return -EBADMSG;
	if (number == reading->room && make_room(reading) != 0)
		return -ENOMEM;
	plan->task[number] = (struct plan_task){
	    .first = task->first, .records = task->records, .origin = number, .stage = task->stage};
	reading->end[number] = task->offset + task->length;
	plan->tasks++;
	if (task->stage != TASK_STAGE_WORK)
		return 0;
	if (reading->originals == number) {
		reading->originals++;
		reading->by_key |= task->range > 0;
		return 0;
	}
	plan->task[number].origin = find_origin(reading, task);
	plan->moved += plan->task[number].origin != number;
	return 0;
}

static int
by_record(const void *left, const void *right, void *context)
{
	const struct plan_task *task = context;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	if (task[a].first != task[b].first)
		return task[a].first < task[b].first ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* A record that was redriven again comes from the task that was made for it before. */
static int
chain_moved(struct plan *plan)
{
	uint32_t *moved = calloc(plan->moved + 1u, sizeof(*moved)), count = 0;

	if (moved == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->tasks && count < plan->moved; i++)
		if (plan->task[i].origin != i)
			moved[count++] = i;
	qsort_r(moved, count, sizeof(*moved), by_record, plan->task);
	for (uint32_t i = 1; i < count; i++)
		if (plan->task[moved[i]].first == plan->task[moved[i - 1]].first)
			plan->task[moved[i]].origin = moved[i - 1];
	free(moved);
	return 0;
}

int
plan_read(struct plan *plan, const char *db)
{
	struct reading reading = {0};
	struct store *store;
	int error = store_open_reader(&store, db);

	if (error != 0)
		return error;
	error = store_plan_read(store, add_task, &reading);
	store_close(store);
	free(reading.end);
	if (error == 0)
		error = chain_moved(&reading.plan);
	if (error != 0) {
		plan_fini(&reading.plan);
		return error;
	}
	plan_fini(plan);
	*plan = reading.plan;
	return 0;
}

void
plan_fini(struct plan *plan)
{
	free(plan->task);
	*plan = (struct plan){0};
}

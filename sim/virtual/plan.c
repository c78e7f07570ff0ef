/* SPDX-License-Identifier: ISC
 *
 * What there is to do: the scenario's input is split and looked through once, by the job's own
 * code, so that both worlds have the same tasks and the same bad records.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/job/generate.h"
#include "sim/job/job.h"
#include "sim/util/array.h"
#include "sim/util/fail.h"
#include "sim/virtual/virtual.h"

struct planning {
	struct virtual_plan *plan;
	struct task_plan *task;
	uint32_t room;
	size_t bad_room;
	uint64_t behind; /* split by key: records are numbered range by range */
};

static int
add_task(struct planning *planning, uint64_t first, uint64_t records)
{
	struct virtual_plan *plan = planning->plan;

	if (plan->tasks == planning->room) {
		uint32_t room = planning->room == 0 ? 1024 : 2 * planning->room;
		uint32_t *counts = reallocarray(plan->records, room, sizeof(*counts));
		uint64_t *firsts;
		if (counts == NULL)
			return -ENOMEM;
		plan->records = counts;
		firsts = reallocarray(plan->first, room, sizeof(*firsts));
		if (firsts == NULL)
			return -ENOMEM;
		plan->first = firsts;
		planning->room = room;
	}
	if (records > UINT32_MAX)
		return -E2BIG;
	plan->first[plan->tasks] = first;
	plan->records[plan->tasks++] = (uint32_t)records;
	plan->total += records;
	return 0;
}

static int
put(void *context, const struct task_plan *task)
{
	struct planning *planning = context;
	struct virtual_plan *plan = planning->plan;
	struct task_plan *larger = reallocarray(planning->task, plan->tasks + 1u, sizeof(*larger));
	int error;

	if (larger == NULL)
		return -ENOMEM;
	planning->task = larger;
	planning->task[plan->tasks] = *task;
	plan->has_output |= task->stage == TASK_STAGE_OUTPUT;
	error = add_task(planning, planning->behind, task->records);
	planning->behind += task->records;
	return error;
}

static bool
go_on(struct work *work)
{
	return true;
}

static uint64_t
no_stop(struct work *work, uint64_t record)
{
	return UINT64_MAX;
}

static int
nothing_at(struct work *work, uint64_t record)
{
	return 0;
}

static const char *
same_bytes(struct work *work, const char *bytes, size_t length)
{
	return bytes;
}

struct looking {
	struct planning *planning;
	uint32_t task;
	uint64_t found; /* in this task */
	bool by_key;
};

static int
note_bad(struct work *work, const struct dead_record *dead)
{
	struct looking *looking = work->context;
	struct planning *planning = looking->planning;
	struct virtual_plan *plan = planning->plan;
	uint64_t *larger = array_grow(plan->bad, plan->bads, &planning->bad_room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	plan->bad = larger;
	/* Split by key a task's records have no numbers in a row: its bad ones come first. */
	plan->bad[plan->bads++] =
	    looking->by_key ? plan->first[looking->task] + looking->found : dead->record;
	looking->found++;
	return 0;
}

/* Does each task once, to find the records that cannot be used. */
static int
look_through(struct planning *planning, struct job *job, const struct job_kind_ops *ops,
             bool by_key)
{
	struct looking looking = {.planning = planning, .by_key = by_key};
	uint64_t record, progress;
	int error = 0;

	for (uint32_t i = 0; error == 0 && i < planning->plan->tasks; i++) {
		struct work_result result;
		struct work work = {.context = &looking,
		                    .record = &record,
		                    .progress = &progress,
		                    .beat = go_on,
		                    .next_stop = no_stop,
		                    .at_record = nothing_at,
		                    .filter_bytes = same_bytes,
		                    .dead = note_bad,
		                    .isolate = true,
		                    .probe_record = CORE_NO_RECORD};
		looking.task = i;
		looking.found = 0;
		if (planning->task[i].stage == TASK_STAGE_WORK)
			error = ops->run(job, &planning->task[i], &work, &result);
	}
	return error;
}

static int
plan_input(struct planning *planning, const struct scenario *scenario, const char *input)
{
	const struct job_kind_ops *ops = job_kind_find(scenario->job.kind);
	struct plan_summary summary;
	struct job *job;
	char message[512] = "";
	int error = ops->open(&job, scenario, input, message, sizeof(message));

	if (error == 0) {
		error = ops->plan(job, &summary, put, planning, message, sizeof(message));
		if (error == 0)
			error = look_through(planning, job, ops, scenario->job.ranges > 0);
		ops->close(job);
	}
	if (error != 0)
		complain("%s", message[0] != '\0' ? message : strerror(-error));
	return error;
}

static int
plan_generated(struct planning *planning, const struct scenario *scenario)
{
	char path[64];
	int fd = memfd_create("sales.csv", MFD_CLOEXEC);
	int error = fd < 0 ? -errno
	                   : generate_sales(fd, scenario->job.generate_sales, scenario->seed,
	                                    scenario->job.generate_bad);

	if (error == 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		error = plan_input(planning, scenario, path);
	} else {
		complain("cannot make the input up: %s", strerror(-error));
	}
	if (fd >= 0)
		close(fd);
	return error;
}

/* Records of even size that are all good need not be looked at. */
static int
plan_by_count(struct planning *planning, uint64_t records, uint64_t chunk, bool output)
{
	int error = 0;

	for (uint64_t at = 0; error == 0 && at < records; at += chunk)
		error = add_task(planning, at, records - at < chunk ? records - at : chunk);
	planning->plan->has_output = output;
	if (error == 0 && output)
		error = add_task(planning, records, 0);
	return error;
}

static int
plan_file(struct planning *planning, const struct scenario *scenario)
{
	const char *slash = strrchr(scenario->path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - scenario->path) + 1;
	char joined[PATH_MAX];

	snprintf(joined, sizeof(joined), "%.*s%s", scenario->job.input[0] == '/' ? 0 : folder,
	         scenario->path, scenario->job.input);
	return plan_input(planning, scenario, joined);
}

int
virtual_plan_init(struct virtual_plan *plan, const struct scenario *scenario)
{
	const struct scenario_job *job = &scenario->job;
	struct planning planning = {.plan = plan};
	int error;

	memset(plan, 0, sizeof(*plan));
	if (job->kind == JOB_NOOP)
		error = plan_by_count(&planning, job->tasks, 1, false);
	else if (job->kind == JOB_GRAPH)
		error = plan_by_count(&planning, job->steps * job->orders, 1, false);
	else if (job->input != NULL)
		error = plan_file(&planning, scenario);
	else if (job->ranges > 0 || job->generate_bad > 0)
		error = plan_generated(&planning, scenario);
	else
		error = plan_by_count(&planning, job->generate_sales, job->chunk, true);
	free(planning.task);
	if (error != 0)
		virtual_plan_fini(plan);
	return error;
}

void
virtual_plan_fini(struct virtual_plan *plan)
{
	free(plan->records);
	free(plan->first);
	free(plan->bad);
	memset(plan, 0, sizeof(*plan));
}

uint64_t
virtual_plan_bad(const struct virtual_plan *plan, uint64_t record)
{
	size_t low = 0, high = plan->bads;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (plan->bad[middle] < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low < plan->bads ? plan->bad[low] : UINT64_MAX;
}

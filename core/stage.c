/* SPDX-License-Identifier: ISC
 *
 * Stages.
 */
#include "stage.h"
#include "graph.h"
#include "task.h"

static void
stage_unblock(struct core *core)
{
	if (core->config.graph) {
		graph_open(core);
		return;
	}
	for (uint32_t task = 0; task < core->config.tasks; task++)
		if (core->tasks[task].stage == core->stage &&
		    core->tasks[task].phase == PHASE_BLOCKED)
			task_unblock(core, task, false);
}

bool
stage_is_sound(const struct core *core, unsigned end)
{
	uint64_t dead_records = 0;
	for (unsigned number = 0; number < end; number++) {
		const struct stage *stage = &core->stages[number];
		uint32_t given_up = stage->total - stage->done - stage->unfinished;
		/* What stage 0 gives up are records.  A later stage works on what others have done:
		 * without it there is no result that dead letters could complete.  What stage 0
		 * skipped, for nothing that can be below it, is in no dead letters either; unless a
		 * graph skipped it: then the dead letter is of the task that is to blame. */
		if (number > 0 ? given_up > 0 && !CORE_PLANTED(core, LOST_OUTPUT)
		               : stage->skipped > 0 && !core->config.graph)
			return false;
		if (stage->dead_records > core->config.dead_letters_max - dead_records)
			return false;
		dead_records += stage->dead_records;
	}
	return true;
}

/* Goes to the lowest stage that is unfinished and lets it run if those below it allow it. */
static void
stage_advance(struct core *core)
{
	for (core->stage = 0; core->stage < CORE_STAGES_MAX; core->stage++)
		if (core->stages[core->stage].unfinished > 0)
			break;
	if (core->stage == CORE_STAGES_MAX)
		return;
	if (stage_is_sound(core, core->stage))
		stage_unblock(core);
	else
		core->skipping = true;
}

void
stage_open(struct core *core)
{
	for (uint32_t number = 0; number < core->config.tasks; number++) {
		const struct task *task = &core->tasks[number];
		struct stage *stage = &core->stages[task->stage];
		stage->total++;
		stage->unfinished += task->phase == PHASE_BLOCKED;
		stage->done += task->phase == PHASE_DONE;
		stage->restored += task->phase == PHASE_DONE;
		stage->skipped += task->phase == PHASE_SKIPPED;
		bool given_up = task->phase == PHASE_DEAD || task->phase == PHASE_SKIPPED;
		if (given_up && core->blame == CORE_NO_TASK)
			core->blame = number;
	}
	stage_advance(core);
}

void
stage_finished_one(struct core *core, unsigned stage)
{
	CHECK(core->stages[stage].unfinished > 0);
	core->stages[stage].unfinished--;
	if (stage == core->stage && core->stages[stage].unfinished == 0 && !core->skipping)
		stage_advance(core);
}

void
stage_skip_some(struct core *core)
{
	unsigned skipped = 0;
	if (!core->skipping || core->draining)
		return;
	while (skipped < SKIP_BATCH && core->skip_next < core->config.tasks) {
		uint32_t task = core->skip_next++;
		if (core->tasks[task].phase != PHASE_BLOCKED)
			continue;
		task_skip(core, task);
		skipped++;
	}
}

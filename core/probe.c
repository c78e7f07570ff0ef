/* SPDX-License-Identifier: ISC
 *
 * Probes.
 */
#include "probe.h"
#include "slot.h"
#include "task.h"
#include "watch.h"

void
probe_init(struct probe *probe)
{
	*probe = (struct probe){.task = CORE_NO_TASK};
	queue_init(&probe->queue);
}

void
probe_start_next(struct core *core)
{
	struct probe *probe = &core->probe;
	if (probe->queue.count == 0 || core->draining ||
	    core->slots[core_probe(core)].state != SLOT_ABSENT)
		return;
	probe->task = queue_pop(&probe->queue, core->tasks);
	probe->tries = 0;
	core->outstanding++;
	slot_spawn(core, core_probe(core));
}

void
probe_joined(struct core *core)
{
	struct slot *slot = &core->slots[core_probe(core)];
	struct task *task = &core->tasks[core->probe.task];
	core->probe.running = true;
	slot->progress = 0;
	watch_soon(core, core_probe(core), watch_slot_due(core, core_probe(core)));
	struct core_step *assign = core_emit(core, ACT_ASSIGN);
	assign->slot = core_probe(core);
	assign->incarnation = slot->incarnation;
	assign->task = core->probe.task;
	assign->epoch = task->epoch;
	assign->cause = CORE_ASSIGN_PROBE;
	assign->record = task->crashed_at[0];
	assign->value = task->attempt;
}

/* Ends the probe under way; its task is the caller's to send on. */
static uint32_t
probe_end(struct core *core)
{
	uint32_t task = core->probe.task;
	core->probe.task = CORE_NO_TASK;
	core->probe.running = false;
	core->outstanding--;
	return task;
}

static void
probe_acquit(struct core *core)
{
	uint32_t task = probe_end(core);
	task_clear_suspect(core, task);
	task_go_on(core, task);
}

void
probe_survived(struct core *core, const struct core_step *event)
{
	const struct probe *probe = &core->probe;
	const struct slot *slot = &core->slots[core_probe(core)];
	if (!probe->running || event->task != probe->task ||
	    event->record != core->tasks[probe->task].crashed_at[0]) {
		core->stats.stale++;
		return;
	}
	if (slot->state == SLOT_UP) {
		slot_dismiss(core, core_probe(core));
		watch_soon(core, core_probe(core), watch_slot_due(core, core_probe(core)));
	}
	probe_acquit(core);
}

void
probe_exited(struct core *core, const struct core_step *event)
{
	struct probe *probe = &core->probe;
	/* Only a death in the record speaks against it: not one before, and no leaving in peace. */
	bool guilty = probe->running && event->value != 0 &&
	              event->record == core->tasks[probe->task].crashed_at[0];
	slot_enter(core, core_probe(core), SLOT_ABSENT);
	if (probe->task == CORE_NO_TASK)
		return;
	if (guilty) {
		task_bury_record(core, probe_end(core), event->value);
	} else if (core->draining) {
		queue_push(&probe->queue, core->tasks, probe_end(core));
	} else if (++probe->tries < core->config.attempts) {
		/* Nothing is known yet. */
		probe->running = false;
		slot_spawn(core, core_probe(core));
	} else {
		probe_acquit(core);
	}
}

void
probe_written_off(struct core *core)
{
	slot_enter(core, core_probe(core), SLOT_ABSENT);
	if (core->probe.task != CORE_NO_TASK)
		probe_acquit(core);
}

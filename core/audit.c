/* SPDX-License-Identifier: ISC
 *
 * core_audit: the invariants of README.md, each by its number there, looked at from the outside and
 * all at once.  It is slow and says nothing: it returns, or a CHECK stops the process.
 */
#include "lease.h"
#include "place.h"
#include "slot.h"
#include "task.h"
#include "watch.h"

/* A1 counts, A2 epochs, A3 budget, A4 stages. */
static void
audit_task(const struct core *core, uint32_t number)
{
	const struct core_config *config = &core->config;
	const struct task *task = &core->tasks[number];
	CHECK(task->phase < PHASES);
	CHECK(task->epoch >= 1);
	CHECK(task->charged <= config->attempts);
	CHECK(task->isolations <= config->attempts);
	bool over = task->charged == config->attempts && !(task->flags & TASK_ISOLATES);
	bool open = task->phase == PHASE_QUEUED || task->phase == PHASE_WAITING ||
	            task->phase == PHASE_LEASED || task->phase == PHASE_FENCING;
	CHECK(!(over && open));
	bool started = open || task->phase == PHASE_PROBING || task->phase == PHASE_BURYING ||
	               task->phase == PHASE_BURYING_RECORD;
	CHECK(!started || task->stage == core->stage);
	CHECK(task->phase != PHASE_BLOCKED || !core->planned || core->skipping ||
	      task->stage > core->stage);
}

static void
audit_tasks(const struct core *core)
{
	uint64_t counts[TASK_STATES] = {0};
	uint32_t fencing = 0, burying = 0, leased = 0;
	struct stage stages[CORE_STAGES_MAX] = {0};
	for (uint32_t number = 0; number < core->config.tasks; number++) {
		const struct task *task = &core->tasks[number];
		audit_task(core, number);
		enum task_state state = task_public_state(task->phase);
		counts[state]++;
		leased += task->phase == PHASE_LEASED;
		fencing += task->phase == PHASE_FENCING;
		burying += task->phase == PHASE_BURYING || task->phase == PHASE_BURYING_RECORD;
		stages[task->stage].total++;
		stages[task->stage].done += state == TASK_DONE;
		stages[task->stage].unfinished += state < TASK_DONE;
	}
	for (unsigned state = 0; state < TASK_STATES; state++)
		CHECK(counts[state] == core->stats.tasks[state]);
	CHECK(leased == core->held);
	CHECK(fencing + burying + (core->probe.task != CORE_NO_TASK) == core->outstanding);
	for (unsigned stage = 0; core->planned && stage < CORE_STAGES_MAX; stage++) {
		const struct stage *kept = &core->stages[stage];
		CHECK(stages[stage].total == kept->total && stages[stage].done == kept->done);
		CHECK(stages[stage].unfinished == kept->unfinished);
		CHECK(stage >= core->stage || kept->unfinished == 0);
		CHECK(stage <= core->stage || kept->done == kept->restored);
	}
}

/* A5 each lease in exactly one slot and the other way round, A6 credit. */
static uint32_t
audit_slot_leases(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	CHECK(slot->held <= core->config.credit && slot->passed <= slot->held);
	CHECK(slot->held == 0 || slot->state == SLOT_UP || slot->state == SLOT_KILLING ||
	      slot->state == SLOT_LEAVING);
	CHECK(slot->held == 0 || number != core_probe(core));
	for (unsigned i = 0; i < slot->held; i++) {
		CHECK(slot->lease[i] < core->config.tasks);
		CHECK(core->tasks[slot->lease[i]].phase == PHASE_LEASED);
		CHECK(core->tasks[slot->lease[i]].holder == number);
		for (unsigned other = 0; other < i; other++)
			CHECK(slot->lease[other] != slot->lease[i]);
	}
	return slot->held;
}

/* A10 slots: quarantine, the ring's membership, who counts as having room, the next look. */
static void
audit_slot(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	bool own = slot->own, probe = number == core_probe(core);
	bool room = slot->state == SLOT_UP && slot->held < core->config.credit && !probe;
	CHECK(slot->state < SLOT_STATES);
	CHECK(slot->room == (room ? slot->held + 1 : 0));
	CHECK(!room || slotset_has(&core->room[slot->held], number));
	CHECK(own || (slot->state != SLOT_RESTING && slot->state != SLOT_QUARANTINED));
	CHECK(own || probe || (slot->state != SLOT_STARTING && slot->state != SLOT_KILLING));
	CHECK(core->outcome != OUTCOME_NONE ||
	      alarms_of(&core->alarms, number) <= watch_slot_due(core, number));
	if (probe)
		return;
	if (own)
		CHECK(ring_has(&core->ring, number) ==
		      (slot->state != SLOT_QUARANTINED && !slot->retiring));
	else if (slot->state == SLOT_UP || slot->state == SLOT_FENCED)
		CHECK(ring_has(&core->ring, number));
	else if (slot->state == SLOT_ABSENT)
		CHECK(!ring_has(&core->ring, number));
}

static void
audit_slots(const struct core *core)
{
	uint32_t held = 0, hungry = 0, quarantined = 0;
	for (uint32_t number = 0; number <= core->config.slots; number++) {
		held += audit_slot_leases(core, (uint16_t)number);
		audit_slot(core, (uint16_t)number);
		hungry += core->slots[number].room > 0;
		quarantined += core->slots[number].state == SLOT_QUARANTINED;
	}
	CHECK(held == core->held);
	CHECK(hungry == core->hungry_count);
	CHECK(quarantined == core->stats.quarantined);
	/* A7: no worker with room while something is ready. */
	bool leasing = core->planned && !core->draining && core->outcome == OUTCOME_NONE;
	CHECK(!leasing || core->ready == 0 || core->hungry_count == 0);
}

static uint32_t
audit_queue(const struct core *core, const struct queue *queue, enum phase phase)
{
	uint32_t count = 0, last = CORE_NO_TASK;
	for (uint32_t task = queue->head; count < queue->count; task = core->tasks[task].next) {
		CHECK(task < core->config.tasks);
		CHECK(core->tasks[task].phase == phase);
		last = task;
		count++;
	}
	CHECK(queue->tail == last);
	CHECK(last == CORE_NO_TASK || core->tasks[last].next == CORE_NO_TASK);
	return count;
}

/* A8: queues hold what is ready and not waiting, once, each task where the ring puts it.
 * A task that stood in two queues would be missing from the count of one of them. */
static void
audit_queues(const struct core *core)
{
	uint32_t queued = audit_queue(core, &core->urgent, PHASE_QUEUED), phases[PHASES] = {0};
	for (uint32_t slot = 0; slot <= core->config.slots; slot++) {
		const struct queue *queue = &core->queues[slot];
		uint16_t owner = slot == core->config.slots ? CORE_NO_SLOT : (uint16_t)slot;
		queued += audit_queue(core, queue, PHASE_QUEUED);
		uint32_t task = queue->head;
		for (uint32_t i = 0; i < queue->count; i++, task = core->tasks[task].next)
			CHECK(ring_owner(&core->ring, task) == owner);
	}
	for (uint32_t task = 0; task < core->config.tasks; task++)
		phases[core->tasks[task].phase]++;
	CHECK(queued == core->ready && queued == phases[PHASE_QUEUED]);
	CHECK(audit_queue(core, &core->probe.queue, PHASE_PROBING) +
	          (core->probe.task != CORE_NO_TASK) ==
	      phases[PHASE_PROBING]);
}

/* A9: the heap is one, and each timer belongs to one waiting task or resting slot. */
static void
audit_timers(const struct core *core)
{
	const struct timers *timers = &core->timers;
	uint32_t waiting = 0;
	for (uint32_t i = 0; i < timers->count; i++) {
		uint32_t what = timers->heap[i].what;
		CHECK(i == 0 || !timer_before(&timers->heap[i], &timers->heap[(i - 1) / 2]));
		if (what < core->config.tasks)
			CHECK(core->tasks[what].phase == PHASE_WAITING);
		else
			CHECK(core->slots[what - core->config.tasks].state == SLOT_RESTING);
	}
	for (uint32_t task = 0; task < core->config.tasks; task++)
		waiting += core->tasks[task].phase == PHASE_WAITING;
	for (uint32_t slot = 0; slot < core->config.slots; slot++)
		waiting += core->slots[slot].state == SLOT_RESTING;
	CHECK(waiting == timers->count);
}

/* A11: every bucket of the ring belongs to a member, if there is one. */
static void
audit_ring(const struct core *core)
{
	const struct ring *ring = &core->ring;
	uint32_t members = 0;
	for (uint32_t slot = 0; slot < ring->slots; slot++)
		members += ring_has(ring, (uint16_t)slot);
	CHECK(members == ring->members);
	for (uint32_t bucket = 0; bucket < 1u << ring->bits; bucket++) {
		uint16_t owner = ring->owner[bucket];
		CHECK(owner == CORE_NO_SLOT ? members == 0 : ring_has(ring, owner));
	}
}

/* A12 one probe at a time and never without its slot, A13 the end of the job. */
static void
audit_job(const struct core *core)
{
	const struct probe *probe = &core->probe;
	const struct slot *slot = &core->slots[core_probe(core)];
	if (probe->task != CORE_NO_TASK) {
		CHECK(core->tasks[probe->task].phase == PHASE_PROBING);
		CHECK(slot_is_alive(slot));
	}
	CHECK(!probe->running || probe->task != CORE_NO_TASK);
	uint64_t unfinished = core->stats.tasks[TASK_BLOCKED] + core->stats.tasks[TASK_READY] +
	                      core->stats.tasks[TASK_LEASED];
	if (core->outcome != OUTCOME_NONE)
		CHECK(core->held == 0 && core->outstanding == 0);
	if (core->outcome == OUTCOME_DONE || core->outcome == OUTCOME_DEAD_LETTERS)
		CHECK(unfinished == 0);
	if (core->outcome == OUTCOME_DONE)
		CHECK(core->stats.tasks[TASK_SKIPPED] == 0 &&
		      core->stats.dead_records <= core->config.dead_letters_max);
	if (core->planned && core->outcome == OUTCOME_NONE)
		CHECK(unfinished > 0);
}

void
core_audit(const struct core *core)
{
	audit_tasks(core);
	audit_slots(core);
	audit_queues(core);
	audit_timers(core);
	audit_ring(core);
	audit_job(core);
}

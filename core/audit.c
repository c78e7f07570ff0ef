/* SPDX-License-Identifier: ISC
 *
 * core_audit: the invariants of README.md, each by its number there, looked at from the outside and
 * all at once.  It is slow and says nothing: it returns, or a CHECK stops the process.
 */
#include "audit.h"
#include "copy.h"
#include "graph.h"
#include "lease.h"
#include "place.h"
#include "slot.h"
#include "task.h"
#include "watch.h"

struct seen_task
audit_see_task(const struct core *core, uint32_t number)
{
	const struct task *task = &core->tasks[number];
	return (struct seen_task){
	    .epoch = task->epoch,
	    .attempt_epoch = copy_lease_epoch(core, number, CORE_NO_SLOT),
	    .phase = task->phase,
	    .stage = task->stage,
	    .charged = task->charged,
	    .isolations = task->isolations,
	    .attempt = task->attempt,
	    .copy = (uint8_t)copy_state(core, number),
	    .copied_epoch = core->copies ? core->copies[number].epoch : 0,
	    .lost = task->flags & TASK_LOST,
	    .isolates = task->flags & TASK_ISOLATES,
	    .asked = task->flags & TASK_ASKED,
	};
}

struct seen_slot
audit_see_slot(const struct core *core, uint32_t number)
{
	const struct slot *slot = &core->slots[number];
	return (struct seen_slot){
	    .incarnation = slot->incarnation,
	    .queued = core->queues[number].count,
	    .state = slot->state,
	    .held = slot->held,
	    .has_room = slot->room > 0,
	    .is_staff = slot->own && !slot->retiring && slot->state != SLOT_QUARANTINED,
	    .is_joiner = !slot->own && slot->state != SLOT_ABSENT && number != core_probe(core),
	};
}

void
audit_tally_task(struct tally *tally, const struct seen_task *seen, int sign)
{
	struct stage *stage = &tally->stages[seen->stage];
	enum task_state state = task_public_state(seen->phase);
	tally->phases[seen->phase] += (uint32_t)sign;
	tally->lost += (uint32_t)(seen->lost ? sign : 0);
	tally->asked += (uint32_t)(seen->asked ? sign : 0);
	tally->copies[seen->copy] += (uint32_t)sign;
	stage->total += (uint32_t)sign;
	stage->done += (uint32_t)(state == TASK_DONE ? sign : 0);
	stage->unfinished += (uint32_t)(state < TASK_DONE ? sign : 0);
}

void
audit_tally_slot(struct tally *tally, const struct seen_slot *seen, int sign)
{
	tally->queued += seen->queued * (uint32_t)sign;
	tally->held += seen->held * (uint32_t)sign;
	tally->killing += (uint32_t)(seen->state == SLOT_KILLING ? seen->held * sign : 0);
	tally->hungry += (uint32_t)(seen->has_room ? sign : 0);
	tally->resting += (uint32_t)(seen->state == SLOT_RESTING ? sign : 0);
	tally->quarantined += (uint32_t)(seen->state == SLOT_QUARANTINED ? sign : 0);
	tally->staff += (uint32_t)(seen->is_staff ? sign : 0);
	tally->joiners += (uint32_t)(seen->is_joiner ? sign : 0);
}

/* A14: what is known of the parents is what their phases say. */
static void
audit_graph(const struct core *core, uint32_t number, bool started)
{
	const struct task *task = &core->tasks[number];
	struct graph_wait wait = graph_look(core, number);
	if (started) {
		CHECK(!wait.doomed && wait.pending == 0);
		return;
	}
	CHECK(wait.doomed == (task->flags & TASK_DOOMED ? true : false));
	CHECK(wait.doomed || (wait.pending > 0 && wait.pending == core->pending[number]));
}

/* A15: a copy is of an attempt that is leased, or has ended and waits for it; asked for or ending,
 * it is the store's answer that is waited for, whatever became of the task. */
static void
audit_copy(const struct core *core, uint32_t number)
{
	const struct task *task = &core->tasks[number];
	const struct copy *copy = &core->copies[number];
	CHECK(task->phase == PHASE_LEASED || task->phase == PHASE_FENCING ||
	      (task->phase == PHASE_DONE && copy->state != COPY_LIVE));
	CHECK(core->config.copy_stages >> task->stage & 1);
	CHECK(task->flags & TASK_COPIED && !(task->flags & TASK_ISOLATES));
	if (copy->state != COPY_LIVE)
		return;
	CHECK(copy->holder < core->config.slots && copy->holder != task->holder);
	CHECK(copy->epoch <= task->epoch && copy->epoch != copy->twin);
	CHECK(lease_find(core, &core->slots[copy->holder], number, copy->epoch) >= 0);
}

/* A2 epochs, A3 budget, A4 stages, A5 the lease from the task's side, A8 the end of a queue. */
void
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
	      task->stage > core->stage || config->graph);
	if (config->graph && core->planned && (started || task->phase == PHASE_BLOCKED))
		audit_graph(core, number, started);
	if (task->phase == PHASE_LEASED) {
		CHECK(task->holder < config->slots);
		CHECK(lease_find(core, &core->slots[task->holder], number,
		                 copy_lease_epoch(core, number, task->holder)) >= 0);
		CHECK(!(task->flags & (TASK_LOST | TASK_ASKED)));
	}
	if (copy_state(core, number) != COPY_NONE)
		audit_copy(core, number);
	/* Only for its copy does an attempt wait that has ended and is accounted for. */
	CHECK(task->phase != PHASE_FENCING || task->flags & TASK_ASKED ||
	      copy_state(core, number) != COPY_NONE);
	if (task->phase == PHASE_QUEUED && task->next == CORE_NO_TASK) {
		CHECK(core->urgent.tail == number ||
		      core->queues[place_home(core, number)].tail == number);
	}
}

/* A5 the leases from the slot's side, A6 credit. */
static void
audit_slot_leases(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	CHECK(slot->held <= core->config.credit && slot->passed <= slot->held);
	CHECK(slot->held == 0 || slot->state == SLOT_UP || slot->state == SLOT_KILLING ||
	      slot->state == SLOT_LEAVING);
	CHECK(slot->held == 0 || number != core_probe(core));
	for (unsigned i = 0; i < slot->held; i++) {
		CHECK(slot->lease[i] < core->config.tasks);
		const struct task *task = &core->tasks[slot->lease[i]];
		CHECK(copy_is_at(core, slot->lease[i], number) ||
		      (task->phase == PHASE_LEASED && task->holder == number));
		for (unsigned other = 0; other < i; other++)
			CHECK(slot->lease[other] != slot->lease[i]);
	}
}

/* A11 who is in the ring. */
static void
audit_membership(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	bool member = ring_has(&core->ring, number);
	if (slot->own)
		CHECK(member == (slot->state != SLOT_QUARANTINED && !slot->retiring));
	else if (slot->state == SLOT_UP || slot->state == SLOT_FENCED)
		CHECK(member);
	else if (slot->state == SLOT_ABSENT)
		CHECK(!member);
}

/* A10 slots: state and kind, who counts as having room, the next look. */
void
audit_slot(const struct core *core, uint16_t number)
{
	const struct slot *slot = &core->slots[number];
	bool own = slot->own, probe = number == core_probe(core);
	bool room = slot->state == SLOT_UP && slot->held < core->config.credit && !probe;
	audit_slot_leases(core, number);
	CHECK(slot->state < SLOT_STATES);
	CHECK(slot->room == (room ? slot->held + 1 : 0));
	CHECK(!room || slotset_has(&core->room[slot->held], number));
	CHECK(own || (slot->state != SLOT_RESTING && slot->state != SLOT_QUARANTINED));
	CHECK(own || probe || (slot->state != SLOT_STARTING && slot->state != SLOT_KILLING));
	CHECK(!slot->retiring || (own && slot->state != SLOT_UP && slot->state != SLOT_ABSENT));
	CHECK(core->outcome != OUTCOME_NONE ||
	      alarms_of(&core->alarms, number) <= watch_slot_due(core, number));
	if (core->alarms.at[number] != CORE_NO_SLOT)
		audit_alarm(core, core->alarms.at[number]);
	if (!probe)
		audit_membership(core, number);
}

void
audit_queue_ends(const struct core *core, const struct queue *queue, enum phase phase)
{
	CHECK((queue->count == 0) == (queue->tail == CORE_NO_TASK));
	if (queue->count == 0)
		return;
	CHECK(queue->head < core->config.tasks && queue->tail < core->config.tasks);
	CHECK((queue->count == 1) == (queue->head == queue->tail));
	CHECK(core->tasks[queue->head].phase == phase && core->tasks[queue->tail].phase == phase);
	CHECK(core->tasks[queue->tail].next == CORE_NO_TASK);
}

void
audit_home_ends(const struct core *core, uint32_t slot)
{
	const struct queue *queue = &core->queues[slot];
	audit_queue_ends(core, queue, PHASE_QUEUED);
	CHECK(queue->count == 0 ||
	      (place_home(core, queue->head) == slot && place_home(core, queue->tail) == slot));
	CHECK(queue->count <= core->queues[place_fullest(core)].count);
}

static void
audit_queue(const struct core *core, const struct queue *queue, enum phase phase)
{
	uint32_t last = CORE_NO_TASK, task = queue->head;
	audit_queue_ends(core, queue, phase);
	for (uint32_t i = 0; i < queue->count; i++, task = core->tasks[task].next) {
		CHECK(task < core->config.tasks);
		CHECK(core->tasks[task].phase == phase);
		last = task;
	}
	CHECK(queue->tail == last);
}

/* A8: queues hold what is ready and not waiting, once, each task where the ring puts it.
 * A task that stood in two queues would be missing from the count of one of them. */
static void
audit_queues(const struct core *core)
{
	audit_queue(core, &core->urgent, PHASE_QUEUED);
	audit_queue(core, &core->probe.queue, PHASE_PROBING);
	audit_queue(core, &core->doomed, PHASE_BLOCKED);
	for (uint32_t slot = 0; slot <= core->config.slots; slot++) {
		const struct queue *queue = &core->queues[slot];
		audit_queue(core, queue, PHASE_QUEUED);
		uint32_t task = queue->head;
		for (uint32_t i = 0; i < queue->count; i++, task = core->tasks[task].next)
			CHECK(place_home(core, task) == slot);
		audit_home_ends(core, slot);
	}
}

void
audit_timer(const struct core *core, uint32_t place)
{
	const struct timer *heap = core->timers.heap;
	uint32_t what = heap[place].what, count = core->timers.count;
	CHECK(place == 0 || !timer_before(&heap[place], &heap[(place - 1) / 2]));
	for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < count; child++)
		CHECK(!timer_before(&heap[child], &heap[place]));
	if (what < core->config.tasks)
		CHECK(core->tasks[what].phase == PHASE_WAITING);
	else
		CHECK(core->slots[what - core->config.tasks].state == SLOT_RESTING);
}

void
audit_alarm(const struct core *core, uint32_t place)
{
	const struct alarm *heap = core->alarms.heap;
	CHECK(place < core->alarms.count && core->alarms.at[heap[place].slot] == place);
	CHECK(place == 0 || !alarm_before(&heap[place], &heap[(place - 1) / 2]));
}

void
audit_stage(const struct core *core, const struct tally *tally, unsigned number)
{
	const struct stage *kept = &core->stages[number], *counted = &tally->stages[number];
	if (!core->planned)
		return;
	CHECK(counted->total == kept->total && counted->done == kept->done);
	CHECK(counted->unfinished == kept->unfinished);
	CHECK(number >= core->stage || kept->unfinished == 0);
	CHECK(number <= core->stage || kept->done == kept->restored);
}

/* A1: what the world is told about tasks, and what is waited for. */
static void
audit_tally_tasks(const struct core *core, const struct tally *tally)
{
	const uint32_t *phases = tally->phases;
	uint64_t states[TASK_STATES] = {0};
	uint32_t probing = core->probe.task != CORE_NO_TASK;
	for (unsigned phase = 0; phase < PHASES; phase++)
		states[task_public_state(phase)] += phases[phase];
	for (unsigned state = 0; state < TASK_STATES; state++)
		CHECK(states[state] == core->stats.tasks[state]);
	CHECK(phases[PHASE_LEASED] + tally->copies[COPY_LIVE] == core->held);
	CHECK(tally->held == core->held);
	CHECK(tally->asked + phases[PHASE_BURYING] + phases[PHASE_BURYING_RECORD] + probing +
	          tally->copies[COPY_ASKED] + tally->copies[COPY_ENDING] ==
	      core->outstanding);
	CHECK(tally->copies[COPY_ASKED] == core->copies_asked);
	CHECK(tally->lost + tally->killing == core->stats.recovering);
	CHECK(phases[PHASE_QUEUED] == core->ready);
	CHECK(tally->queued + core->urgent.count == core->ready);
	CHECK(phases[PHASE_PROBING] == core->probe.queue.count + probing);
}

void
audit_tally(const struct core *core, const struct tally *tally)
{
	audit_tally_tasks(core, tally);
	/* A9: as many timers as there are tasks and slots that wait for one. */
	CHECK(core->timers.count == tally->phases[PHASE_WAITING] + tally->resting);
	CHECK(tally->hungry == core->hungry_count);
	CHECK(tally->quarantined == core->stats.quarantined);
	CHECK(tally->staff == core->staff && core->staff <= core->wanted);
	CHECK(tally->joiners == core->joiners);
	/* A7: no worker with room while something is ready. */
	bool leasing = core->planned && !core->draining && core->outcome == OUTCOME_NONE;
	CHECK(!leasing || core->ready == 0 || core->hungry_count == 0);
}

/* A11: every bucket of the ring belongs to the first member from it on, if there is one. */
static void
audit_ring(const struct core *core)
{
	const struct ring *ring = &core->ring;
	uint32_t members = 0, mask = (1u << ring->bits) - 1;
	for (uint32_t slot = 0; slot < ring->slots; slot++)
		members += ring_has(ring, (uint16_t)slot);
	CHECK(members == ring->members);
	for (uint32_t bucket = 0; bucket <= mask; bucket++) {
		uint16_t owner = ring->owner[bucket], first = ring_first_member(ring, bucket);
		CHECK(owner == (first != CORE_NO_SLOT ? first : ring->owner[(bucket + 1) & mask]));
		CHECK((owner == CORE_NO_SLOT) == (members == 0));
	}
}

/* A12 one probe at a time and never without its slot, A13 the end of the job. */
void
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
	uint64_t given_up = core->stats.tasks[TASK_DEAD];
	if (core->config.graph)
		given_up += core->stats.tasks[TASK_SKIPPED];
	if (core->outcome == OUTCOME_DONE)
		CHECK((core->stats.tasks[TASK_SKIPPED] == 0 || core->config.graph) &&
		      core->stats.dead_records <= core->config.dead_letters_max &&
		      given_up == core->stages[0].total - core->stages[0].done);
	if (core->planned && core->outcome == OUTCOME_NONE)
		CHECK(unfinished > 0 || core->outstanding > 0);
}

void
core_audit(const struct core *core)
{
	struct tally tally = {0};
	for (uint32_t number = 0; number < core->config.tasks; number++) {
		struct seen_task seen = audit_see_task(core, number);
		audit_task(core, number);
		audit_tally_task(&tally, &seen, 1);
	}
	for (uint32_t number = 0; number <= core->config.slots; number++) {
		struct seen_slot seen = audit_see_slot(core, number);
		audit_slot(core, (uint16_t)number);
		audit_tally_slot(&tally, &seen, 1);
	}
	audit_tally(core, &tally);
	for (unsigned stage = 0; stage < CORE_STAGES_MAX; stage++)
		audit_stage(core, &tally, stage);
	audit_queues(core);
	for (uint32_t place = 0; place < core->timers.count; place++)
		audit_timer(core, place);
	for (uint32_t place = 0; place < core->alarms.count; place++)
		audit_alarm(core, place);
	audit_ring(core);
	audit_job(core);
}

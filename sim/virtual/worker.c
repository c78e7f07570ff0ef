/* SPDX-License-Identifier: ISC
 *
 * A worker's life: it is the loop of sim/process/worker.c, cut at every place where it waits or
 * where it may be struck.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/check.h"
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

#define GROUP_NS (1 * NS_PER_MS)

void
vworker_due(struct vworker *worker, int64_t at_ns)
{
	struct vsupervisor *supervisor = worker->supervisor;

	worker->due_ns = at_ns;
	worker->token++;
	if (at_ns == FOREVER)
		return;
	world_add(supervisor->world, &(struct event){.at_ns = at_ns,
	                                             .kind = HAPPENS_WORKER,
	                                             .slot = worker->slot,
	                                             .life = supervisor->life,
	                                             .token = worker->token});
}

void
vworker_spawn(struct vsupervisor *supervisor, uint16_t slot, uint32_t incarnation)
{
	struct vworker *worker = &supervisor->worker[slot];
	struct vworld *world = supervisor->world;
	uint64_t *dead = worker->dead;
	uint32_t room = worker->dead_room, token = worker->token, wake = worker->wake_token;

	CHECK(!worker->alive);
	memset(worker, 0, offsetof(struct vworker, queue));
	memset(&worker->dead, 0, sizeof(*worker) - offsetof(struct vworker, dead));
	worker->queue_head = worker->queue_count = worker->group_count = worker->reached = 0;
	worker->group_records = 0;
	worker->supervisor = supervisor;
	worker->slot = slot;
	worker->incarnation = incarnation;
	worker->token = token;
	worker->wake_token = wake + 1;
	worker->dead = dead;
	worker->dead_room = room;
	worker->alive = true;
	worker->step = WORKER_STARTS;
	worker->born_ns = world->now_ns;
	worker->at_task = worker->lease.task = CORE_NO_TASK;
	supervisor->alive_workers++;
	vworker_due(worker, world->now_ns + world_about(&world->work, world->model->spawn_ns));
}

void
vworker_report(struct vworker *worker, enum message_kind kind, uint32_t task, uint32_t epoch,
               enum cause cause, uint64_t record, uint64_t value)
{
	struct frame frame = {.kind = (uint8_t)kind,
	                      .cause = (uint8_t)cause,
	                      .slot = worker->slot,
	                      .incarnation = worker->incarnation,
	                      .generation = worker->generation,
	                      .task = task,
	                      .epoch = epoch,
	                      .record = record,
	                      .value = value};

	wire_up(worker, &frame);
}

void
vworker_beat(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	if (world->now_ns < worker->beat_due_ns)
		return;
	worker->beat_due_ns = world->now_ns + world->scenario->beat_ns;
	vworker_report(worker, MESSAGE_BEAT, worker->lease.task, worker->lease.epoch, CAUSE_NONE,
	               worker->done + worker->waits, 0);
}

void
vworker_hand_back(struct vworker *worker)
{
	for (; worker->queue_count > 0; worker->queue_count--) {
		const struct lease *lease = &worker->queue[worker->queue_head];
		vworker_report(worker, MESSAGE_RETURNED, lease->task, lease->epoch, CAUSE_NONE,
		               CORE_NO_RECORD, lease->number);
		worker->queue_head = (worker->queue_head + 1) % CORE_CREDIT_MAX;
	}
}

static void
take_lease(struct vworker *worker, const struct frame *frame)
{
	if (!numbers_take(&worker->leases_taken, frame->value) && !planted("lease-done-twice"))
		return;
	if (worker->queue_count == CORE_CREDIT_MAX)
		return;
	worker->queue[(worker->queue_head + worker->queue_count++) % CORE_CREDIT_MAX] =
	    (struct lease){.task = frame->task,
	                   .epoch = frame->epoch,
	                   .flags = frame->cause,
	                   .record = frame->record,
	                   .number = frame->value};
}

/* For something to be said to it. */
static bool
waits(const struct vworker *worker)
{
	return worker->step == WORKER_IDLE || worker->step == WORKER_AWAITS;
}

void
vworker_hear(struct vworker *worker, const struct frame *frame)
{
	worker->told_ns = worker->supervisor->world->now_ns;
	switch ((enum message_kind)frame->kind) {
	case MESSAGE_WELCOME:
		worker->generation = frame->generation;
		worker->welcomed = true;
		break;
	case MESSAGE_ASSIGN:
		take_lease(worker, frame);
		break;
	case MESSAGE_DISMISS:
		worker->leaving = true;
		break;
	default:
		break;
	}
	if (waits(worker) && !worker->paused && worker->hung_until_ns == 0)
		vworker_go(worker);
}

static bool
start(struct vworker *worker)
{
	worker->step = WORKER_GREETS;
	return vworker_passes(worker, worker->supervisor->world, POINT_WORKER_STARTED);
}

static bool
greet(struct vworker *worker)
{
	worker->step = WORKER_AWAITS;
	vworker_report(worker, MESSAGE_HELLO, CORE_NO_TASK, 0, CAUSE_NONE, 0, worker->slot + 1u);
	return true;
}

/* At most one such alarm is set for each worker, so that going idle costs nothing. */
static void
arm_idle(struct vworker *worker, int64_t at_ns)
{
	worker->idle_armed = true;
	world_add(worker->supervisor->world, &(struct event){.at_ns = at_ns,
	                                                     .kind = HAPPENS_IDLE,
	                                                     .slot = worker->slot,
	                                                     .life = worker->supervisor->life,
	                                                     .token = worker->incarnation});
}

static bool
fall_idle(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;

	worker->told_ns = world->now_ns;
	if (!worker->idle_armed)
		arm_idle(worker, world->now_ns + world->scenario->beat_ns);
	return false;
}

/* What it was told, or what it has reported, may have been lost. */
void
vworker_idles(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	int64_t due_ns = worker->told_ns + world->scenario->beat_ns;

	worker->idle_armed = false;
	if (!waits(worker) || worker->paused || worker->hung_until_ns != 0)
		return;
	if (world->now_ns >= due_ns && (worker->welcomed || !planted("hello-said-once"))) {
		vworker_report(worker, worker->welcomed ? MESSAGE_BEAT : MESSAGE_HELLO,
		               CORE_NO_TASK, 0, CAUSE_NONE, 0, 0);
		worker->told_ns = world->now_ns;
		due_ns = world->now_ns + world->scenario->beat_ns;
	}
	arm_idle(worker, due_ns);
}

static bool
await_welcome(struct vworker *worker)
{
	if (!worker->welcomed)
		return fall_idle(worker);
	worker->step = WORKER_IDLE;
	return true;
}

static bool
idle(struct vworker *worker)
{
	if (worker->queue_count == 0 && !worker->leaving)
		return fall_idle(worker);
	worker->step = WORKER_NEXT;
	return true;
}

static bool
group_is_due(const struct vworker *worker)
{
	return worker->group_count == MESSAGES_MAX || worker->queue_count == 0 || worker->leaving ||
	       worker->supervisor->world->now_ns - worker->group_since_ns >= GROUP_NS;
}

/* The next lease, the commit of what is finished, or the way out. */
static bool
next(struct vworker *worker)
{
	if (worker->group_count > 0 && group_is_due(worker)) {
		worker->step = WORKER_BEFORE_COMMIT;
		return true;
	}
	if (worker->leaving) {
		vworker_hand_back(worker);
		vworker_die(worker, 0);
		return false;
	}
	if (worker->queue_count == 0) {
		worker->step = WORKER_IDLE;
		return fall_idle(worker);
	}
	worker->lease = worker->queue[worker->queue_head];
	worker->queue_head = (worker->queue_head + 1) % CORE_CREDIT_MAX;
	worker->queue_count--;
	worker->at_task = worker->lease.task;
	worker->at_epoch = worker->lease.epoch;
	worker->at_record = false;
	worker->done = worker->waits = 0;
	worker->step = WORKER_BEGINS;
	return vworker_passes(worker, worker->supervisor->world, POINT_WORKER_BEFORE_TASK);
}

static vworker_stepper *const steppers[WORKER_STEPS] = {
    [WORKER_STARTS] = start,
    [WORKER_GREETS] = greet,
    [WORKER_AWAITS] = await_welcome,
    [WORKER_IDLE] = idle,
    [WORKER_NEXT] = next,
    [WORKER_BEGINS] = attempt_begin,
    [WORKER_WORKS] = attempt_work,
    [WORKER_OPENS] = output_open,
    [WORKER_COMBINES] = output_combine,
    [WORKER_SYNCS] = output_sync,
    [WORKER_RENAMES] = output_rename,
    [WORKER_RENAMED] = output_renamed,
    [WORKER_FINISHES] = attempt_finish,
    [WORKER_SUSPECTS] = probe_suspect,
    [WORKER_SUSPECTED] = probe_suspected,
    [WORKER_TOUCHES] = probe_touch,
    [WORKER_PROBES] = probe_work,
    [WORKER_PROBED] = probe_worked,
    [WORKER_ACQUITS] = probe_acquit,
    [WORKER_ACQUITTED] = probe_acquitted,
    [WORKER_BEFORE_COMMIT] = commit_before,
    [WORKER_LOCKS] = commit_lock,
    [WORKER_WRITES] = commit_write,
    [WORKER_COMMITS] = commit_apply,
    [WORKER_COMMITTED] = commit_committed,
    [WORKER_REPORTS] = commit_report,
    [WORKER_REPORTED] = commit_reported,
};

void
vworker_go(struct vworker *worker)
{
	worker->due_ns = FOREVER;
	if (worker->hung_until_ns != 0)
		vfault_end_hang(worker);
	while (worker->alive && steppers[worker->step](worker))
		continue;
}

uint64_t
vworker_at_record(const struct vworker *worker)
{
	uint64_t record = worker->first + worker->done;

	return worker->at_record && !attempt_leaves_out(worker, record) ? record : CORE_NO_RECORD;
}

uint64_t
vworker_uncommitted(const struct vworker *worker)
{
	return worker->group_records + (worker->at_task != CORE_NO_TASK ? worker->done : 0);
}

void
vworker_no_task(struct vworker *worker)
{
	worker->at_task = CORE_NO_TASK;
	worker->at_epoch = 0;
	worker->at_record = false;
	worker->done = worker->waits = 0;
}

void
vworker_die(struct vworker *worker, int status)
{
	struct vsupervisor *supervisor = worker->supervisor;
	struct vworld *world = supervisor->world;

	if (worker->step == WORKER_WORKS)
		attempt_advance(worker);
	/* A stale worker's death is not that of the present holder. */
	if (worker->at_task != CORE_NO_TASK) {
		struct witness_ends *ends =
		    witness_ends(&world->witness[worker->at_task], worker->at_epoch);
		if (ends->died_epoch < worker->at_epoch)
			ends->died_epoch = worker->at_epoch;
	}
	if (worker->waits_for_lock)
		lock_leave(worker);
	worker->alive = false;
	worker->paused = false;
	worker->status = status;
	worker->token++;
	worker->wake_token++;
	supervisor->alive_workers--;
	lock_release(worker);
	if (supervisor->alive)
		vsupervisor_bury(supervisor, worker);
}

void
vworker_pause(struct vworker *worker, int64_t until_ns)
{
	struct vworld *world = worker->supervisor->world;

	if (!worker->paused)
		worker->paused_ns = world->now_ns;
	worker->paused = true;
	worker->wake_ns = until_ns;
	worker->token++;
	world_add(world, &(struct event){.at_ns = until_ns,
	                                 .kind = HAPPENS_WAKE,
	                                 .slot = worker->slot,
	                                 .life = worker->supervisor->life,
	                                 .token = ++worker->wake_token});
}

void
vworker_wake(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	int64_t stood_ns = world->now_ns - worker->paused_ns;

	worker->paused = false;
	worker->wake_token++;
	worker->since_ns = world_later(worker->since_ns, stood_ns);
	if (worker->due_ns != FOREVER)
		vworker_due(worker, worker->due_ns + stood_ns);
	else if (worker->hung_until_ns == 0)
		vworker_go(worker);
}

/* SPDX-License-Identifier: ISC
 *
 * Performing what the coordinator asks for.  What changes the store is gathered and done in one
 * transaction (supervisor_perform.c).
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/check.h"
#include "sim/job/csv.h"
#include "sim/util/array.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

static bool
passes(struct vsupervisor *supervisor, enum point point)
{
	return !world_is_armed(supervisor->world, point) ||
	       point_of_supervisor(supervisor, point) == REACHED_ON;
}

static void
assign(struct vsupervisor *supervisor, const struct core_step *action)
{
	struct frame frame = {.kind = MESSAGE_ASSIGN,
	                      .cause = action->cause,
	                      .slot = action->slot,
	                      .incarnation = action->incarnation,
	                      .generation = supervisor->generation,
	                      .task = action->task,
	                      .epoch = action->epoch,
	                      .record = action->record,
	                      .value = ++supervisor->worker[action->slot].leases};

	if (supervisor->worker[action->slot].alive)
		wire_down(&supervisor->worker[action->slot], &frame);
}

static void
kill_worker(struct vsupervisor *supervisor, const struct core_step *action)
{
	struct vworker *worker = &supervisor->worker[action->slot];

	if (action->cause == CAUSE_HANG)
		judge_given_up(supervisor, action);
	if (!passes(supervisor, POINT_SUPERVISOR_BEFORE_KILL)) {
		if (supervisor->alive)
			vsupervisor_defer(supervisor,
			                  &(struct event){.kind = HAPPENS_KILL,
			                                  .slot = action->slot,
			                                  .life = supervisor->life,
			                                  .token = action->incarnation});
		return;
	}
	if (worker->alive && worker->incarnation == action->incarnation)
		vworker_die(worker, W_EXITCODE(0, SIGKILL));
}

/* A worker that is given up alive (takeover: fence) has worked in vain as well. */
static void
note_loss(struct vsupervisor *supervisor, const struct core_step *fence)
{
	const struct vworker *worker = &supervisor->worker[fence->slot];

	if (fence->cause == CAUSE_HANG && worker->alive && worker->at_task == fence->task)
		tally_holder_lost(supervisor->world, worker);
}

static void
put_off(struct vsupervisor *supervisor, const struct core_step *action)
{
	struct vworld *world = supervisor->world;
	struct core_step *larger;

	if (planted("lease-not-returned") && action->kind == ACT_FENCE &&
	    action->cause == CAUSE_INFRA)
		return;
	larger = array_grow(supervisor->queue, supervisor->queue_count, &supervisor->queue_room,
	                    sizeof(*larger));
	if (larger == NULL)
		world_no_memory(world);
	supervisor->queue = larger;
	supervisor->queue[supervisor->queue_count] = *action;
	/* Remembered beyond the answer, which has no use for this field. */
	supervisor->queue[supervisor->queue_count++].incarnation =
	    action->kind == ACT_FENCE && action->value != 0;
	if (action->kind == ACT_FENCE || action->kind == ACT_COPY_FENCE) {
		judge_ended(supervisor, action);
		note_loss(supervisor, action);
	}
}

void
vsupervisor_perform(struct vsupervisor *supervisor, const struct core_step *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		vworker_spawn(supervisor, action->slot, action->incarnation);
		break;
	case ACT_ASSIGN:
		assign(supervisor, action);
		break;
	case ACT_KILL:
		kill_worker(supervisor, action);
		break;
	case ACT_OVERTAKEN:
		tally_overtaken(supervisor, action);
		break;
	case ACT_FENCE:
	case ACT_COPY:
	case ACT_COPY_FENCE:
	case ACT_BURY:
	case ACT_BURY_RECORD:
	case ACT_SKIP:
		put_off(supervisor, action);
		break;
	case ACT_QUARANTINE:
		judge_quarantined(supervisor, action->slot);
		break;
	case ACT_DISMISS:
		vsupervisor_tell(supervisor, action->slot, MESSAGE_DISMISS);
		break;
	case ACT_JOB_ENDED:
		supervisor->outcome = (enum core_outcome)action->value;
		break;
	default:
		break;
	}
}

static uint32_t
reason_of(const struct core_step *bury)
{
	switch (bury->cause) {
	case CAUSE_CRASH:
		return REASON_CRASHED;
	case CAUSE_HANG:
		return REASON_HUNG;
	default:
		return (uint32_t)bury->value;
	}
}

/* Does one queued action and turns it into the event that answers it.  0 or -errno. */
static int
write_one(struct vsupervisor *supervisor, struct core_step *step)
{
	struct vworld *world = supervisor->world;
	struct rows *rows = &world->rows;
	uint32_t epoch = step->epoch;
	uint64_t dead = 0;
	int result = 0;

	switch (step->kind) {
	case ACT_FENCE:
		result = rows_task_fence(rows, step->task, (enum cause)step->cause,
		                         step->value != 0, &epoch, &dead);
		judge_fenced(supervisor, step, epoch, result == 0);
		step->kind = EV_TASK_FENCED;
		step->value = result == 0;
		step->record = dead;
		result = 0;
		break;
	case ACT_COPY:
		result = rows_task_copy(rows, step->task, &epoch);
		if (result == 1)
			judge_copied(supervisor, step->task, epoch);
		step->kind = EV_COPY_GRANTED;
		step->value = result == 0;
		result = 0;
		break;
	case ACT_COPY_FENCE:
		result = rows_task_fence(rows, step->task, CAUSE_INFRA, false, &epoch, &dead);
		judge_fenced(supervisor, step, epoch, result == 0);
		step->kind = EV_COPY_FENCED;
		step->value = result == 0;
		step->record = dead;
		result = 0;
		break;
	case ACT_BURY:
		result = rows_task_bury(rows, step->task, reason_of(step), &step->value);
		world->witness[step->task].epoch += result == 0;
		step->kind = EV_TASK_BURIED;
		break;
	case ACT_BURY_RECORD:
		result = rows_record_bury(rows, step->task, step->record, &epoch);
		if (result == 0) {
			world->witness[step->task].epoch = epoch;
			world->witness[step->task].charged = 0;
		}
		step->kind = EV_RECORD_BURIED;
		break;
	default:
		CHECK(step->kind == ACT_SKIP);
		rows_task_skip(rows, step->task, (uint32_t)step->record);
		step->kind = EV_TICK; /* nobody waits for an answer */
	}
	step->epoch = epoch;
	return result;
}

/* Its own generation may be over: another supervisor rules. */
static bool
still_rules(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;

	if (rows_generation_is(&world->rows, supervisor->generation) ||
	    planted("supervisor-not-fenced"))
		return true;
	director_lost(world, supervisor, W_EXITCODE(EXIT_INTERNAL, 0));
	return false;
}

static bool
begin(struct vsupervisor *supervisor)
{
	if (!lock_supervise(supervisor, supervisor->world->model->commit_ns) ||
	    !still_rules(supervisor))
		return false;
	supervisor->writing = supervisor->queue_count;
	supervisor->reached = 0;
	return true;
}

/* Each attempt that is charged, or each task or record that is given up, reaches the point; true
 * when all have. */
static bool
all_reach(struct vsupervisor *supervisor, enum point point, bool charges)
{
	while (world_is_armed(supervisor->world, point) &&
	       supervisor->reached < supervisor->writing) {
		const struct core_step *step = &supervisor->queue[supervisor->reached++];
		bool found_done = step->kind == EV_TASK_FENCED && step->value != 0;
		bool fence = step->kind == ACT_FENCE || step->kind == EV_TASK_FENCED;
		bool skip = step->kind == ACT_SKIP || step->kind == EV_TICK ||
		            step->kind == ACT_COPY || step->kind == ACT_COPY_FENCE ||
		            step->kind == EV_COPY_GRANTED || step->kind == EV_COPY_FENCED;
		/* A task that turns out to be done is not charged. */
		bool charged = fence && step->incarnation != 0 && !found_done;
		if ((charges ? charged : !fence && !skip) && !passes(supervisor, point))
			return false;
	}
	supervisor->reached = 0;
	return true;
}

static bool
write_all(struct vsupervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->writing; i++) {
		int error = write_one(supervisor, &supervisor->queue[i]);
		if (error == -ENOMEM)
			world_no_memory(supervisor->world);
		if (error != 0) {
			judge_found(supervisor->world, "store", "task %u could not be given up: %s",
			            supervisor->queue[i].task, strerror(-error));
			return false;
		}
	}
	return true;
}

/* For the judge: what that task's holder says may be progress again. */
void
vsupervisor_fenced(struct vsupervisor *supervisor, uint32_t task)
{
	if (task != CORE_NO_TASK)
		supervisor->world->witness[task].fencing[vsupervisor_index(supervisor)] = false;
}

/* What the answers lead to comes behind them in the queue and is the next round's. */
static void
answer_all(struct vsupervisor *supervisor)
{
	size_t count = supervisor->writing;

	supervisor->writing = 0;
	for (size_t i = 0; i < count && supervisor->alive; i++) {
		struct core_step answer = supervisor->queue[i];
		vsupervisor_fenced(supervisor, answer.task);
		if (answer.kind != EV_TICK)
			vsupervisor_step(supervisor, &answer);
	}
	supervisor->queue_count -= count;
	memmove(supervisor->queue, supervisor->queue + count,
	        supervisor->queue_count * sizeof(*supervisor->queue));
}

/* One step of the transaction; true: the next follows at once. */
static bool
store_step(struct vsupervisor *supervisor)
{
	switch ((enum store_step)supervisor->store) {
	case STORE_IDLE:
		supervisor->store = STORE_LOCKS;
		return passes(supervisor, POINT_SUPERVISOR_BEFORE_FENCE);
	case STORE_LOCKS:
		if (!begin(supervisor))
			return false;
		supervisor->store = STORE_CHARGES;
		return true;
	case STORE_CHARGES:
		if (!all_reach(supervisor, POINT_SUPERVISOR_BEFORE_CHARGE, true))
			return false;
		supervisor->store = STORE_BURIES;
		return true;
	case STORE_BURIES:
		if (!all_reach(supervisor, POINT_SUPERVISOR_BEFORE_BURY, false))
			return false;
		supervisor->store = STORE_WRITES;
		return true;
	case STORE_WRITES:
		if (!write_all(supervisor))
			return false;
		supervisor->store = STORE_CHARGED;
		return true;
	case STORE_CHARGED:
		if (!all_reach(supervisor, POINT_SUPERVISOR_AFTER_CHARGE, true))
			return false;
		supervisor->store = STORE_BURIED;
		return true;
	case STORE_BURIED:
		if (!all_reach(supervisor, POINT_SUPERVISOR_AFTER_BURY, false))
			return false;
		supervisor->store = STORE_WRITTEN;
		return true;
	case STORE_WRITTEN:
		supervisor->store = STORE_ANSWERS;
		return passes(supervisor, POINT_SUPERVISOR_AFTER_FENCE);
	case STORE_ANSWERS:
		supervisor->store = STORE_IDLE;
		answer_all(supervisor);
		return false;
	}
	return false;
}

void
vsupervisor_store(struct vsupervisor *supervisor)
{
	do
		while (supervisor->alive && !supervisor->paused && store_step(supervisor))
			continue;
	while (supervisor->alive && !supervisor->paused && supervisor->store == STORE_IDLE &&
	       supervisor->queue_count > 0);
}

/* SPDX-License-Identifier: ISC
 *
 * Performing what the coordinator asks for.  What changes the store is gathered and done in one
 * transaction, without ever blocking the loop: a busy store is tried again a moment later.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/check.h"
#include "sim/process/supervisor.h"
#include "sim/util/array.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"

#define BUSY_TRIES 3
#define OPENING_BUSY_MS 2000
#define SINK_PATIENCE_NS (200 * NS_PER_MS)
#define SINK_RETRY_NS (500 * NS_PER_MS)
#define BUSY_RETRY_NS (NS_PER_MS / 2)

static void
assign(struct supervisor *supervisor, const struct core_step *action)
{
	struct message message = {
	    .kind = MESSAGE_ASSIGN,
	    .cause = action->cause,
	    .slot = action->slot,
	    .incarnation = action->incarnation,
	    .generation = supervisor->generation,
	    .task = action->task,
	    .epoch = action->epoch,
	    .record = action->record,
	    .value = ++supervisor->place[action->slot].leases,
	};

	supervisor_send(supervisor, action->slot, &message);
}

/* A worker that is given up alive (takeover: fence) has worked in vain as well. */
static void
note_loss(struct supervisor *supervisor, const struct core_step *action)
{
	struct place *place = &supervisor->place[action->slot];

	if (action->kind != ACT_FENCE || action->cause != CAUSE_HANG || place->channel.fd < 0)
		return;
	place->lost_task = action->task;
	place->lost_records = board_work_done(supervisor->run->board, action->slot);
}

void
supervisor_count_vain(struct supervisor *supervisor, uint16_t slot)
{
	struct place *place = &supervisor->place[slot];

	atomic_fetch_add(&supervisor->run->faults->rework,
	                 board_work_done(supervisor->run->board, slot));
	if (place->overtaken)
		board_work_reset(supervisor->run->board, slot);
	place->overtaken = false;
	place->lost_records = 0;
}

/* Who may not be killed goes on for a while, and who was killed until it has died. */
static void
note_overtaken(struct supervisor *supervisor, const struct core_step *action)
{
	supervisor->place[action->slot].overtaken = action->value == 0;
	if (action->value != 0)
		supervisor_count_vain(supervisor, action->slot);
}

static void
put_off(struct supervisor *supervisor, const struct core_step *action)
{
	struct store_queue *queue = &supervisor->queue;
	struct core_step *larger;

	if (planted("lease-not-returned") && action->kind == ACT_FENCE &&
	    action->cause == CAUSE_INFRA)
		return;
	larger = array_grow(queue->step, queue->count, &queue->room, sizeof(*larger));
	if (larger == NULL) {
		supervisor_break(supervisor, "remember what is to be stored", -ENOMEM);
		return;
	}
	queue->step = larger;
	queue->step[queue->count++] = *action;
}

void
supervisor_perform(struct supervisor *supervisor, const struct core_step *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		supervisor_spawn(supervisor, action);
		break;
	case ACT_ASSIGN:
		assign(supervisor, action);
		break;
	case ACT_KILL:
		point_reach(POINT_SUPERVISOR_BEFORE_KILL);
		supervisor_signal(supervisor, action->slot, SIGKILL);
		break;
	case ACT_FENCE:
	case ACT_COPY:
	case ACT_COPY_FENCE:
	case ACT_BURY:
	case ACT_BURY_RECORD:
	case ACT_SKIP:
		note_loss(supervisor, action);
		put_off(supervisor, action);
		break;
	case ACT_OVERTAKEN:
		note_overtaken(supervisor, action);
		break;
	case ACT_DISMISS:
		supervisor_tell(supervisor, action->slot, MESSAGE_DISMISS);
		break;
	case ACT_JOB_ENDED:
		supervisor->outcome = (enum core_outcome)action->value;
		break;
	default:
		break; /* SUSPECT, RETRY, QUARANTINE: notes, logged like all the others */
	}
}

/* Of a crash the coordinator knows the wait status, of bad data the reason. */
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

static bool
is_early(void *until_ns)
{
	return clock_now_ns() < *(int64_t *)until_ns;
}

/* A sink on another server is asked first; one that is away is asked again later, as the loop waits
 * for nobody. */
static int
give_up_in_sink(struct supervisor *supervisor, uint32_t task)
{
	int64_t until_ns = clock_now_ns() + SINK_PATIENCE_NS;
	const struct sink_wish wish = {
	    .scenario = &supervisor->run->scenario,
	    .run = supervisor->run->id,
	    .store = supervisor->store,
	    .generation = supervisor->generation,
	    .beat = is_early,
	    .context = &until_ns,
	};
	uint32_t epoch;
	struct sink *sink;
	int error = store_task_epoch(supervisor->store, task, &epoch);

	if (error == 0)
		error = sink_open(&sink, &wish);
	if (error != 0)
		return error;
	error = sink_give_up(sink, task, epoch + 1);
	if (error == -ECONNRESET || error == -EINTR)
		error = -EAGAIN;
	if (error != 0 && error != -EAGAIN)
		complain("task %u cannot be given up: its sink: %s", task, sink_error(sink));
	sink_close(sink);
	return error;
}

static int
bury(struct supervisor *supervisor, struct core_step *step)
{
	int error = 0;

	if (supervisor->run->ops->commits)
		error = give_up_in_sink(supervisor, step->task);
	if (error == 0)
		error =
		    store_task_bury(supervisor->store, step->task, reason_of(step), &step->value);
	step->kind = EV_TASK_BURIED;
	return error;
}

/* Does one queued action inside the open transaction and turns it into the event that answers it.
 */
static int
store_one(struct supervisor *supervisor, struct core_step *step)
{
	struct store *store = supervisor->store;
	int result;

	switch (step->kind) {
	case ACT_FENCE:
		result = store_task_fence(store, step->task, (enum cause)step->cause,
		                          step->value != 0, &step->epoch, &step->record);
		step->kind = EV_TASK_FENCED;
		step->value = result == 0;
		return result < 0 ? result : 0;
	case ACT_COPY:
		result = store_task_copy(store, step->task, &step->epoch);
		step->kind = EV_COPY_GRANTED;
		step->value = result == 0;
		return result < 0 ? result : 0;
	case ACT_COPY_FENCE:
		result = store_task_fence(store, step->task, CAUSE_INFRA, false, &step->epoch,
		                          &step->record);
		step->kind = EV_COPY_FENCED;
		step->value = result == 0;
		return result < 0 ? result : 0;
	case ACT_BURY:
		return bury(supervisor, step);
	case ACT_BURY_RECORD:
		result = store_record_bury(store, step->task, step->record, (int)step->value,
		                           &step->epoch);
		step->kind = EV_RECORD_BURIED;
		return result;
	default:
		CHECK(step->kind == ACT_SKIP);
		step->kind = EV_TICK; /* nobody waits for an answer */
		return store_task_skip(store, step->task, (uint32_t)step->record);
	}
}

int
supervisor_open_store(struct supervisor *supervisor)
{
	int error;

	if (supervisor->store != NULL)
		return 0;
	error = store_open(&supervisor->store, supervisor->run->db,
	                   supervisor->run->scenario.durability, OPENING_BUSY_MS);
	if (error != 0)
		return error;
	store_checkpoint_on_close(supervisor->store, false);
	store_busy_set(supervisor->store, 0); /* the loop waits for nobody */
	return 0;
}

void
supervisor_close_store(struct supervisor *supervisor)
{
	store_close(supervisor->store);
	supervisor->store = NULL;
}

static void
reach_before(const struct core_step *asked)
{
	if (asked->kind == ACT_FENCE && asked->value != 0)
		point_reach(POINT_SUPERVISOR_BEFORE_CHARGE);
	if (asked->kind == ACT_BURY || asked->kind == ACT_BURY_RECORD)
		point_reach(POINT_SUPERVISOR_BEFORE_BURY);
}

/* A task that turns out to be done is not charged. */
static void
reach_after(const struct core_step *asked, const struct core_step *answer)
{
	if (asked->kind == ACT_FENCE && asked->value != 0 && answer->value == 0)
		point_reach(POINT_SUPERVISOR_AFTER_CHARGE);
	if (asked->kind == ACT_BURY || asked->kind == ACT_BURY_RECORD)
		point_reach(POINT_SUPERVISOR_AFTER_BURY);
}

/* 0 or -errno; -ESTALE: superseded, nothing was written. */
static int
transact(struct supervisor *supervisor, struct core_step *answers, size_t count)
{
	int error = supervisor_open_store(supervisor);

	if (error == 0)
		error = store_begin(supervisor->store);
	for (int tries = 1; error == -EBUSY && tries < BUSY_TRIES; tries++) {
		sched_yield();
		error = store_begin(supervisor->store);
	}
	if (error != 0)
		return error;
	/* Before it writes anything: another supervisor may rule by now. */
	error = planted("supervisor-not-fenced")
	            ? 0
	            : store_generation_check(supervisor->store, supervisor->generation);
	for (size_t i = 0; error == 0 && i < count; i++) {
		reach_before(&answers[i]);
		error = store_one(supervisor, &answers[i]);
	}
	if (error != 0) {
		store_rollback(supervisor->store);
		return error;
	}
	error = store_commit(supervisor->store);
	for (size_t i = 0; error == 0 && i < count; i++)
		reach_after(&supervisor->queue.step[i], &answers[i]);
	return error;
}

/* Work on a task that turns out not to be done was done in vain. */
static void
count_rework(struct supervisor *supervisor, const struct core_step *fenced)
{
	for (size_t slot = 0; slot < supervisor->places; slot++) {
		struct place *place = &supervisor->place[slot];
		if (place->lost_records == 0 || place->lost_task != fenced->task)
			continue;
		if (fenced->value == 0)
			atomic_fetch_add(&supervisor->run->faults->rework, place->lost_records);
		place->lost_records = 0;
		/* Nor is it for the director to count when we die. */
		if (place->pid == 0 && !place->joined)
			board_work_reset(supervisor->run->board, (uint32_t)slot);
	}
}

/* Fences what was queued when it started; what the answers lead to is the next round's. */
static bool
store_round(struct supervisor *supervisor)
{
	struct store_queue *queue = &supervisor->queue;
	size_t count = queue->count;
	struct core_step *answers = reallocarray(NULL, count, sizeof(*answers));
	int error;

	if (answers == NULL) {
		supervisor_break(supervisor, "store what was decided", -ENOMEM);
		return false;
	}
	memcpy(answers, queue->step, count * sizeof(*answers));
	point_reach(POINT_SUPERVISOR_BEFORE_FENCE);
	error = transact(supervisor, answers, count);
	if (error == 0) {
		point_reach(POINT_SUPERVISOR_AFTER_FENCE);
		queue->count = 0;
		/* The transaction took its time; what follows from it must not look as if it had
		 * taken none. */
		supervisor->now_ns = clock_now_ns();
		for (size_t i = 0; i < count; i++) {
			if (answers[i].kind == EV_TASK_FENCED || answers[i].kind == EV_COPY_FENCED)
				count_rework(supervisor, &answers[i]);
			if (answers[i].kind != EV_TICK)
				supervisor_step(supervisor, &answers[i]);
		}
	} else if (error == -ESTALE &&
	           store_generation_check(supervisor->store, supervisor->generation) == -ESTALE) {
		_exit(SUPERVISOR_SUPERSEDED);
	} else if (error == -EBUSY || error == -EAGAIN) {
		queue->retry_ns =
		    supervisor->now_ns + (error == -EBUSY ? BUSY_RETRY_NS : SINK_RETRY_NS);
	} else {
		supervisor_break(supervisor,
		                 supervisor->store != NULL ? store_error(supervisor->store)
		                                           : "open run.db",
		                 error);
	}
	free(answers);
	return error == 0;
}

void
supervisor_store(struct supervisor *supervisor)
{
	while (supervisor->queue.count > 0 && !supervisor->broken &&
	       supervisor->now_ns >= supervisor->queue.retry_ns)
		if (!store_round(supervisor))
			break;
}

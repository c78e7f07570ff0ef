/* SPDX-License-Identifier: ISC
 *
 * The supervisor's model: it raises the generation, restores the coordinator from the store, turns
 * what happens into its events, reaps, and ends the run.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/util/array.h"
#include "sim/util/fail.h"
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

#define LEAVE_NS (2 * NS_PER_S)
#define STORE_RETRY_NS (NS_PER_MS / 2)

int
vsupervisor_open(struct vworld *world, struct vsupervisor *supervisor)
{
	const struct core_config *config = &world->config;
	size_t slots = config->slots + 1u;

	if (supervisor->memory != NULL)
		return 0;
	*supervisor = (struct vsupervisor){
	    .world = world,
	    .memory = malloc(core_size(config)),
	    .actions = reallocarray(NULL, core_actions_max(config), sizeof(struct core_step)),
	    .worker = calloc(slots, sizeof(struct vworker)),
	};
	return supervisor->memory == NULL || supervisor->actions == NULL ||
	               supervisor->worker == NULL
	           ? -ENOMEM
	           : 0;
}

void
vsupervisor_close(struct vsupervisor *supervisor)
{
	size_t slots = supervisor->world != NULL ? supervisor->world->config.slots + 1u : 0;

	for (size_t i = 0; supervisor->worker != NULL && i < slots; i++)
		free(supervisor->worker[i].dead);
	free(supervisor->memory);
	free(supervisor->actions);
	free(supervisor->worker);
	free(supervisor->queue);
	free(supervisor->deferred);
}

static void
boot_after(struct vsupervisor *supervisor, int64_t delay_ns)
{
	world_add(supervisor->world, &(struct event){.at_ns = supervisor->world->now_ns + delay_ns,
	                                             .kind = HAPPENS_BOOT,
	                                             .life = supervisor->life});
}

static void
store_after(struct vsupervisor *supervisor, int64_t delay_ns)
{
	world_add(supervisor->world, &(struct event){.at_ns = supervisor->world->now_ns + delay_ns,
	                                             .kind = HAPPENS_STORE,
	                                             .life = supervisor->life});
}

void
vsupervisor_begin(struct vworld *world, struct vsupervisor *supervisor)
{
	supervisor->life = ++world->lives;
	supervisor->alive = true;
	supervisor->paused = supervisor->reap_asked = false;
	supervisor->generation = 0;
	supervisor->boot = BOOT_STARTS;
	supervisor->store = STORE_IDLE;
	supervisor->queue_count = supervisor->writing = supervisor->deferred_count = 0;
	supervisor->store_due_ns = 0;
	supervisor->core = NULL;
	supervisor->alive_workers = 0;
	supervisor->dead = supervisor->dead_last = NULL;
	supervisor->outcome = OUTCOME_NONE;
	for (size_t i = 0; i <= world->config.slots; i++) {
		supervisor->worker[i].alive = supervisor->worker[i].unreaped = false;
		supervisor->worker[i].waits_for_lock = supervisor->worker[i].locked = false;
	}
	vsupervisor_boot(supervisor);
}

static bool
passes(struct vsupervisor *supervisor, enum point point)
{
	return !world_is_armed(supervisor->world, point) ||
	       point_of_supervisor(supervisor, point) == REACHED_ON;
}

static bool
raise_generation(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;
	uint32_t before = world->rows.generation;

	if (!lock_supervise(supervisor, world->model->commit_ns)) {
		boot_after(supervisor, STORE_RETRY_NS);
		return false;
	}
	supervisor->generation = rows_generation_raise(&world->rows);
	if (supervisor->generation <= before)
		judge_found(world, "generation", "generation %u came after %u",
		            supervisor->generation, before);
	trace_note(world, NOTE_GENERATION, CORE_NO_SLOT, CORE_NO_TASK, 0, 0,
	           supervisor->generation);
	vlog_note(world, NOTE_GENERATION, CORE_NO_SLOT, 0, 0);
	world->report->generations++;
	return true;
}

void
vsupervisor_scale(struct vsupervisor *supervisor)
{
	struct core_step scale = {
	    .kind = EV_SCALE, .task = CORE_NO_TASK, .value = supervisor->world->workers};

	vsupervisor_step(supervisor, &scale);
}

static void
restore(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;
	struct core_config config = world->config;
	config.seed = world->scenario->seed + supervisor->generation;
	supervisor->core = core_init(supervisor->memory, &config);
	vlog_note(world, NOTE_PLAN_SEALED, CORE_NO_SLOT, world->plan->tasks, world->plan->total);
	for (uint32_t task = 0; task < world->plan->tasks; task++) {
		const struct row *row = &world->rows.row[task];
		struct core_step event = {.kind = EV_TASK_RESTORED,
		                          .task = task,
		                          .epoch = row->epoch,
		                          .record = row->state == TASK_SKIPPED ? row->reason
		                                                               : row->dead_records};
		if (row->state == TASK_READY && row->epoch == 1 && row->charged == 0 &&
		    row->stage == 0 && row->skips == 0)
			continue;
		event.value = core_restored((enum task_state)row->state, row->stage, row->charged,
		                            row->dead_records > 0);
		vsupervisor_step(supervisor, &event);
	}
}

static void
open_plan(struct vsupervisor *supervisor)
{
	struct core_step ready = {.kind = EV_PLAN_READY, .task = CORE_NO_TASK};

	vsupervisor_step(supervisor, &ready);
	if (supervisor->world->workers != supervisor->world->config.workers)
		vsupervisor_scale(supervisor);
}

static void
conclude(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;
	enum run_state state = supervisor->outcome == OUTCOME_DONE ? RUN_DONE : RUN_FAILED;

	if (!lock_supervise(supervisor, world->model->commit_ns)) {
		boot_after(supervisor, STORE_RETRY_NS);
		return;
	}
	if (supervisor->outcome == OUTCOME_DRAINED) {
		supervisor->boot = BOOT_LEAVES;
		return;
	}
	vlog_note(world, NOTE_RUN_ENDED, CORE_NO_SLOT, 0, supervisor->outcome);
	if (!world->scenario->job.durable && state == RUN_DONE)
		rows_tasks_done(&world->rows);
	if (rows_run_end(&world->rows, supervisor->generation, state, supervisor->outcome) != 0) {
		director_lost(world, supervisor, W_EXITCODE(EXIT_INTERNAL, 0));
		return;
	}
	judge_concluded(supervisor);
	supervisor->boot = BOOT_ENDS;
}

static void
let_leave(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;

	supervisor->boot = BOOT_LEAVES;
	supervisor->leave_ns = world->now_ns + LEAVE_NS;
	for (size_t i = 0; i <= world->config.slots; i++) {
		const struct vworker *worker = &supervisor->worker[i];
		if (worker->alive && worker->paused && worker->wake_ns != FOREVER &&
		    worker->wake_ns + LEAVE_NS > supervisor->leave_ns)
			supervisor->leave_ns = worker->wake_ns + LEAVE_NS;
	}
	world_add(world, &(struct event){.at_ns = supervisor->leave_ns,
	                                 .kind = HAPPENS_LEFT,
	                                 .life = supervisor->life});
}

/* One step of its way up or down; true: the next follows at once. */
static bool
boot_step(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;

	switch ((enum boot_step)supervisor->boot) {
	case BOOT_STARTS:
		supervisor->boot = BOOT_BEGINS;
		return passes(supervisor, POINT_SUPERVISOR_STARTED);
	case BOOT_BEGINS:
		supervisor->boot = BOOT_RAISES;
		return passes(supervisor, POINT_SUPERVISOR_BEFORE_GENERATION);
	case BOOT_RAISES:
		if (!raise_generation(supervisor))
			return false;
		supervisor->boot = BOOT_RAISED;
		return passes(supervisor, POINT_SUPERVISOR_AFTER_GENERATION);
	case BOOT_RAISED:
		/* The one before ended the run and could not say so. */
		if (world->rows.state == RUN_DONE || world->rows.state == RUN_FAILED) {
			supervisor->outcome = world->rows.outcome;
			supervisor->boot = BOOT_LEAVES;
			return true;
		}
		supervisor->boot = world->rows.state == RUN_PLANNING ? BOOT_SEALS : BOOT_RESTORES;
		return supervisor->boot == BOOT_RESTORES ||
		       passes(supervisor, POINT_SUPERVISOR_BEFORE_PLAN_SEALED);
	case BOOT_SEALS:
		world->rows.state = RUN_OPEN;
		supervisor->boot = BOOT_RESTORES;
		return passes(supervisor, POINT_SUPERVISOR_AFTER_PLAN_SEALED);
	case BOOT_RESTORES:
		supervisor->boot = BOOT_OPENS;
		restore(supervisor);
		return passes(supervisor, POINT_SUPERVISOR_AFTER_RESTORE);
	case BOOT_OPENS:
		supervisor->boot = BOOT_RUNS;
		open_plan(supervisor);
		return supervisor->alive;
	case BOOT_RUNS:
		if (supervisor->outcome == OUTCOME_NONE || supervisor->queue_count > 0)
			return false;
		supervisor->boot = BOOT_CONCLUDES;
		return supervisor->outcome == OUTCOME_DRAINED ||
		       passes(supervisor, POINT_SUPERVISOR_BEFORE_JOB_DONE);
	case BOOT_CONCLUDES:
		conclude(supervisor);
		return supervisor->alive && supervisor->boot != BOOT_CONCLUDES;
	case BOOT_ENDS:
		let_leave(supervisor);
		return supervisor->outcome == OUTCOME_DRAINED ||
		       passes(supervisor, POINT_SUPERVISOR_AFTER_JOB_DONE);
	case BOOT_LEAVES:
		if (supervisor->alive_workers > 0 || supervisor->dead != NULL)
			return false;
		director_ended(world, supervisor);
		return false;
	}
	return false;
}

void
vsupervisor_boot(struct vsupervisor *supervisor)
{
	while (supervisor->alive && !supervisor->paused && boot_step(supervisor))
		continue;
}

/* What a lost worker's victims are proven by. */
static void
note_stats(struct vworld *world, const struct vsupervisor *supervisor)
{
	const struct core_stats *stats = core_stats(supervisor->core);
	struct core_stats *sum = &world->report->stats;

	sum->leased += stats->leased;
	sum->done += stats->done;
	for (unsigned cause = 0; cause < CAUSES; cause++)
		sum->attempts[cause] += stats->attempts[cause];
	sum->retries += stats->retries;
	sum->reassigned += stats->reassigned;
	sum->fenced += stats->fenced;
	sum->returned += stats->returned;
	sum->stale += stats->stale;
	sum->found_done += stats->found_done;
	sum->isolated += stats->isolated;
	sum->restarts += stats->restarts;
	sum->quarantined += stats->quarantined;
	sum->hangs += stats->hangs;
	sum->copies += stats->copies;
	sum->copies_won += stats->copies_won;
	memcpy(sum->tasks, stats->tasks, sizeof(sum->tasks));
	sum->dead_records = stats->dead_records;
}

/* It has the store's lock. */
static bool
is_writing(const struct vsupervisor *supervisor)
{
	return supervisor->store > STORE_LOCKS && supervisor->store < STORE_WRITTEN;
}

void
vsupervisor_die(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;

	if (!supervisor->alive)
		return;
	supervisor->alive = false;
	if (is_writing(supervisor))
		world->locked_until_ns = world->now_ns;
	for (size_t i = 0; i <= world->config.slots; i++) {
		struct vworker *worker = &supervisor->worker[i];
		if (worker->alive) {
			vworker_die(worker, W_EXITCODE(0, SIGKILL));
			worker->unreaped = true;
		}
		if (worker->unreaped) {
			tally_holder_lost(world, worker);
			vfault_land_all(world, &worker->victim_of, worker->slot);
			worker->unreaped = false;
		}
	}
	world->supervisor_waits = false;
	if (supervisor->core != NULL)
		note_stats(world, supervisor);
	lock_free(world);
}

void
vsupervisor_pause(struct vsupervisor *supervisor, int64_t until_ns)
{
	struct vworld *world = supervisor->world;

	supervisor->paused = true;
	supervisor->paused_ns = world->now_ns;
	supervisor->wake_ns = until_ns;
	if (is_writing(supervisor))
		lock_keep(world, until_ns);
	for (size_t i = 0; i <= world->config.slots; i++)
		supervisor->worker[i].disturbed = true;
	world_add(world, &(struct event){.at_ns = until_ns,
	                                 .kind = HAPPENS_SUPERVISOR_WAKES,
	                                 .life = supervisor->life});
}

void
vsupervisor_defer(struct vsupervisor *supervisor, const struct event *event)
{
	struct event *larger = array_grow(supervisor->deferred, supervisor->deferred_count,
	                                  &supervisor->deferred_room, sizeof(*larger));
	if (larger == NULL)
		world_no_memory(supervisor->world);
	supervisor->deferred = larger;
	supervisor->deferred[supervisor->deferred_count++] = *event;
}

/* What arrived while it stood still is heard before anybody is given up. */
void
vsupervisor_wake(struct vsupervisor *supervisor)
{
	size_t count = supervisor->deferred_count, heard = 0;

	supervisor->paused = false;
	vsupervisor_boot(supervisor);
	while (heard < count && supervisor->alive && !supervisor->paused) {
		struct event event = supervisor->deferred[heard++];
		vsupervisor_happens(supervisor, &event);
	}
	if (!supervisor->alive)
		return;
	supervisor->deferred_count -= heard;
	if (supervisor->deferred_count > 0) /* without any there may be no room, either */
		memmove(supervisor->deferred, supervisor->deferred + heard,
		        supervisor->deferred_count * sizeof(struct event));
	if (!supervisor->paused)
		vsupervisor_settle(supervisor);
}

void
vsupervisor_step(struct vsupervisor *supervisor, struct core_step *event)
{
	struct vworld *world = supervisor->world;
	struct core_step *actions = supervisor->actions;
	size_t count;

	event->at_ns = world->now_ns;
	world->report->events++;
	count = core_step(supervisor->core, event, actions);
	trace_step(world, supervisor->generation, event);
	if (event->kind != EV_TICK || count > 0)
		vlog_step(world, supervisor->generation, event);
	tally_step(world, event);
	if (world->options->audit)
		core_audit_step(supervisor->core);
	for (size_t i = 0; i < count && supervisor->alive; i++) {
		actions[i].at_ns = world->now_ns;
		trace_step(world, supervisor->generation, &actions[i]);
		vlog_step(world, supervisor->generation, &actions[i]);
		tally_step(world, &actions[i]);
		vsupervisor_perform(supervisor, &actions[i]);
	}
}

void
vsupervisor_tell(struct vsupervisor *supervisor, uint16_t slot, enum message_kind kind)
{
	struct vworker *worker = &supervisor->worker[slot];
	struct frame frame = {.kind = (uint8_t)kind,
	                      .slot = slot,
	                      .incarnation = worker->incarnation,
	                      .generation = supervisor->generation,
	                      .task = CORE_NO_TASK};

	if (worker->alive)
		wire_down(worker, &frame);
}

static void
joined(struct vsupervisor *supervisor, struct vworker *worker, const struct frame *hello)
{
	struct core_step event = {.kind = EV_WORKER_JOINED,
	                          .slot = worker->slot,
	                          .incarnation = worker->incarnation,
	                          .task = CORE_NO_TASK,
	                          .value = hello->value};
	vsupervisor_tell(supervisor, worker->slot, MESSAGE_WELCOME);
	if (worker->joined || !worker->alive)
		return;
	worker->joined = true;
	worker->heard_ns = worker->moved_ns = supervisor->world->now_ns;

	vsupervisor_step(supervisor, &event);
}

/* For the judge: what shows that the worker lives, and that it gets on. */
static void
note_sign(struct vsupervisor *supervisor, struct vworker *worker, const struct frame *frame)
{
	struct core_task_view task;
	bool holds;

	worker->heard_ns = supervisor->world->now_ns;
	if (frame->task == CORE_NO_TASK)
		return;
	task = core_task(supervisor->core, frame->task);
	holds = (task.slot == worker->slot && task.lease_epoch == frame->epoch) ||
	        (task.copy_slot == worker->slot && task.copy_epoch == frame->epoch);
	if (!holds ||
	    supervisor->world->witness[frame->task].fencing[vsupervisor_index(supervisor)])
		return;
	if (frame->kind != MESSAGE_BEAT || worker->moved_at != frame->record ||
	    worker->moved_task != frame->task)
		worker->moved_ns = worker->heard_ns;
	worker->moved_at = frame->record;
	worker->moved_task = frame->task;
}

static void
hear(struct vsupervisor *supervisor, const struct frame *frame)
{
	static const uint8_t kinds[MESSAGE_KINDS] = {
	    [MESSAGE_BEAT] = EV_BEAT,
	    [MESSAGE_DONE] = EV_TASK_DONE,
	    [MESSAGE_FAILED] = EV_TASK_FAILED,
	    [MESSAGE_FENCED] = EV_COMMIT_REFUSED,
	    [MESSAGE_RETURNED] = EV_TASK_RETURNED,
	    [MESSAGE_SURVIVED] = EV_PROBE_SURVIVED,
	};
	struct vworker *worker = &supervisor->worker[frame->slot];
	struct core_step event = {.kind = kinds[frame->kind],
	                          .cause = frame->cause,
	                          .slot = frame->slot,
	                          .incarnation = frame->incarnation,
	                          .task = frame->task,
	                          .epoch = frame->epoch,
	                          .record = frame->record,
	                          .value = frame->value};
	bool present = worker->incarnation == frame->incarnation;

	if (frame->kind == MESSAGE_HELLO) {
		if (present)
			joined(supervisor, worker, frame);
		return;
	}
	/* supervisor_connections.c says why. */
	if (present && frame->kind == MESSAGE_RETURNED &&
	    !numbers_take(&worker->leases_back, frame->value))
		return;
	if (present) {
		note_sign(supervisor, worker, frame);
		/* The first dismissal may have been lost. */
		if (frame->kind == MESSAGE_BEAT && frame->task == CORE_NO_TASK &&
		    core_slot(supervisor->core, frame->slot).state == SLOT_LEAVING)
			vsupervisor_tell(supervisor, frame->slot, MESSAGE_DISMISS);
	}
	vsupervisor_step(supervisor, &event);
}

void
vsupervisor_bury(struct vsupervisor *supervisor, struct vworker *worker)
{
	struct vworld *world = supervisor->world;
	int64_t at_ns = world->now_ns + world_message_ns(world);

	worker->unreaped = true;
	worker->next_dead = NULL;
	if (supervisor->dead == NULL)
		supervisor->dead = worker;
	else
		supervisor->dead_last->next_dead = worker;
	supervisor->dead_last = worker;
	/* One signal may stand for several deaths. */
	if (supervisor->reap_asked && at_ns >= worker->last_up_ns)
		return;
	/* What it said before it died comes before its death. */
	if (at_ns < worker->last_up_ns)
		at_ns = worker->last_up_ns;
	supervisor->reap_asked = true;
	world_add(world,
	          &(struct event){.at_ns = at_ns, .kind = HAPPENS_REAP, .life = supervisor->life});
}

/* Its death is known. */
static void
exited(struct vsupervisor *supervisor, struct vworker *worker)
{
	struct vworld *world = supervisor->world;
	struct core_step event = {.kind = EV_WORKER_EXITED,
	                          .slot = worker->slot,
	                          .incarnation = worker->incarnation,
	                          .task = worker->at_task,
	                          .epoch = worker->at_epoch,
	                          .record = vworker_at_record(worker),
	                          .value = (uint64_t)worker->status};

	worker->unreaped = false;
	tally_holder_lost(world, worker);
	vfault_land_all(world, &worker->victim_of, worker->slot);
	vsupervisor_step(supervisor, &event);
}

static void
reap_one(struct vsupervisor *supervisor, struct vworker *worker)
{
	if (passes(supervisor, POINT_SUPERVISOR_AFTER_REAP))
		exited(supervisor, worker);
	else if (supervisor->alive)
		vsupervisor_defer(supervisor, &(struct event){.kind = HAPPENS_REAPED,
		                                              .slot = worker->slot,
		                                              .life = supervisor->life});
}

static void
reap(struct vsupervisor *supervisor)
{
	struct vworker *left = supervisor->dead;

	supervisor->dead = supervisor->dead_last = NULL;
	supervisor->reap_asked = false;
	while (left != NULL && supervisor->alive) {
		struct vworker *worker = left;
		left = worker->next_dead;
		if (worker->last_up_ns > supervisor->world->now_ns) {
			vsupervisor_bury(supervisor, worker);
			continue;
		}
		reap_one(supervisor, worker);
		if (planted("lost-sigchld"))
			break;
	}
}

static void
last_orders(struct vsupervisor *supervisor)
{
	for (size_t i = 0; i <= supervisor->world->config.slots; i++)
		if (supervisor->worker[i].alive)
			vworker_die(&supervisor->worker[i], W_EXITCODE(0, SIGKILL));
}

void
vsupervisor_happens(struct vsupervisor *supervisor, const struct event *event)
{
	if (supervisor->paused) {
		vsupervisor_defer(supervisor, event);
		return;
	}
	switch (event->kind) {
	case HAPPENS_UP:
		hear(supervisor, &event->frame);
		break;
	case HAPPENS_REAP:
		reap(supervisor);
		break;
	case HAPPENS_REAPED:
		exited(supervisor, &supervisor->worker[event->slot]);
		break;
	case HAPPENS_KILL:
		if (supervisor->worker[event->slot].incarnation == event->token &&
		    supervisor->worker[event->slot].alive)
			vworker_die(&supervisor->worker[event->slot], W_EXITCODE(0, SIGKILL));
		break;
	case HAPPENS_LEFT:
		last_orders(supervisor);
		break;
	default:
		break; /* BOOT and STORE: what is due is done below */
	}
	if (supervisor->alive && !supervisor->paused)
		vsupervisor_settle(supervisor);
}

void
vsupervisor_settle(struct vsupervisor *supervisor)
{
	if (supervisor->queue_count > 0)
		vsupervisor_store(supervisor);
	if (supervisor->alive && !supervisor->paused &&
	    (supervisor->boot != BOOT_RUNS || supervisor->outcome != OUTCOME_NONE))
		vsupervisor_boot(supervisor);
	if (supervisor->queue_count > 0 && supervisor->alive && !supervisor->paused &&
	    supervisor->store_due_ns <= supervisor->world->now_ns) {
		supervisor->store_due_ns = supervisor->world->now_ns + STORE_RETRY_NS;
		store_after(supervisor, STORE_RETRY_NS);
	}
}

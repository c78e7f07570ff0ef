/* SPDX-License-Identifier: ISC
 *
 * What becomes of the scenario's faults: when they are due, what they do, and what shows that they
 * did it.
 */
#include <signal.h>
#include <sys/wait.h>

#include <string.h>

#include "sim/virtual/world.h"

#define BIT(index) (UINT64_C(1) << (index))
#define NOBODY UINT64_MAX

static const struct fault *
fault_of(const struct vworld *world, size_t index)
{
	return &world->scenario->fault[index];
}

bool
vfault_is_open(const struct vworld *world, size_t index)
{
	return world->report->fault[index].injected < fault_of(world, index)->times;
}

void
vfaults_arm(struct vworld *world)
{
	memset(world->armed, 0, sizeof(world->armed));
	world->frame_faults = world->record_faults = 0;
	world->state_faults = world->progress_faults = 0;
	for (size_t i = 0; i < world->scenario->faults; i++) {
		const struct fault *fault = fault_of(world, i);
		if (!vfault_is_open(world, i))
			continue;
		if (fault->when == WHEN_POINT && (point_calls(fault->point) & POINT_SENDS) != 0)
			world->frame_faults |= BIT(i);
		else if (fault->when == WHEN_POINT)
			world->armed[fault->point / 64] |= BIT(fault->point % 64);
		else if (fault->when == WHEN_RECORD)
			world->record_faults |= BIT(i);
		else if (fault->when == WHEN_STATE)
			world->state_faults |= BIT(i);
		else if (fault->when == WHEN_PROGRESS)
			world->progress_faults |= BIT(i);
	}
}

void
vfaults_init(struct vworld *world)
{
	vfaults_arm(world);
	for (size_t i = 0; i < world->scenario->faults; i++)
		if (fault_of(world, i)->when == WHEN_TIME)
			world_add(world, &(struct event){.at_ns = fault_of(world, i)->after_ns,
			                                 .kind = HAPPENS_FAULT,
			                                 .token = (uint32_t)i});
}

/* One draw that depends on seed, fault and hit alone: the same as in the real world. */
static uint32_t
draw_ppm(uint64_t seed, size_t index, uint64_t hit)
{
	return (uint32_t)(rng_mix(seed ^ (index + 1) * UINT64_C(0x9e3779b97f4a7c15) ^
	                          hit * UINT64_C(0xd1b54a32d192ed03)) %
	                  1000000);
}

/* What happens before its turn does not count for it. */
static bool
counts(struct vworld *world, const struct fault *fault)
{
	if (fault->follows >= 0 && world->report->fault[fault->follows].injected == 0)
		return false;
	return fault->condition.terms == 0 || condition_is_true(world, &fault->condition);
}

static bool
may_begin(struct vworld *world, size_t index)
{
	const struct fault *fault = fault_of(world, index);

	if (!vfault_is_open(world, index) || world->now_ns < world->again_ns[index])
		return false;
	if (world->now_ns < world->quiet_until_ns && fault->what != FAULT_HEAL &&
	    fault->what != FAULT_QUIET)
		return false;
	return counts(world, fault);
}

bool
vfault_is_due(struct vworld *world, size_t index)
{
	const struct fault *fault = fault_of(world, index);
	uint64_t hit;

	if (!vfault_is_open(world, index) || !counts(world, fault))
		return false;
	hit = ++world->hits[index];
	if (hit < fault->nth || (fault->last != 0 && hit > fault->last))
		return false;
	if (fault->chance_ppm < 1000000 &&
	    draw_ppm(world->scenario->seed, index, hit) >= fault->chance_ppm)
		return false;
	return may_begin(world, index);
}

void
vfault_inject(struct vworld *world, size_t index, uint64_t hit)
{
	struct virtual_fault *became = &world->report->fault[index];
	const struct fault *fault = fault_of(world, index);

	if (became->injected++ == 0) {
		became->first_ns = world->now_ns;
		became->hit = hit;
	}
	world->injected_ns[index] = world->now_ns;
	vlog_injection(world, index, became->injected);
	world->again_ns[index] = world_later(world->now_ns, fault->every_ns);
	trace_note(world, NOTE_FAULT, CORE_NO_SLOT, CORE_NO_TASK, 0, index, became->injected);
	if (!vfault_is_open(world, index))
		vfaults_arm(world);
}

static int
status_of(const struct fault *fault)
{
	if (fault->what == FAULT_MEMORY || fault->poison_memory)
		return W_EXITCODE(0, SIGABRT);
	if (fault->what == FAULT_CRASH && fault->exit_code >= 0)
		return W_EXITCODE(fault->exit_code, 0);
	return W_EXITCODE(0, fault->signal);
}

void
vfault_land(struct vworld *world, size_t index, uint16_t slot)
{
	struct virtual_fault *became = &world->report->fault[index];

	if (became->landed >= became->injected)
		return;
	became->landed++;
	trace_note(world, NOTE_FAULT_LANDED, CORE_NO_SLOT, CORE_NO_TASK, 0, index, became->landed);
	vlog_note(world, NOTE_FAULT, slot, index, (uint64_t)world->injected_ns[index]);
	vlog_note(world, NOTE_FAULT_LANDED, slot, index,
	          (uint64_t)status_of(fault_of(world, index)));
}

void
vfault_land_all(struct vworld *world, uint64_t *victims, uint16_t slot)
{
	for (; *victims != 0; *victims &= *victims - 1)
		vfault_land(world, (size_t)__builtin_ctzll(*victims), slot);
}

int
vfault_of_frame(struct vworker *worker, const struct frame *frame, bool up)
{
	struct vworld *world = worker->supervisor->world;
	enum point point = up ? POINT_WORKER_SEND : POINT_SUPERVISOR_SEND;
	int picked = -1;

	for (uint64_t left = world->frame_faults; left != 0; left &= left - 1) {
		size_t index = (size_t)__builtin_ctzll(left);
		const struct fault *fault = fault_of(world, index);
		if (fault->point != point ||
		    (fault->frame != 0 && fault->frame != frame->kind + 1) ||
		    (fault->who == WHO_SLOT && fault->slot != worker->slot) ||
		    !vfault_is_due(world, index) || picked >= 0)
			continue;
		vfault_inject(world, index, world->hits[index]);
		vfault_land(world, index, worker->slot);
		picked = (int)index;
	}
	return picked;
}

static void
stand_still(struct vworker *worker, const struct fault *fault)
{
	struct vworld *world = worker->supervisor->world;

	worker->hung_until_ns = world_later(world->now_ns, fault->for_ns);
	worker->since_ns = world_later(worker->since_ns, fault->for_ns);
	vworker_due(worker, worker->hung_until_ns);
}

void
vfault_end_hang(struct vworker *worker)
{
	worker->hung_until_ns = 0;
	vfault_land_all(worker->supervisor->world, &worker->victim_of, worker->slot);
}

static void
slow_down(struct vworker *worker, const struct fault *fault)
{
	struct vworld *world = worker->supervisor->world;
	bool works = worker->step == WORKER_WORKS && worker->due_ns != FOREVER && !worker->paused;

	if (works)
		attempt_advance(worker);
	worker->slow_ns = fault->delay_ns;
	worker->slow_until_ns = world_later(world->now_ns, fault->for_ns);
	if (works)
		vworker_due(worker, world->now_ns);
}

static void
cut(struct vworker *worker, const struct fault *fault, size_t index)
{
	int64_t until_ns = world_later(worker->supervisor->world->now_ns, fault->for_ns);

	if (fault->way != WAY_FROM)
		worker->cut_to_ns = until_ns;
	if (fault->way != WAY_TO)
		worker->cut_from_ns = until_ns;
	worker->cut_by |= BIT(index);
}

static void
drain(struct vworker *worker, size_t index)
{
	struct vsupervisor *supervisor = worker->supervisor;
	struct core_step event = {
	    .kind = EV_SLOT_DRAIN, .slot = worker->slot, .task = CORE_NO_TASK};

	worker->victim_of |= BIT(index); /* proven when it is gone */
	if (supervisor->alive && !supervisor->paused)
		vsupervisor_step(supervisor, &event);
}

/* So many more, or fewer; who comes later knows it, too. */
static void
scale(struct vworld *world, const struct fault *fault)
{
	int64_t workers = (int64_t)world->workers + fault->scale;

	if (workers < 1)
		workers = 1;
	if (workers > world->config.slots)
		workers = world->config.slots;
	world->workers = (uint32_t)workers;
	if (world->ruling != NULL && world->ruling->core != NULL && !world->ruling->paused)
		vsupervisor_scale(world->ruling);
}

enum reached
vfault_strike_worker(struct vworker *worker, size_t index, uint64_t hit)
{
	struct vworld *world = worker->supervisor->world;
	const struct fault *fault = fault_of(world, index);

	vfault_inject(world, index, hit);
	switch (fault->what) {
	case FAULT_KILL:
	case FAULT_CRASH:
	case FAULT_POISON:
	case FAULT_MEMORY:
		worker->victim_of |= BIT(index);
		vworker_die(worker, status_of(fault));
		return REACHED_GONE;
	case FAULT_PAUSE:
		vworker_pause(worker, world_later(world->now_ns, fault->for_ns));
		vfault_land(world, index, worker->slot);
		return REACHED_HELD;
	case FAULT_HANG:
	case FAULT_SPIN:
		worker->victim_of |= BIT(index);
		stand_still(worker, fault);
		return REACHED_HELD;
	case FAULT_SLOW:
		slow_down(worker, fault);
		vfault_land(world, index, worker->slot);
		return REACHED_ON;
	case FAULT_PARTITION:
		cut(worker, fault, index);
		return REACHED_ON;
	case FAULT_DRAIN:
		drain(worker, index);
		return REACHED_ON;
	default:
		return REACHED_ON;
	}
}

enum reached
vfault_strike_supervisor(struct vsupervisor *supervisor, size_t index, uint64_t hit)
{
	struct vworld *world = supervisor->world;
	const struct fault *fault = fault_of(world, index);
	int64_t until_ns = world_later(world->now_ns, fault->for_ns);

	vfault_inject(world, index, hit);
	switch (fault->what) {
	case FAULT_KILL:
	case FAULT_CRASH:
		world->supervisor_victim |= BIT(index);
		director_lost(world, supervisor, status_of(fault));
		return REACHED_GONE;
	case FAULT_SPLIT:
		world->ruling = NULL;
		world_add(world,
		          &(struct event){.at_ns = world->now_ns + world->model->supervisor_ns,
		                          .kind = HAPPENS_START});
		break;
	default:
		break;
	}
	vsupervisor_pause(supervisor, until_ns);
	vfault_land(world, index, CORE_NO_SLOT);
	return REACHED_HELD;
}

static void
heal_supervisor(struct vsupervisor *supervisor)
{
	struct vworld *world = supervisor->world;

	for (size_t i = 0; i <= world->config.slots; i++) {
		struct vworker *worker = &supervisor->worker[i];
		worker->slow_until_ns = worker->cut_to_ns = worker->cut_from_ns = world->now_ns;
		if (worker->alive && worker->paused)
			vworker_wake(worker);
		else if (worker->alive && worker->hung_until_ns != 0)
			vworker_go(worker);
	}
	if (supervisor->paused)
		vsupervisor_wake(supervisor);
}

static void
heal(struct vworld *world)
{
	for (size_t i = 0; i < 2; i++)
		if (world->supervisor[i].alive)
			heal_supervisor(&world->supervisor[i]);
}

/* What is done to nobody in particular, or to everybody. */
static void
strike_common(struct vworld *world, size_t index, uint64_t hit)
{
	const struct fault *fault = fault_of(world, index);

	vfault_inject(world, index, hit);
	switch (fault->what) {
	case FAULT_KILL:
	case FAULT_CRASH:
	case FAULT_POWER:
		world->director_victim |= BIT(index);
		director_die(world, fault->what == FAULT_POWER);
		return;
	case FAULT_QUIET:
		world->quiet_until_ns = world_later(world->now_ns, fault->for_ns);
		break;
	case FAULT_HEAL:
		heal(world);
		break;
	case FAULT_SCALE:
		scale(world, fault);
		break;
	default:
		break;
	}
	vfault_land(world, index, CORE_NO_SLOT);
}

static bool
strike_workers(struct vworld *world, size_t index, uint64_t hit)
{
	const struct fault *fault = fault_of(world, index);
	uint32_t strike = ++world->strikes;
	unsigned victims = fault->victims > 1 ? fault->victims : 1, struck = 0;

	for (; struck < victims && vfault_is_open(world, index); struck++) {
		struct vworker *worker = victim_choose(world, fault, strike);
		if (worker == NULL)
			break;
		worker->struck = strike;
		vfault_strike_worker(worker, index, hit);
	}
	return struck > 0;
}

bool
vfault_strike(struct vworld *world, size_t index, uint64_t hit)
{
	const struct fault *fault = fault_of(world, index);
	bool self = fault->who == WHO_SELF || fault->who == WHO_DIRECTOR || fault->who == WHO_ALL;

	if (self) {
		strike_common(world, index, hit);
		return true;
	}
	if (fault->who != WHO_SUPERVISOR)
		return strike_workers(world, index, hit);
	if (world->ruling == NULL || world->ruling->paused)
		return false;
	vfault_strike_supervisor(world->ruling, index, hit);
	return true;
}

static void
strike_or_want(struct vworld *world, size_t index)
{
	world->wanted &= ~BIT(index);
	if (vfault_is_open(world, index) && !vfault_strike(world, index, world->report->events))
		world->wanted |= BIT(index);
}

void
vfault_by_point(struct vworld *world, size_t index)
{
	strike_or_want(world, index);
}

void
vfault_by_time(struct vworld *world, size_t index)
{
	const struct fault *fault = fault_of(world, index);
	int64_t next_ns = fault->every_ns > 0 ? world_later(world->now_ns, fault->every_ns) : 0;

	if (!vfault_is_open(world, index))
		return;
	if (may_begin(world, index))
		strike_or_want(world, index);
	else if (next_ns == 0)
		next_ns = world->now_ns + NS_PER_MS; /* it is quiet, or another comes first */
	if (next_ns > 0)
		world_add(world, &(struct event){.at_ns = next_ns,
		                                 .kind = HAPPENS_FAULT,
		                                 .token = (uint32_t)index});
}

static bool
has_progressed(const struct vworld *world, const struct fault *fault)
{
	uint64_t tasks = world->plan->tasks;
	uint64_t due = (tasks * fault->progress_ppm + 999999) / 1000000;

	return core_stats_over(core_stats(world->ruling->core)) >= due;
}

void
vfaults_look(struct vworld *world)
{
	uint64_t left = world->state_faults | world->progress_faults | world->wanted;

	for (; left != 0; left &= left - 1) {
		size_t index = (size_t)__builtin_ctzll(left);
		const struct fault *fault = fault_of(world, index);
		if (world->ruling == NULL || world->ruling->core == NULL)
			return;
		if ((world->wanted & BIT(index)) != 0 ||
		    ((fault->when != WHEN_PROGRESS || has_progressed(world, fault)) &&
		     may_begin(world, index)))
			strike_or_want(world, index);
	}
}

static bool
acts_on_records(const struct fault *fault)
{
	return fault->what == FAULT_POISON || fault->what == FAULT_FLAKY;
}

uint64_t
vfault_next_record(const struct vworld *world, uint64_t record, uint64_t end)
{
	uint64_t next = UINT64_MAX;

	for (uint64_t left = world->record_faults; left != 0; left &= left - 1) {
		const struct fault *fault = fault_of(world, (size_t)__builtin_ctzll(left));
		if (acts_on_records(fault) && fault->record >= record && fault->record < end &&
		    fault->record < next)
			next = fault->record;
	}
	return next;
}

bool
vfault_at_record(struct vworker *worker, uint64_t record)
{
	struct vworld *world = worker->supervisor->world;

	for (uint64_t left = world->record_faults; left != 0; left &= left - 1) {
		size_t index = (size_t)__builtin_ctzll(left);
		const struct fault *fault = fault_of(world, index);
		if (!acts_on_records(fault) || fault->record != record || !may_begin(world, index))
			continue;
		if (fault->what == FAULT_POISON) {
			vfault_strike_worker(worker, index, record);
			return false;
		}
		vfault_inject(world, index, record);
		vfault_land(world, index, worker->slot);
		return true;
	}
	return false;
}

bool
vfault_spoils_chunk(struct vworker *worker, uint32_t task)
{
	struct vworld *world = worker->supervisor->world;

	for (uint64_t left = world->record_faults; left != 0; left &= left - 1) {
		size_t index = (size_t)__builtin_ctzll(left);
		const struct fault *fault = fault_of(world, index);
		if (fault->what != FAULT_BAD_CHUNK || fault->task != task ||
		    !may_begin(world, index))
			continue;
		vfault_inject(world, index, task);
		vfault_land(world, index, worker->slot);
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC
 *
 * The judge: invariants over what happened, from an account of its own.  It knows who really died,
 * stood still or met bad data, which neither coordinator nor store can see.
 */
#include <stdarg.h>
#include <string.h>

#include "sim/virtual/world.h"

typedef unsigned long long ull;

void
judge_found(struct vworld *world, const char *invariant, const char *format, ...)
{
	struct virtual_report *report = world->report;
	va_list arguments;

	world->over = true;
	if (report->invariant[0] != '\0')
		return;
	strlcpy(report->invariant, invariant, sizeof(report->invariant));
	va_start(arguments, format);
	vsnprintf(report->finding, sizeof(report->finding), format, arguments);
	va_end(arguments);
}

/* All tasks of the first stage are over. */
static bool
work_is_over(const struct vworld *world)
{
	for (uint32_t task = 0; task < world->plan->tasks; task++)
		if (world->rows.row[task].stage == 0 && world->rows.row[task].state == TASK_READY)
			return false;
	return true;
}

static bool
names(char *const *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

/* Of a graph, by the names that the scenario gives its steps. */
static void
check_parents(struct vworld *world, uint32_t task)
{
	const struct scenario_job *job = &world->scenario->job;
	const struct job_step *step = &job->step[task % job->steps];
	uint32_t base = task - task % (uint32_t)job->steps;
	bool wrong = false, needed = step->compensated == 0;

	for (uint32_t parent = 0; parent < job->steps; parent++) {
		uint8_t state = world->rows.row[base + parent].state;
		const char *id = job->step[parent].id;

		if (names(step->after, step->afters, id))
			wrong |= state != TASK_DONE;
		if (names(step->weakly_after, step->weakly_afters, id))
			wrong |= state == TASK_READY;
		if (names(step->compensates, step->compensated, id))
			needed |= state == TASK_DEAD;
	}
	if (wrong || !needed)
		judge_found(world, "I4", "task %u: done at %lld ns before what it depends on", task,
		            (long long)world->now_ns);
}

bool
judge_is_in_force(const struct vworld *world, uint32_t task, uint32_t epoch)
{
	const struct witness *witness = &world->witness[task];

	return epoch == witness->epoch ||
	       (epoch == witness->twin && witness->twin_generation == world->rows.generation);
}

void
judge_copied(struct vsupervisor *supervisor, uint32_t task, uint32_t epoch)
{
	struct vworld *world = supervisor->world;
	struct witness *witness = &world->witness[task];

	if (witness->done)
		judge_found(world, "I2", "task %u: copied at %lld ns though it is done", task,
		            (long long)world->now_ns);
	if (epoch <= witness->epoch)
		judge_found(world, "I3", "task %u: epoch %u came after %u", task, epoch,
		            witness->epoch);
	witness->twin = witness->epoch;
	witness->twin_generation = supervisor->generation;
	witness->epoch = witness->copied_epoch = epoch;
}

void
judge_accepted(struct vworker *worker, uint32_t task, uint32_t epoch)
{
	struct vworld *world = worker->supervisor->world;
	struct witness *witness = &world->witness[task];
	const struct row *row = &world->rows.row[task];

	if (!judge_is_in_force(world, task, epoch) || worker->generation != world->rows.generation)
		judge_found(world, "I3",
		            "task %u: w%u's commit of lease %u (generation %u) was taken at %lld "
		            "ns; the valid lease is %u (generation %u)",
		            task, worker->slot, epoch, worker->generation, (long long)world->now_ns,
		            witness->epoch, world->rows.generation);
	if (witness->done || row->effects > 1)
		judge_found(world, "I2", "task %u: committed twice, again by w%u at %lld ns", task,
		            worker->slot, (long long)world->now_ns);
	if (world->rows.graph != NULL)
		check_parents(world, task);
	if (row->stage > 0 && !work_is_over(world))
		judge_found(world, "I4", "task %u: done at %lld ns before what it depends on", task,
		            (long long)world->now_ns);
	witness->done = true;
}

static bool
is_guilty(const struct vsupervisor *supervisor, const struct core_step *fence)
{
	const struct witness_ends *ends =
	    witness_ends(&supervisor->world->witness[fence->task], fence->epoch);

	switch (fence->cause) {
	case CAUSE_DATA:
		return ends->bad_epoch == fence->epoch;
	case CAUSE_CRASH:
		return ends->died_epoch == fence->epoch;
	case CAUSE_HANG:
		return ends->died_epoch == fence->epoch || ends->hung_epoch == fence->epoch;
	default:
		return fence->value == 0;
	}
}

static void
check_charge(struct vsupervisor *supervisor, const struct core_step *fence)
{
	struct vworld *world = supervisor->world;
	struct witness *witness = &world->witness[fence->task];
	const struct row *row = &world->rows.row[fence->task];

	if (!is_guilty(supervisor, fence))
		judge_found(
		    world, "I5",
		    "task %u: the end of lease %u was put down to %s at %lld ns, and it was "
		    "not that",
		    fence->task, fence->epoch, cause_name(fence->cause), (long long)world->now_ns);
	witness->charged += fence->value != 0;
	if (row->charged != witness->charged || row->charged > world->config.attempts)
		judge_found(
		    world, "I5",
		    "task %u: %u attempts are charged in the store, %u should be, at most %u "
		    "may be",
		    fence->task, row->charged, witness->charged, world->config.attempts);
}

void
judge_fenced(struct vsupervisor *supervisor, const struct core_step *fence, uint32_t epoch,
             bool found_done)
{
	struct vworld *world = supervisor->world;
	struct witness *witness = &world->witness[fence->task];

	if (found_done) {
		if (!witness->done)
			judge_found(world, "I1", "task %u: found done, and nobody committed it",
			            fence->task);
		return;
	}
	if (witness->done)
		judge_found(world, "I2", "task %u: opened again at %lld ns though it is done",
		            fence->task, (long long)world->now_ns);
	bool twin = fence->epoch == witness->twin;

	if (twin ? epoch != witness->epoch : epoch <= witness->epoch)
		judge_found(world, "I3", "task %u: epoch %u came after %u", fence->task, epoch,
		            witness->epoch);
	check_charge(supervisor, fence);
	witness->twin = twin ? 0 : witness->twin;
	witness->epoch = epoch;
}

/* It works on it, or has finished it and not committed it yet. */
static bool
has_begun(const struct vworker *worker, uint32_t task, uint32_t epoch)
{
	if (worker->at_task == task && worker->at_epoch == epoch)
		return true;
	for (unsigned i = 0; i < worker->group_count; i++)
		if (worker->group[i].task == task && worker->group[i].epoch == epoch)
			return true;
	return false;
}

static bool
is_between_tasks(const struct vworker *worker)
{
	const struct witness *witness;

	if (worker->at_task == CORE_NO_TASK)
		return true;
	witness = &worker->supervisor->world->witness[worker->at_task];
	return witness->done ||
	       !judge_is_in_force(worker->supervisor->world, worker->at_task, worker->at_epoch);
}

void
judge_ended(struct vsupervisor *supervisor, const struct core_step *fence)
{
	struct witness *witness = &supervisor->world->witness[fence->task];
	struct witness_ends *ends = witness_ends(witness, fence->epoch);
	const struct vworker *worker = &supervisor->worker[fence->slot];

	witness->fencing[vsupervisor_index(supervisor)] = true;
	if (fence->cause != CAUSE_HANG)
		return;
	judge_given_up(supervisor, fence);
	/* Of one that could not be heard, or stood between two tasks, nobody can say what it was
	 * in.
	 */
	if (fence->epoch > ends->hung_epoch && (is_between_tasks(worker) || worker->disturbed ||
	                                        has_begun(worker, fence->task, fence->epoch)))
		ends->hung_epoch = fence->epoch;
}

void
judge_given_up(struct vsupervisor *supervisor, const struct core_step *action)
{
	struct vworld *world = supervisor->world;
	const struct core_config *config = &world->config;
	const struct vworker *worker = &supervisor->worker[action->slot];
	int64_t silent_ns = world->now_ns - worker->heard_ns;
	int64_t still_ns = world->now_ns - worker->moved_ns;

	/* One that was taken for dead itself has lost touch. */
	if (supervisor != world->ruling || !worker->alive || !worker->joined ||
	    worker->incarnation != core_slot(supervisor->core, action->slot).incarnation)
		return;
	if (silent_ns < config->lease_ttl_ns && still_ns < config->dead_ns)
		judge_found(world, "slow-is-dead",
		            "w%u was given up at %lld ns, %lld ns after a sign of life and %lld ns "
		            "after progress",
		            action->slot, (long long)world->now_ns, (long long)silent_ns,
		            (long long)still_ns);
}

void
judge_quarantined(struct vsupervisor *supervisor, uint16_t slot)
{
	if (supervisor->worker[slot].unreaped)
		judge_found(supervisor->world, "unreaped",
		            "w%u was written off at %lld ns, and it is dead: its exit was never "
		            "seen",
		            slot, (long long)supervisor->world->now_ns);
}

void
judge_concluded(const struct vsupervisor *supervisor)
{
	const struct rows *rows = &supervisor->world->rows;
	uint64_t known = core_stats(supervisor->core)->dead_records, there = 0;

	/* One that is given up is one, even where it has no records. */
	for (uint32_t task = 0; task < rows->plan->tasks; task++)
		there += rows->row[task].dead_records > 0 ? rows->row[task].dead_records
		                                          : rows->row[task].state == TASK_DEAD;
	if (supervisor == supervisor->world->ruling && known != there)
		judge_found(supervisor->world, "I1",
		            "the job ends with %llu dead letters, and its coordinator knows of "
		            "%llu",
		            (ull)there, (ull)known);
}

void
judge_begun(struct vworker *worker)
{
	struct vworld *world = worker->supervisor->world;
	struct witness *witness = &world->witness[worker->lease.task];
	bool again = witness->begun_epoch == worker->lease.epoch &&
	             witness->begun_generation == worker->generation;

	if (again)
		judge_found(world, "lease-twice",
		            "task %u: w%u begins lease %u (generation %u) at %lld ns, and it was "
		            "begun before",
		            worker->lease.task, worker->slot, worker->lease.epoch,
		            worker->generation, (long long)world->now_ns);
	witness->begun_epoch = worker->lease.epoch;
	witness->begun_generation = worker->generation;
}

void
judge_powerless(struct vworld *world)
{
	bool promised = world->scenario->durability == DURABILITY_POWER;

	for (uint32_t task = 0; task < world->plan->tasks; task++) {
		struct witness *witness = &world->witness[task];
		world->report->lost_acknowledged += witness->done;
		if (promised && witness->done)
			judge_found(world, "durability",
			            "task %u: its commit was acknowledged and is gone with the "
			            "power at %lld ns",
			            task, (long long)world->now_ns);
		*witness = (struct witness){.epoch = 1, .lost_ns = -1};
	}
}

/* One row at the end. */
static void
check_row(struct vworld *world, uint32_t task)
{
	const struct row *row = &world->rows.row[task];
	const struct witness *witness = &world->witness[task];
	uint64_t records = world->plan->records[task];
	bool done = row->state == TASK_DONE, work = row->stage == 0;

	if (witness->done != done)
		judge_found(world, "I1", "task %u: %s", task,
		            done ? "done, and nobody committed it" : "committed, and not done");
	if (witness->epoch != row->epoch)
		judge_found(world, "I3", "task %u: its epoch is %u, and %u was given out last",
		            task, row->epoch, witness->epoch);
	if (work && row->effects != done)
		judge_found(world, "I2", "task %u: %s, with %u effects", task,
		            task_state_name(row->state), row->effects);
	if (work && done && row->effect_records + row->dead_records != records)
		judge_found(world, "I1",
		            "task %u: %llu records, %llu in the sink and %llu dead letters", task,
		            (ull)records, (ull)row->effect_records, (ull)row->dead_records);
}

/* It names a task of its order that was given up, or nothing had to be made up for. */
static void
check_skipped(struct vworld *world, uint32_t task)
{
	const struct row *row = world->rows.row;
	uint32_t blame = row[task].reason, steps = world->rows.graph->steps;

	world->report->skipped += blame != CORE_NO_TASK;
	if (blame == CORE_NO_TASK ||
	    (blame / steps == task / steps && row[blame].state == TASK_DEAD))
		return;
	judge_found(world, "I1", "task %u: skipped for task %u, which was not given up", task,
	            blame);
}

static void
check_end(struct vworld *world, const uint64_t states[TASK_STATES])
{
	const struct virtual_report *report = world->report;
	uint64_t max = world->config.dead_letters_max;
	bool dead_within = report->dead_records <= max, graph = world->rows.graph != NULL;
	uint64_t skipped = graph ? states[TASK_SKIPPED] : 0;
	uint64_t work = world->plan->tasks - world->plan->has_output;
	uint64_t made = world->scenario->job.generate_sales;

	if (made > 0 && world->plan->total != made)
		judge_found(world, "I1", "%llu records were made up, and the tasks have %llu",
		            (ull)made, (ull)world->plan->total);
	if (report->outcome == OUTCOME_DONE &&
	    (states[TASK_READY] > 0 || (states[TASK_SKIPPED] > 0 && !graph) || !dead_within))
		judge_found(world, "A13",
		            "the job is done with %llu tasks open, %llu skipped, %llu dead letters",
		            (ull)states[TASK_READY], (ull)states[TASK_SKIPPED],
		            (ull)report->dead_records);
	if (report->outcome == OUTCOME_DEAD_LETTERS && states[TASK_READY] > 0)
		judge_found(world, "A13", "the job has failed with %llu tasks open",
		            (ull)states[TASK_READY]);
	if (report->outcome == OUTCOME_DONE &&
	    world->plan->total != report->effect_records + report->dead_records + skipped)
		judge_found(world, "I1",
		            "%llu records, %llu in the sink, %llu dead letters, %llu skipped",
		            (ull)world->plan->total, (ull)report->effect_records,
		            (ull)report->dead_records, (ull)skipped);
	if (report->outcome == OUTCOME_DONE && world->plan->has_output &&
	    (!world->sink_there || world->sink_effects + states[TASK_DEAD] != work))
		judge_found(world, "I7", "the job is done, and the sink was made of %llu tasks",
		            (ull)(world->sink_there ? world->sink_effects : 0));
}

void
judge_end(struct vworld *world)
{
	uint64_t states[TASK_STATES] = {0};
	struct virtual_report *report = world->report;

	for (uint32_t task = 0; task < world->plan->tasks; task++) {
		const struct row *row = &world->rows.row[task];
		if (world->scenario->job.durable)
			check_row(world, task);
		if (world->rows.graph != NULL && row->state == TASK_SKIPPED)
			check_skipped(world, task);
		states[row->state]++;
		report->state[row->state] += row->stage == 0;
		report->effect_records += world->scenario->job.durable ? row->effect_records
		                          : row->state == TASK_DONE    ? world->plan->records[task]
		                                                       : 0;
		report->dead_records += row->dead_records;
		for (unsigned cause = 0; cause < CAUSES; cause++)
			report->charged[cause] += row->attempts[cause];
		if (row->charged > report->charged_max)
			report->charged_max = row->charged;
	}
	check_end(world, states);
	if (report->outcome == OUTCOME_NONE && !world->options->safety_only)
		judge_found(world, "progress", "the job has not ended after %llu events, %lld ns",
		            (ull)report->events, (long long)world->now_ns);
}

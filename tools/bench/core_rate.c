/* SPDX-License-Identifier: ISC
 *
 * How fast the coordinator alone is: workers that exist only as lists of leases beat once a task
 * and finish it, one after the other, in time that is made up.  With chaos they also crash, hang
 * and fail, and core_audit_step runs after every step, core_audit after every 256th and at the end.
 *
 *     core_rate TASKS WORKERS [chaos]
 *
 * prints jobs, events of a job, events each second, milliseconds for a job and MiB of the
 * coordinator. What this program does itself is counted in.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/rng.h"
#include "sim/util/clock.h"

#define CREDIT 2
#define BEAT_NS (100 * NS_PER_MS)
#define MEASURE_NS (NS_PER_S / 2) /* short jobs are repeated for that long */
#define AUDIT_EVERY 256
#define CRASHES 20 /* of 1000 turns of a worker; so the others */
#define HANGS 10
#define FAILURES 60

struct worker {
	bool alive;
	bool hangs;
	bool beaten; /* it has said that it is in its first lease */
	uint32_t incarnation;
	uint32_t held;
	struct core_step lease[CREDIT];
};

struct world {
	struct core_config config;
	struct core *core;
	struct core_step *actions;
	struct worker *workers;
	struct core_step *answers; /* a ring: what is said at once when it is asked */
	size_t first, count, size;
	struct rng rng;
	int64_t now_ns;
	uint64_t events;
	bool chaos;
};

static void
say(struct world *world, struct core_step step)
{
	if (world->count == world->size)
		errx(1, "more answers than there can be");
	world->answers[(world->first + world->count++) % world->size] = step;
}

static struct core_step
word(const struct world *world, enum core_kind kind, uint16_t slot)
{
	const struct worker *worker = &world->workers[slot];
	bool holds = worker->held > 0;
	return (struct core_step){.kind = (uint8_t)kind,
	                          .slot = slot,
	                          .incarnation = worker->incarnation,
	                          .task = holds ? worker->lease[0].task : CORE_NO_TASK,
	                          .epoch = holds ? worker->lease[0].epoch : 0};
}

static void
die(struct world *world, uint16_t slot, uint64_t status)
{
	struct core_step step = word(world, EV_WORKER_EXITED, slot);
	step.record = rng_next(&world->rng) % 1000;
	step.value = status;
	world->workers[slot].alive = false;
	world->workers[slot].held = 0;
	say(world, step);
}

static void
assign(struct world *world, const struct core_step *action)
{
	struct worker *worker = &world->workers[action->slot];
	if (action->cause & CORE_ASSIGN_PROBE) {
		struct core_step step = *action;
		step.kind = EV_PROBE_SURVIVED;
		say(world, step);
	} else if (worker->alive && worker->held < CREDIT) {
		worker->lease[worker->held++] = *action;
	}
}

static void
perform(struct world *world, const struct core_step *action)
{
	struct core_step answer = {.task = action->task, .record = action->record};
	answer.epoch = action->epoch + 1;
	answer.value = action->kind == ACT_BURY;
	switch (action->kind) {
	case ACT_SPAWN:
		world->workers[action->slot] =
		    (struct worker){.alive = true, .incarnation = action->incarnation};
		say(world, word(world, EV_WORKER_JOINED, action->slot));
		return;
	case ACT_ASSIGN:
		assign(world, action);
		return;
	case ACT_KILL:
	case ACT_DISMISS:
		die(world, action->slot, action->kind == ACT_KILL ? 9 : 0);
		return;
	case ACT_FENCE:
		answer.kind = EV_TASK_FENCED;
		break;
	case ACT_BURY:
		answer.kind = EV_TASK_BURIED;
		break;
	case ACT_BURY_RECORD:
		answer.kind = EV_RECORD_BURIED;
		break;
	default:
		return;
	}
	say(world, answer);
}

static void
tell(struct world *world, struct core_step step)
{
	step.at_ns = world->now_ns;
	size_t count = core_step(world->core, &step, world->actions);
	world->events++;
	if (world->chaos)
		core_audit_step(world->core);
	if (world->chaos && world->events % AUDIT_EVERY == 0)
		core_audit(world->core);
	for (size_t i = 0; i < count; i++)
		perform(world, &world->actions[i]);
}

static void
tell_all(struct world *world)
{
	while (world->count > 0) {
		struct core_step step = world->answers[world->first];
		world->first = (world->first + 1) % world->size;
		world->count--;
		tell(world, step);
	}
}

/* What happens to a worker instead of its work, if anything does. */
static bool
turn_goes_wrong(struct world *world, uint16_t slot)
{
	struct worker *worker = &world->workers[slot];
	uint64_t draw = world->chaos ? rng_next(&world->rng) % 1000 : 1000;
	if (worker->hangs || draw >= CRASHES + HANGS + FAILURES)
		return worker->hangs;
	if (draw < CRASHES) {
		die(world, slot, 11);
	} else if (draw < CRASHES + HANGS) {
		worker->hangs = true;
	} else {
		struct core_step step = word(world, EV_TASK_FAILED, slot);
		step.cause = draw % 2 ? CAUSE_DATA : CAUSE_INFRA;
		worker->beaten = false;
		worker->lease[0] = worker->lease[1];
		worker->held--;
		say(world, step);
	}
	return true;
}

static void
turn(struct world *world, uint16_t slot)
{
	struct worker *worker = &world->workers[slot];
	if (!worker->alive || worker->held == 0 || turn_goes_wrong(world, slot))
		return;
	struct core_step step = word(world, worker->beaten ? EV_TASK_DONE : EV_BEAT, slot);
	if (worker->beaten) {
		worker->lease[0] = worker->lease[1];
		worker->held--;
	} else {
		step.record = 1;
	}
	worker->beaten = !worker->beaten;
	tell(world, step);
}

static void
run_job(struct world *world, void *memory)
{
	world->core = core_init(memory, &world->config);
	tell(world, (struct core_step){.kind = EV_PLAN_READY, .task = CORE_NO_TASK});
	for (uint16_t slot = 0; core_outcome(world->core) == OUTCOME_NONE;
	     slot = (uint16_t)((slot + 1u) % world->config.workers)) {
		tell_all(world);
		turn(world, slot);
		tell_all(world);
		world->now_ns += BEAT_NS / world->config.workers;
		if (core_next_due(world->core) <= world->now_ns)
			tell(world, (struct core_step){.kind = EV_TICK, .task = CORE_NO_TASK});
	}
	if (world->chaos)
		core_audit(world->core);
	tell_all(world);
	if (core_stats(world->core)->tasks[TASK_DONE] + core_stats(world->core)->tasks[TASK_DEAD] <
	    world->config.tasks)
		errx(1, "the job ended with tasks left over");
}

static void
world_open(struct world *world, uint32_t tasks, uint32_t workers)
{
	core_config_defaults(&world->config);
	world->config.tasks = tasks;
	world->config.slots = world->config.workers = workers;
	world->config.credit = CREDIT;
	world->config.restart_max = world->chaos ? CORE_RESTARTS_MAX : 5;
	world->config.dead_letters_max = UINT64_MAX;
	world->size = 4 * (core_actions_max(&world->config) + 1);
	world->actions =
	    reallocarray(NULL, core_actions_max(&world->config), sizeof *world->actions);
	world->answers = reallocarray(NULL, world->size, sizeof *world->answers);
	world->workers = calloc(workers + 1, sizeof *world->workers);
	if (!world->actions || !world->answers || !world->workers)
		err(1, "no memory");
}

int
main(int argc, char **argv)
{
	struct world world = {0};
	const char *bad_tasks = NULL, *bad_workers = NULL;
	world.chaos = argc == 4 && strcmp(argv[3], "chaos") == 0;
	if (argc < 3 || argc - 3 != world.chaos)
		errx(2, "usage: core_rate TASKS WORKERS [chaos]");
	uint32_t tasks = (uint32_t)strtonum(argv[1], 1, 100000000, &bad_tasks);
	uint32_t workers = (uint32_t)strtonum(argv[2], 1, CORE_SLOTS_MAX, &bad_workers);
	if (bad_tasks || bad_workers)
		errx(2, "TASKS is 1 to 100000000, WORKERS 1 to %d", CORE_SLOTS_MAX);
	world_open(&world, tasks, workers);
	size_t size = core_size(&world.config);
	void *memory = malloc(size);
	if (memory == NULL)
		err(1, "no memory");
	unsigned jobs = 0;
	int64_t start_ns = clock_now_ns();
	while (jobs == 0 || clock_now_ns() - start_ns < MEASURE_NS) {
		world.now_ns = NS_PER_S;
		world.config.seed = jobs++;
		rng_init(&world.rng, world.config.seed);
		run_job(&world, memory);
	}
	double seconds = (double)(clock_now_ns() - start_ns) / (double)NS_PER_S;
	printf("%u %.0f %.0f %.3f %.1f\n", jobs, (double)world.events / jobs,
	       (double)world.events / seconds, seconds * 1000 / jobs, (double)size / (1 << 20));
	free(memory);
	free(world.workers);
	free(world.answers);
	free(world.actions);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * The virtual world: takes what is due next, whoever it happens to, and lets time jump there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "sim/util/plant.h"
#include "sim/virtual/world.h"

#define EVENTS_AT_FIRST 256
#define TURNS_PER_EVENT 16 /* most of what happens the coordinator never hears of */

/* Streams of chance: what one of them draws moves nothing in the others. */
#define STREAM_WORK UINT64_C(0x776f726b)
#define STREAM_WIRE UINT64_C(0x77697265)
#define STREAM_CHANCE UINT64_C(0x6368616e)

_Noreturn void
world_no_memory(struct vworld *world)
{
	longjmp(world->escape, ESCAPE_MEMORY);
}

void
world_add(struct vworld *world, const struct event *event)
{
	if (__builtin_expect(events_add(&world->events, event) != 0, 0))
		world_no_memory(world);
}

int64_t
world_about(struct rng *rng, int64_t mean_ns)
{
	int64_t about_ns = mean_ns / 2 + (int64_t)rng_upto(rng, (uint64_t)mean_ns);

	return about_ns > 0 ? about_ns : 1;
}

int64_t
world_message_ns(struct vworld *world)
{
	const int64_t *span = world->model->message_ns;

	return span[0] + (int64_t)rng_upto(&world->wire, (uint64_t)(span[1] - span[0]));
}

static struct vsupervisor *
by_life(struct vworld *world, uint32_t life)
{
	for (size_t i = 0; i < 2; i++)
		if (world->supervisor[i].alive && world->supervisor[i].life == life)
			return &world->supervisor[i];
	return NULL;
}

static void
happens_to_worker(struct vworker *worker, const struct event *event)
{
	if (!worker->alive)
		return;
	switch (event->kind) {
	case HAPPENS_WORKER:
		if (event->token == worker->token && !worker->paused)
			vworker_go(worker);
		break;
	case HAPPENS_WAKE:
		if (event->token == worker->wake_token && worker->paused)
			vworker_wake(worker);
		break;
	case HAPPENS_IDLE:
		if (event->token == worker->incarnation)
			vworker_idles(worker);
		break;
	default:
		if (event->frame.incarnation == worker->incarnation)
			vworker_hear(worker, &event->frame);
	}
}

static void
happens_in_life(struct vworld *world, const struct event *event)
{
	struct vsupervisor *supervisor = by_life(world, event->life);

	if (supervisor == NULL)
		return;
	switch (event->kind) {
	case HAPPENS_WORKER:
	case HAPPENS_WAKE:
	case HAPPENS_IDLE:
	case HAPPENS_DOWN:
		happens_to_worker(&supervisor->worker[event->slot], event);
		break;
	case HAPPENS_SUPERVISOR_WAKES:
		if (supervisor->paused && world->now_ns >= supervisor->wake_ns)
			vsupervisor_wake(supervisor);
		break;
	default:
		vsupervisor_happens(supervisor, event);
	}
}

static void
happens(struct vworld *world, const struct event *event)
{
	switch ((enum happening)event->kind) {
	case HAPPENS_UNLOCK:
		lock_free(world);
		break;
	case HAPPENS_START:
		if (world->directed && world->ruling == NULL)
			director_start(world);
		break;
	case HAPPENS_RESUME:
		director_begin(world);
		break;
	case HAPPENS_FAULT:
		vfault_by_time(world, event->token);
		break;
	case HAPPENS_INJECT:
		vfault_by_point(world, event->token);
		break;
	default:
		happens_in_life(world, event);
	}
}

/* The supervisor whose coordinator is due first. */
static struct vsupervisor *
next_tick(struct vworld *world, int64_t *due_ns)
{
	struct vsupervisor *first = NULL;

	*due_ns = FOREVER;
	for (size_t i = 0; i < 2; i++) {
		struct vsupervisor *supervisor = &world->supervisor[i];
		int64_t at_ns;
		if (!supervisor->alive || supervisor->paused || supervisor->core == NULL)
			continue;
		at_ns = core_next_due(supervisor->core);
		if (at_ns < *due_ns) {
			*due_ns = at_ns;
			first = supervisor;
		}
	}
	return first;
}

static void
tick(struct vsupervisor *supervisor)
{
	struct core_step event = {.kind = EV_TICK, .task = CORE_NO_TASK};

	vsupervisor_step(supervisor, &event);
	if (supervisor->alive && !supervisor->paused)
		vsupervisor_settle(supervisor);
}

/* One event.  False: nothing is due any more, or it takes too long. */
static bool
turn(struct vworld *world)
{
	int64_t event_ns = events_due(&world->events), tick_ns, at_ns;
	struct vsupervisor *supervisor = next_tick(world, &tick_ns);
	struct event event;

	/* What has arrived is heard before anybody is given up. */
	at_ns = event_ns <= tick_ns ? event_ns : tick_ns;
	if (at_ns == FOREVER || at_ns > world->scenario->wall_ns ||
	    world->report->events > world->options->events_max ||
	    world->turns++ > TURNS_PER_EVENT * world->options->events_max)
		return false;
	if (at_ns > world->now_ns)
		world->now_ns = at_ns;
	if (event_ns <= tick_ns) {
		events_pop(&world->events, &event);
		happens(world, &event);
	} else {
		tick(supervisor);
	}
	if ((world->state_faults | world->progress_faults | world->wanted) != 0)
		vfaults_look(world);
	return true;
}

static struct vworld *playing; /* whose CHECK it is that breaks */

static void
escape(const char *condition, const char *file, int line)
{
	struct vworld *world = playing;
	char name[sizeof(world->report->invariant)];

	if (world == NULL)
		return;
	snprintf(name, sizeof(name), "CHECK %s", condition);
	judge_found(world, name, "%s does not hold (%s:%d) at %lld ns", condition, file, line,
	            (long long)world->now_ns);
	longjmp(world->escape, ESCAPE_CHECK);
}

static unsigned
planted_mistakes(void)
{
	unsigned mistakes = 0;

	mistakes |= planted("commit-without-fence") ? ROWS_NO_FENCE : 0;
	mistakes |= planted("commit-without-generation") ? ROWS_NO_GENERATION : 0;
	mistakes |= planted("commit-without-sync") ? ROWS_UNSYNCED : 0;
	mistakes |= planted("fence-opens-done") ? ROWS_FENCE_DONE : 0;
	mistakes |= planted("charge-not-stored") ? ROWS_UNCHARGED : 0;
	mistakes |= planted("effect-without-done") ? ROWS_EFFECT_WITHOUT : 0;
	mistakes |= planted("generation-not-raised") ? ROWS_NOT_RAISED : 0;
	mistakes |= planted("fence-leaves-twin") ? ROWS_TWIN_STAYS : 0;
	return mistakes;
}

static int
prepare(struct vworld *world)
{
	const struct virtual_plan *plan = world->plan;
	uint64_t seed = world->scenario->seed;
	int error = events_init(&world->events, EVENTS_AT_FIRST);

	world->config = world->scenario->core;
	world->config.tasks = plan->tasks;
	world->workers = world->config.workers;
	rng_init(&world->work, rng_mix(seed ^ STREAM_WORK));
	rng_init(&world->wire, rng_mix(seed ^ STREAM_WIRE));
	rng_init(&world->chance, rng_mix(seed ^ STREAM_CHANCE));
	trace_open(world);
	world->supervisor_lost_ns = -1;
	if (error == 0)
		error = rows_init(&world->rows, plan);
	if (error != 0)
		return error;
	world->rows.graph = world->config.graph;
	world->rows.mistakes = planted_mistakes();
	plant_core(&world->config);
	world->witness = malloc((plan->tasks + 1u) * sizeof(*world->witness));
	if (world->witness == NULL)
		return -ENOMEM;
	for (uint32_t task = 0; task < plan->tasks; task++)
		world->witness[task] = (struct witness){.epoch = 1, .lost_ns = -1};
	return vsupervisor_open(world, &world->supervisor[0]);
}

static int
play(struct vworld *world)
{
	switch (setjmp(world->escape)) {
	case 0:
		vfaults_init(world);
		director_begin(world);
		while (!world->over && turn(world))
			continue;
		if (world->report->invariant[0] != '\0')
			break;
		for (size_t i = 0; i < 2; i++)
			if (world->supervisor[i].alive)
				vsupervisor_die(&world->supervisor[i]);
		judge_end(world);
		break;
	case ESCAPE_MEMORY:
		return -ENOMEM;
	default:
		break; /* a finding */
	}
	return 0;
}

static void
tell_end(const struct vworld *world)
{
	struct virtual_end *end = world->options->end;

	for (uint32_t task = 0; end != NULL && task < world->plan->tasks; task++)
		end[task] = (struct virtual_end){.epoch = world->rows.row[task].epoch,
		                                 .state = world->rows.row[task].state};
}

int
virtual_run(const struct scenario *scenario, const struct virtual_plan *plan,
            const struct virtual_options *options, struct virtual_report *report)
{
	struct virtual_options chosen = *options;
	struct vworld *world = calloc(1, sizeof(*world));
	check_handler *hook = check_hook;
	int error;

	if (world == NULL)
		return -ENOMEM;
	memset(report, 0, sizeof(*report));
	if (chosen.events_max == 0)
		chosen.events_max = 1000000 + 100 * (uint64_t)plan->tasks;
	world->scenario = scenario;
	world->plan = plan;
	world->options = &chosen;
	world->model = &scenario->model;
	world->report = report;
	error = prepare(world);
	playing = world;
	check_hook = escape;
	if (error == 0) {
		error = play(world);
		tell_end(world);
	}
	check_hook = hook;
	playing = NULL;
	report->trace_hash = XXH64_digest(&world->hash);
	report->end_ns = world->now_ns;
	for (size_t i = 0; i < 2; i++)
		vsupervisor_close(&world->supervisor[i]);
	events_fini(&world->events);
	rows_fini(&world->rows);
	free(world->witness);
	free(world);
	return error;
}

/* SPDX-License-Identifier: ISC
 *
 * Drawing faults: which kinds a seed has, then each fault's what, who, when and for how long.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/channel/message.h"
#include "sim/fuzz/draw_parts.h"
#include "sim/util/clock.h"

#define FAULTS_MAX 8
#define TIMES_MAX 4

struct drawing {
	struct rng *rng;
	struct scenario *scenario;
	bool survivable;
	int64_t length_ns; /* about how long the run takes */
	uint64_t tasks, records;
};

/* --- when */

static bool
fits(enum point point, const char *prefix)
{
	return strncmp(point_name(point), prefix, strlen(prefix)) == 0;
}

static void
at_point(struct drawing *drawing, struct fault *fault, const char *prefix)
{
	do
		fault->point = (enum point)rng_upto(drawing->rng, POINTS_DRAWN - 1);
	while (!fits(fault->point, prefix));
	fault->when = WHEN_POINT;
	fault->nth = fits(fault->point, "worker.record")
	                 ? draw_scale(drawing->rng, 1, drawing->records)
	                 : draw_scale(drawing->rng, 1, drawing->tasks);
	if (draw_one_in(drawing->rng, 4)) {
		fault->nth = 1;
		fault->chance_ppm = (uint32_t)draw_scale(drawing->rng, 1000, 500000);
	}
}

static void
at_moment(struct drawing *drawing, struct fault *fault)
{
	if (draw_one_in(drawing->rng, 2)) {
		fault->when = WHEN_PROGRESS;
		fault->progress_ppm = (uint32_t)draw_between(drawing->rng, 1, 99) * 10000;
		fault->times = 1;
		return;
	}
	fault->when = WHEN_TIME;
	fault->after_ns = (int64_t)draw_scale(drawing->rng, 1000, (uint64_t)drawing->length_ns);
	fault->every_ns = fault->times > 1
	                      ? (int64_t)draw_scale(drawing->rng, NS_PER_MS,
	                                            (uint64_t)drawing->length_ns + NS_PER_MS)
	                      : 0;
}

/* Near the timers is where bugs are. */
static int64_t
around_timers(struct drawing *drawing)
{
	const struct core_config *core = &drawing->scenario->core;
	const int64_t timers[] = {drawing->scenario->beat_ns, core->suspect_ns, core->dead_ns,
	                          core->lease_ttl_ns, core->dead_ns + core->lease_ttl_ns};
	int64_t timer = timers[rng_upto(drawing->rng, sizeof(timers) / sizeof(timers[0]) - 1)];

	return timer / 1000 * (int64_t)draw_between(drawing->rng, 900, 1200);
}

/* --- who */

static void
some_worker(struct drawing *drawing, struct fault *fault)
{
	static const enum fault_who who[] = {WHO_SLOT,   WHO_ANY,    WHO_BUSY,
	                                     WHO_HOLDER, WHO_OLDEST, WHO_NEWEST};
	uint32_t workers = drawing->scenario->core.workers;

	fault->who = who[rng_upto(drawing->rng, sizeof(who) / sizeof(who[0]) - 1)];
	fault->slot = (uint16_t)rng_upto(drawing->rng, workers - 1);
	fault->task = rng_upto(drawing->rng, drawing->tasks - 1);
	if (fault->who != WHO_SLOT && fault->who != WHO_HOLDER && draw_one_in(drawing->rng, 3))
		fault->victims = (uint16_t)draw_between(drawing->rng, 1, workers);
}

/* A worker, at a point of its own or at a moment. */
static void
hit_worker(struct drawing *drawing, struct fault *fault)
{
	if (draw_one_in(drawing->rng, 2)) {
		at_point(drawing, fault, draw_one_in(drawing->rng, 5) ? "output." : "worker.");
		fault->who = WHO_SELF;
		return;
	}
	at_moment(drawing, fault);
	some_worker(drawing, fault);
}

/* --- what */

static void
draw_kill_worker(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_KILL;
	fault->signal = draw_one_in(drawing->rng, 8) ? SIGTERM : SIGKILL;
	hit_worker(drawing, fault);
}

static void
draw_kill_supervisor(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_KILL;
	fault->signal = SIGKILL;
	if (draw_one_in(drawing->rng, 2)) {
		at_point(drawing, fault, "supervisor.");
		fault->who = WHO_SELF;
		fault->nth = draw_scale(drawing->rng, 1, 8);
	} else {
		at_moment(drawing, fault);
		fault->who = WHO_SUPERVISOR;
	}
}

static void
draw_kill_director(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_KILL;
	fault->signal = SIGKILL;
	at_moment(drawing, fault);
	fault->who = draw_one_in(drawing->rng, 2) ? WHO_DIRECTOR : WHO_ALL;
}

static void
draw_power(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_POWER;
	fault->who = WHO_ALL;
	at_moment(drawing, fault);
}

static void
draw_crash(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_CRASH;
	fault->who = WHO_SELF;
	at_point(drawing, fault, "worker.");
	if (draw_one_in(drawing->rng, 2))
		fault->exit_code = (int)draw_between(drawing->rng, 0, 3);
	else
		fault->signal = SIGSEGV;
}

static void
draw_pause(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_PAUSE;
	fault->for_ns = around_timers(drawing);
	if (draw_one_in(drawing->rng, 6)) {
		at_moment(drawing, fault);
		fault->who = WHO_SUPERVISOR;
	} else {
		hit_worker(drawing, fault);
	}
}

static void
draw_hang(struct drawing *drawing, struct fault *fault)
{
	fault->what = draw_one_in(drawing->rng, 2) ? FAULT_HANG : FAULT_SPIN;
	fault->who = WHO_SELF;
	at_point(drawing, fault, "worker.");
	fault->for_ns = !drawing->survivable && draw_one_in(drawing->rng, 4)
	                    ? SCENARIO_FOREVER
	                    : around_timers(drawing);
}

static void
draw_slow(struct drawing *drawing, struct fault *fault)
{
	const struct core_config *core = &drawing->scenario->core;

	fault->what = FAULT_SLOW;
	fault->who = WHO_SELF;
	at_point(drawing, fault, "worker.");
	fault->for_ns = around_timers(drawing);
	fault->delay_ns = (int64_t)draw_scale(drawing->rng, 1000, (uint64_t)core->dead_ns / 2);
}

static void
draw_bad_chunk(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_BAD_CHUNK;
	fault->when = WHEN_RECORD;
	fault->task = rng_upto(drawing->rng, drawing->tasks - 1);
}

static void
draw_bad_record(struct drawing *drawing, struct fault *fault)
{
	fault->what = draw_one_in(drawing->rng, 2) ? FAULT_POISON : FAULT_FLAKY;
	fault->when = WHEN_RECORD;
	fault->record = rng_upto(drawing->rng, drawing->records - 1);
	if (fault->what == FAULT_POISON) {
		fault->signal = SIGSEGV;
		if (draw_one_in(drawing->rng, 2))
			fault->times = UINT32_MAX;
	}
}

static void
draw_frame(struct drawing *drawing, struct fault *fault)
{
	static const enum fault_what what[] = {FAULT_DROP, FAULT_DELAY, FAULT_DUPLICATE,
	                                       FAULT_REORDER, FAULT_CORRUPT};
	bool down = draw_one_in(drawing->rng, 2);

	fault->what = what[rng_upto(drawing->rng, sizeof(what) / sizeof(what[0]) - 1)];
	fault->who = WHO_SELF;
	at_point(drawing, fault, down ? "supervisor.send" : "worker.send");
	fault->frame =
	    draw_one_in(drawing->rng, 2)
		? 0
		: (uint8_t)(1 +
	                    (down ? draw_between(drawing->rng, MESSAGE_WELCOME, MESSAGE_DISMISS)
	                          : draw_between(drawing->rng, MESSAGE_HELLO, MESSAGE_SURVIVED)));
	fault->delay_ns = fault->what == FAULT_DELAY ? around_timers(drawing) : 0;
	fault->times = (uint32_t)draw_between(drawing->rng, 1, 20);
}

static void
draw_partition(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_PARTITION;
	at_moment(drawing, fault);
	fault->who = WHO_SLOT;
	fault->slot = (uint16_t)rng_upto(drawing->rng, drawing->scenario->core.workers - 1);
	fault->way = (enum fault_way)rng_upto(drawing->rng, WAY_FROM);
	fault->for_ns = around_timers(drawing);
}

static void
draw_split(struct drawing *drawing, struct fault *fault)
{
	fault->what = FAULT_SPLIT;
	at_moment(drawing, fault);
	fault->who = WHO_SUPERVISOR;
	fault->for_ns = around_timers(drawing);
}

static void
draw_scaling(struct drawing *drawing, struct fault *fault)
{
	uint32_t workers = drawing->scenario->core.workers;
	int32_t spare = (int32_t)(drawing->scenario->slots - workers);

	at_moment(drawing, fault);
	if (spare > 0 && draw_one_in(drawing->rng, 2)) {
		fault->what = FAULT_SCALE;
		fault->scale = (int32_t)draw_between(drawing->rng, 1, (uint64_t)spare);
	} else if (workers > 2 && draw_one_in(drawing->rng, 2)) {
		fault->what = FAULT_SCALE;
		fault->scale = -1;
	} else {
		/* The last one must stay, or nobody is left to do the work. */
		fault->what = workers > 2 ? FAULT_DRAIN : FAULT_HEAL;
		fault->who = fault->what == FAULT_DRAIN ? WHO_SLOT : WHO_ALL;
		fault->slot = (uint16_t)(workers - 1);
	}
	fault->times = 1;
	fault->every_ns = 0;
}

static void (*const kinds[])(struct drawing *, struct fault *) = {
    draw_kill_worker, draw_kill_supervisor, draw_kill_director, draw_power,
    draw_crash,       draw_pause,           draw_hang,          draw_slow,
    draw_bad_chunk,   draw_bad_record,      draw_frame,         draw_partition,
    draw_split,       draw_scaling};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
draw_one(struct drawing *drawing, struct fault *fault, unsigned swarm)
{
	size_t kind;

	do
		kind = rng_upto(drawing->rng, KINDS - 1);
	while (((swarm >> kind) & 1) == 0);
	memset(fault, 0, sizeof(*fault));
	snprintf(fault->id, sizeof(fault->id), "f%zu", drawing->scenario->faults);
	fault->victims = 1;
	fault->exit_code = -1;
	fault->follows = -1;
	fault->chance_ppm = 1000000;
	fault->times = (uint32_t)draw_between(drawing->rng, 1, TIMES_MAX);
	kinds[kind](drawing, fault);
	/* A draw that never comes, or a moment that is over, is no failure of the run. */
	fault->optional = true;
}

void
draw_faults(struct rng *rng, struct drawn *drawn)
{
	struct scenario *scenario = &drawn->scenario;
	const struct scenario_job *job = &scenario->job;
	struct drawing drawing = {
	    .rng = rng,
	    .scenario = scenario,
	    .survivable = drawn->survivable,
	    .records = job->generate_sales > 0 ? job->generate_sales : 1000,
	};
	uint64_t wanted = draw_between(rng, 0, FAULTS_MAX);
	unsigned swarm = 0;
	char why[160];

	drawing.tasks = job->kind == JOB_NOOP ? job->tasks
	                : job->chunk > 0      ? (drawing.records - 1) / job->chunk + 1
	                                      : job->ranges + 1;
	if (job->kind == JOB_GRAPH)
		drawing.tasks = drawing.records = job->steps * job->orders;
	drawing.length_ns = (int64_t)(drawing.records * (uint64_t)scenario->model.record_ns /
	                              scenario->core.workers) +
	                    (int64_t)drawing.tasks * scenario->model.commit_ns;
	while (swarm == 0) {
		swarm = (unsigned)rng_next(rng) & ((1u << KINDS) - 1);
		swarm &= (unsigned)rng_next(rng); /* about a quarter of the kinds */
	}
	scenario->faults = 0;
	while (scenario->faults < wanted) {
		struct fault *fault = &scenario->fault[scenario->faults++];
		do
			draw_one(&drawing, fault, swarm);
		while (!virtual_can_play(scenario, why, sizeof(why)));
	}
}

uint64_t
draw_hurts(const struct scenario *scenario)
{
	uint64_t hurts = 0;

	for (size_t i = 0; i < scenario->faults; i++) {
		const struct fault *fault = &scenario->fault[i];
		uint64_t times = fault->times < TIMES_MAX ? fault->times : TIMES_MAX;
		hurts += times * fault->victims;
	}
	return hurts;
}

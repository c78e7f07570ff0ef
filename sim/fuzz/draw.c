/* SPDX-License-Identifier: ISC
 *
 * Drawing workload, workers, timers and models; the faults are draw_faults.c's.
 */
#include <stdio.h>
#include <string.h>

#include "sim/fuzz/draw_parts.h"
#include "sim/util/clock.h"

#define US 1000
#define BEYOND_OF 4 /* one seed in so many goes beyond what is survivable */

uint64_t
draw_between(struct rng *rng, uint64_t low, uint64_t high)
{
	return low + rng_upto(rng, high - low);
}

uint64_t
draw_scale(struct rng *rng, uint64_t low, uint64_t high)
{
	unsigned doublings = 0;
	uint64_t top;

	while (low << doublings < high && doublings < 63)
		doublings++;
	top = low << rng_upto(rng, doublings);
	return draw_between(rng, low, top < high ? top : high);
}

bool
draw_one_in(struct rng *rng, unsigned n)
{
	return rng_upto(rng, n - 1) == 0;
}

static void
draw_job(struct rng *rng, struct scenario *scenario)
{
	static char key[] = "product", sum[] = "qty";
	struct scenario_job *job = &scenario->job;
	uint64_t tasks = draw_scale(rng, 1, 1000);

	job->kind = JOB_AGGREGATE;
	job->durable = true;
	job->key = key;
	job->sum[0] = sum;
	job->sums = 1;
	job->separator = ',';
	job->chunk = draw_scale(rng, 1, 16);
	job->generate_sales = job->chunk * (tasks - 1) + draw_between(rng, 1, job->chunk);
	job->generate_bad = draw_one_in(rng, 8) ? draw_between(rng, 0, 2) : 0;
	if (job->generate_bad > job->generate_sales)
		job->generate_bad = 0;
}

static void
draw_workers(struct rng *rng, struct scenario *scenario)
{
	struct core_config *core = &scenario->core;

	core->workers = (uint32_t)draw_scale(rng, 1, 24);
	scenario->slots = core->slots = core->workers + (uint32_t)draw_between(rng, 0, 4);
	core->credit = (uint32_t)draw_scale(rng, 1, 16);
}

static void
draw_timers(struct rng *rng, struct scenario *scenario)
{
	struct core_config *core = &scenario->core;

	scenario->beat_ns = (int64_t)draw_scale(rng, 1 * NS_PER_MS, 100 * NS_PER_MS);
	core->suspect_ns = scenario->beat_ns * (int64_t)draw_between(rng, 5, 10);
	core->dead_ns = core->suspect_ns * (int64_t)draw_between(rng, 3, 6);
	core->lease_ttl_ns = core->dead_ns * (int64_t)draw_between(rng, 1, 3);
	core->kill_confirm_ns = core->dead_ns * 5;
	core->takeover = draw_one_in(rng, 2) ? TAKEOVER_KILL : TAKEOVER_FENCE;
	core->backoff_base_ns = (int64_t)draw_scale(rng, 100 * US, 100 * NS_PER_MS);
	core->backoff_cap_ns = core->backoff_base_ns * (int64_t)draw_between(rng, 1, 64);
	core->restart_base_ns = (int64_t)draw_scale(rng, 100 * US, 10 * NS_PER_MS);
	core->restart_cap_ns = core->restart_base_ns * (int64_t)draw_between(rng, 1, 64);
	core->restart_within_ns = 10 * NS_PER_S;
	scenario->durability = draw_one_in(rng, 3) ? DURABILITY_POWER : DURABILITY_PROCESS;
}

static void
draw_model(struct rng *rng, struct model *model)
{
	model->record_ns = (int64_t)draw_scale(rng, 1 * US, 2 * NS_PER_MS);
	model->commit_ns = (int64_t)draw_scale(rng, 10 * US, 5 * NS_PER_MS);
	model->message_ns[0] = (int64_t)draw_scale(rng, 1 * US, 200 * US);
	model->message_ns[1] =
	    model->message_ns[0] +
	    (draw_one_in(rng, 2) ? (int64_t)draw_scale(rng, 10 * US, NS_PER_MS) : 0);
	model->spawn_ns = (int64_t)draw_scale(rng, 100 * US, 20 * NS_PER_MS);
	model->supervisor_ns = (int64_t)draw_scale(rng, 100 * US, 20 * NS_PER_MS);
	model->resume_ns = (int64_t)draw_scale(rng, 100 * US, 100 * NS_PER_MS);
	model->drop_ppm = draw_one_in(rng, 4) ? (uint32_t)draw_scale(rng, 100, 50000) : 0;
	model->duplicate_ppm = draw_one_in(rng, 4) ? (uint32_t)draw_scale(rng, 100, 200000) : 0;
	model->reorder_ppm = draw_one_in(rng, 4) ? (uint32_t)draw_scale(rng, 100, 200000) : 0;
	model->busy_ppm = draw_one_in(rng, 4) ? (uint32_t)draw_scale(rng, 100, 500000) : 0;
}

/* What a run must be granted so that its faults are no reason to fail. */
static void
draw_budgets(struct rng *rng, struct drawn *drawn)
{
	struct core_config *core = &drawn->scenario.core;
	uint64_t hurts = draw_hurts(&drawn->scenario);

	if (drawn->survivable) {
		core->attempts = (uint32_t)(hurts + 4 < 100 ? hurts + 4 : 100);
		core->restart_max =
		    (uint32_t)(4 * hurts + 50 < CORE_RESTARTS_MAX ? 4 * hurts + 50
		                                                  : CORE_RESTARTS_MAX);
		core->dead_letters_max = UINT64_MAX;
		return;
	}
	core->attempts = (uint32_t)draw_between(rng, 1, 4);
	core->restart_max = (uint32_t)draw_between(rng, 0, 5);
	core->dead_letters_max = draw_one_in(rng, 2) ? 0 : draw_between(rng, 0, 100);
}

/* Nor may its time be over because most of it was spent waiting: between attempts, or for leases
 * whose frames were lost. */
static void
draw_patience(struct scenario *scenario)
{
	const struct scenario_job *job = &scenario->job;
	struct core_config *core = &scenario->core;
	int64_t backoff_ns = scenario->wall_ns / 20 / core->attempts;
	uint64_t frames = 2 * (job->generate_sales / job->chunk + 2);
	uint64_t losses = (uint64_t)(scenario->wall_ns / 8 / core->lease_ttl_ns);

	if (core->backoff_cap_ns > backoff_ns)
		core->backoff_cap_ns = backoff_ns;
	if (core->backoff_base_ns > backoff_ns)
		core->backoff_base_ns = backoff_ns;
	if (scenario->model.drop_ppm > losses * 1000000 / frames)
		scenario->model.drop_ppm = (uint32_t)(losses * 1000000 / frames);
}

/* From chance of its own, so that all else stays as it was drawn before there were copies. */
static void
draw_copies(uint64_t seed, struct scenario *scenario)
{
	struct rng rng;

	rng_init(&rng, rng_mix(seed ^ UINT64_C(0x636f7079)));
	if (!draw_one_in(&rng, 3))
		return;
	scenario->core.copy_percent = (uint32_t)draw_between(&rng, 110, 400);
	scenario->core.copy_stages = 1;
	scenario->core.copy_least_ns = scenario->beat_ns;
}

/* What the kept file says must come of it; beyond what is survivable the job may well fail. */
static void
expect(struct drawn *drawn)
{
	struct scenario *scenario = &drawn->scenario;
	struct expectation *next = scenario->expect;

	memset(scenario->expect, 0, sizeof(scenario->expect));
	if (drawn->survivable)
		*next++ = (struct expectation){
		    .what = EXPECT_JOB, .compare = COMPARE_EQ, .value = 1, .text = "job: done"};
	*next++ = (struct expectation){
	    .what = EXPECT_RECORDS, .compare = COMPARE_EQ, .text = "records: exactly_once"};
	scenario->expectations = (size_t)(next - scenario->expect);
}

void
drawn_init(struct drawn *drawn, uint64_t seed, const struct scenario *base)
{
	static char about[] = "Drawn from a seed.";
	struct scenario *scenario = &drawn->scenario;
	struct rng rng;

	memset(&drawn->options, 0, sizeof(drawn->options));
	if (base != NULL)
		*scenario = *base;
	else
		memset(scenario, 0, sizeof(*scenario));
	rng_init(&rng, rng_mix(seed ^ UINT64_C(0x66757a7a)));
	if (base == NULL) {
		core_config_defaults(&scenario->core);
		scenario->about = about;
		draw_job(&rng, scenario);
		draw_workers(&rng, scenario);
		draw_timers(&rng, scenario);
		draw_copies(seed, scenario);
	}
	snprintf(scenario->name, sizeof(scenario->name), "seed-%llu", (unsigned long long)seed);
	scenario->seed = seed;
	scenario->world = WORLD_VIRTUAL;
	scenario->wall_ns = 600 * NS_PER_S;
	draw_model(&rng, &scenario->model);
	drawn->survivable = !draw_one_in(&rng, BEYOND_OF);
	drawn->options.safety_only = !drawn->survivable;
	drawn->options.audit = true;
	draw_faults(&rng, drawn);
	if (base == NULL) {
		draw_budgets(&rng, drawn);
		draw_patience(scenario);
	}
	expect(drawn);
}

/* SPDX-License-Identifier: ISC
 *
 * What makes a scenario of the virtual world mean the same in the real one: faults at points
 * instead of moments, which no two runs share, and timers that a real machine can keep.  What
 * failed in the real world needs neither, and every try costs a run there.
 */
#include <string.h>

#include "sim/shrink/shrink_parts.h"
#include "sim/util/clock.h"

#define HITS_MAX 3                /* of each point are tried, and there are many points */
#define BEAT_NS (20 * NS_PER_MS)  /* no real worker is taken for dead for being out of turn */
#define TIMER_NS (600 * NS_PER_S) /* none grows beyond it */
#define WALL_NS (20 * NS_PER_S)

static void
anchor(struct fault *fault, enum fault_who who, enum point point, unsigned nth)
{
	fault->who = who;
	fault->when = WHEN_POINT;
	fault->point = point;
	fault->nth = nth;
	fault->last = 0;
	fault->chance_ppm = 1000000;
	fault->progress_ppm = 0;
	fault->after_ns = fault->every_ns = 0;
	fault->times = fault->victims = 1;
}

static bool
at_some_point(struct shrink *shrink, struct scenario *scenario, size_t index, enum fault_who who)
{
	struct scenario other;

	for (unsigned nth = 1; nth <= HITS_MAX; nth++)
		for (unsigned point = 0; point < POINTS; point++) {
			other = *scenario;
			anchor(&other.fault[index], who, (enum point)point, nth);
			if (shrink_try(shrink, scenario, &other))
				return true;
		}
	return false;
}

bool
shrink_moment(struct shrink *shrink, struct scenario *scenario, size_t index)
{
	const struct fault *fault = &scenario->fault[index];
	bool moment = fault->when == WHEN_TIME || fault->when == WHEN_PROGRESS;
	bool other = fault->what == FAULT_KILL && fault->who != WHO_SELF;

	if (scenario->world == WORLD_REAL || (!moment && !(other && fault->when == WHEN_POINT)))
		return false;
	/* Whoever is there dies there and then; others hear of it a moment later. */
	return at_some_point(shrink, scenario, index, WHO_SELF) ||
	       (moment && fault->who != WHO_SELF &&
	        at_some_point(shrink, scenario, index, fault->who));
}

static int64_t
longer(int64_t duration_ns, int64_t factor)
{
	return duration_ns < TIMER_NS / factor ? duration_ns * factor : duration_ns;
}

bool
shrink_haste(struct shrink *shrink, struct scenario *scenario)
{
	struct scenario calm = *scenario;
	struct core_config *core = &calm.core;
	int64_t factor;

	if (calm.world == WORLD_REAL || calm.beat_ns >= BEAT_NS || calm.beat_ns <= 0)
		return false;
	factor = (BEAT_NS + calm.beat_ns - 1) / calm.beat_ns;
	calm.beat_ns = longer(calm.beat_ns, factor);
	core->suspect_ns = longer(core->suspect_ns, factor);
	core->dead_ns = longer(core->dead_ns, factor);
	core->lease_ttl_ns = longer(core->lease_ttl_ns, factor);
	for (size_t i = 0; i < calm.faults; i++) {
		calm.fault[i].for_ns = longer(calm.fault[i].for_ns, factor);
		calm.fault[i].delay_ns = longer(calm.fault[i].delay_ns, factor);
	}
	return shrink_try(shrink, scenario, &calm);
}

bool
shrink_wall(struct shrink *shrink, struct scenario *scenario)
{
	struct scenario shorter = *scenario;

	if (scenario->wall_ns <= WALL_NS)
		return false;
	shorter.wall_ns = WALL_NS;
	return shrink_try(shrink, scenario, &shorter);
}

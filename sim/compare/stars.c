/* SPDX-License-Identifier: ISC
 *
 * Figures into stars.  Each kind goes by one figure, and each star by one limit.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/compare/stars.h"
#include "sim/util/clock.h"

const struct approach approaches[] = {
#define APPROACH(strategy, name, ...) {strategy, name, {__VA_ARGS__}},
#include "sim/compare/stars.def"
#undef APPROACH
};
const size_t approach_count = sizeof(approaches) / sizeof(approaches[0]);

/* A figure is at most limit[i]: so many stars[i]; else what is left. */
static const struct scale {
	const char *name, *measure, *unit;
	uint64_t limit[STARS_MAX - 1];
	unsigned stars[STARS_MAX];
} scales[STAR_KINDS] = {
    [STARS_RECOVERY] = {"recovery",
                        "of the records were done again after the faults",
                        "%",
                        {1, 5, 20, 50},
                        {5, 4, 3, 2, 1}},
    [STARS_PERFORMANCE] = {"performance",
                           "of the time without faults of the fastest of these five",
                           "%",
                           {110, 150, 250, 500},
                           {5, 4, 3, 2, 1}},
    [STARS_COMPLEXITY] =
	{"complexity", "statements of its own", "", {16, 32, 64, 128}, {1, 2, 3, 4, 5}},
};

const char *
star_kind_name(enum star_kind kind)
{
	return scales[kind].name;
}

const struct side *
approach_side(const struct comparison *comparison, const struct approach *approach)
{
	for (size_t i = 0; i < comparison->sides; i++) {
		const struct side *side = &comparison->side[i];
		if (strcmp(strategy_name(side->strategy), approach->strategy) == 0)
			return side->refused[0] == '\0' ? side : NULL;
	}
	return NULL;
}

static const struct side *
fastest(const struct comparison *comparison)
{
	const struct side *best = NULL;

	for (size_t i = 0; i < approach_count; i++) {
		const struct side *side = approach_side(comparison, &approaches[i]);
		if (side != NULL && side->calm.worst == FATE_CLEAN &&
		    (best == NULL || side_time_ns(&side->calm) < side_time_ns(&best->calm)))
			best = side;
	}
	return best;
}

/* In a thousandth of the scale's unit, rounded up: 1.0001% is more than 1%. */
static bool
figure_of(const struct comparison *comparison, const struct side *side, enum star_kind kind,
          uint64_t *figure)
{
	const struct side *best;
	uint64_t time_ns, best_ns;

	switch (kind) {
	case STARS_RECOVERY:
		if (side->hurt.worst != FATE_CLEAN || comparison->records == 0 ||
		    comparison->scenario.faults == 0)
			return false;
		*figure =
		    (side->hurt.redone * 100000 + comparison->records - 1) / comparison->records;
		return true;
	case STARS_PERFORMANCE:
		best = fastest(comparison);
		if (best == NULL || side->calm.worst != FATE_CLEAN)
			return false;
		time_ns = (uint64_t)side_time_ns(&side->calm);
		best_ns = (uint64_t)side_time_ns(&best->calm);
		*figure = best_ns == 0 ? 0 : time_ns * 100000 / best_ns;
		return true;
	default:
		*figure = 1000 * (uint64_t)side->code.statements;
		return true;
	}
}

unsigned
stars_measured(const struct comparison *comparison, const struct side *side, enum star_kind kind)
{
	const struct scale *scale = &scales[kind];
	uint64_t figure;

	if (!figure_of(comparison, side, kind, &figure))
		return 0;
	for (unsigned i = 0; i < STARS_MAX - 1; i++)
		if (figure <= 1000 * scale->limit[i])
			return scale->stars[i];
	return scale->stars[STARS_MAX - 1];
}

void
stars_print_limits(enum star_kind kind, FILE *out)
{
	const struct scale *scale = &scales[kind];

	fprintf(out, "%s: %u for at most %" PRIu64 "%s %s", scale->name, scale->stars[0],
	        scale->limit[0], scale->unit, scale->measure);
	for (unsigned i = 1; i < STARS_MAX - 1; i++)
		fprintf(out, ", %u for %" PRIu64 "%s", scale->stars[i], scale->limit[i],
		        scale->unit);
	fprintf(out, ", %u for more", scale->stars[STARS_MAX - 1]);
}

void
stars_print_figure(const struct comparison *comparison, const struct side *side,
                   enum star_kind kind, FILE *out)
{
	const struct side *best;
	uint64_t figure;

	if (!figure_of(comparison, side, kind, &figure))
		return;
	switch (kind) {
	case STARS_RECOVERY:
		fprintf(out, "%" PRIu64 " of %" PRIu64 " records (%.1f%%) were done again",
		        side->hurt.redone, comparison->records, (double)figure / 1000);
		break;
	case STARS_PERFORMANCE:
		best = fastest(comparison);
		fprintf(out, "%.2f s without faults, %.0f%% of the fastest (%s, %.2f s)",
		        (double)side_time_ns(&side->calm) / NS_PER_S, (double)figure / 1000,
		        strategy_name(best->strategy),
		        (double)side_time_ns(&best->calm) / NS_PER_S);
		break;
	default:
		fprintf(out, "%u statements of its own", side->code.statements);
	}
}

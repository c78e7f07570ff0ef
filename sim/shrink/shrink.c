/* SPDX-License-Identifier: ISC
 *
 * One change after the other, each kept if the scenario still fails.
 */
#include <string.h>

#include "sim/shrink/shrink.h"
#include "sim/shrink/shrink_parts.h"
#include "sim/util/clock.h"

bool
shrink_try(struct shrink *shrink, struct scenario *scenario, const struct scenario *smaller)
{
	/* Copies of one another: what lies between their members is the same, too.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	if (memcmp(scenario, smaller, sizeof(*scenario)) == 0 || clock_now_ns() >= shrink->until_ns)
		return false;
	shrink->tries++;
	if (!shrink->fails(shrink->context, smaller))
		return false;
	*scenario = *smaller;
	return true;
}

bool
shrink_number(struct shrink *shrink, struct scenario *scenario, void *field, size_t size,
              uint64_t value, uint64_t least)
{
	size_t offset = (size_t)((char *)field - (char *)scenario);
	struct scenario smaller;
	bool shrunk = false;
	uint64_t low = least;

	/* The least first, then the middle of what is left: a few tries, wherever the limit is. */
	while (low < value) {
		uint64_t middle = shrunk || low > least ? low + (value - low) / 2 : least;
		smaller = *scenario;
		memcpy((char *)&smaller + offset, &middle, size);
		if (shrink_try(shrink, scenario, &smaller)) {
			value = middle;
			shrunk = true;
		} else {
			low = middle + 1;
		}
	}
	return shrunk;
}

static bool
drop_faults(struct shrink *shrink, struct scenario *scenario)
{
	struct scenario smaller;
	bool shrunk = false;

	for (size_t count = scenario->faults; count > 0; count /= 2) {
		size_t first = 0;
		while (first + count <= scenario->faults) {
			smaller = *scenario;
			scenario_faults_drop(&smaller, first, count);
			if (shrink_try(shrink, scenario, &smaller))
				shrunk = true;
			else
				first += count;
		}
	}
	return shrunk;
}

void
shrink_run(struct shrink *shrink, struct scenario *scenario)
{
	bool shrunk;

	do {
		shrunk = drop_faults(shrink, scenario);
		shrunk |= shrink_workload(shrink, scenario);
		for (size_t i = 0; i < scenario->faults; i++)
			shrunk |= shrink_fault(shrink, scenario, i);
	} while (shrunk && clock_now_ns() < shrink->until_ns);
}

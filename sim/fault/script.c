/* SPDX-License-Identifier: ISC
 *
 * Holding the fault script.
 */
#include <stdio.h>
#include <string.h>

#include "sim/fault/ahead.h"
#include "sim/fault/script.h"
#include "sim/util/clock.h"

static const char *const names[SCRIPT_CHANGES] = {
    [SCRIPT_GO] = "go", [SCRIPT_HOLD] = "hold", [SCRIPT_STEP] = "step"};

const char *
script_change_name(unsigned change)
{
	return change < SCRIPT_CHANGES ? names[change] : "?";
}

enum script_change
script_change_find(const char *name)
{
	unsigned change = 0;

	while (change < SCRIPT_CHANGES && strcmp(names[change], name) != 0)
		change++;
	return (enum script_change)change;
}

static void
change_to(struct fault_area *area, enum script_change change)
{
	if (change == SCRIPT_STEP)
		atomic_fetch_add(&area->steps, 1);
	else
		atomic_store(&area->steps, 0);
	atomic_store(&area->held, change != SCRIPT_GO);
	atomic_store(&area->was_held, 1);
}

bool
script_set(struct fault_area *area, enum script_change change)
{
	char line[AHEAD_LINE_MAX];
	int length = snprintf(line, sizeof(line), "{\"script\": \"%s\", \"boottime_ns\": %lld}\n",
	                      names[change], (long long)clock_now_ns());

	if (!ahead_write(line, (size_t)length))
		return false;
	change_to(area, change);
	/* Which it was comes first: whoever sees that there is one more asks. */
	atomic_store(&area->script_change, change);
	atomic_fetch_add(&area->script_changes, 1);
	return true;
}

void
script_recall(struct fault_area *area, enum script_change change)
{
	change_to(area, change);
	atomic_store(&area->steps, 0);
}

bool
script_holds(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	return atomic_load_explicit(&area->held, memory_order_relaxed) != 0 &&
	       scenario->fault[index].when != WHEN_HAND && atomic_load(&area->steps) == 0;
}

bool
script_stops(const struct scenario *scenario, struct fault_area *area, size_t index)
{
	if (!script_holds(scenario, area, index))
		return false;
	atomic_fetch_or(&area->due, UINT64_C(1) << index);
	return true;
}

bool
script_has(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	return script_holds(scenario, area, index) && ((atomic_load(&area->due) >> index) & 1) != 0;
}

static bool
needs_step(const struct scenario *scenario, const struct fault_area *area, size_t index)
{
	return atomic_load(&area->held) != 0 && scenario->fault[index].when != WHEN_HAND;
}

bool
script_take(const struct scenario *scenario, struct fault_area *area, size_t index)
{
	uint32_t steps = atomic_load(&area->steps);
	bool needed = needs_step(scenario, area, index);

	while (needed && steps > 0)
		if (atomic_compare_exchange_weak(&area->steps, &steps, steps - 1))
			needed = false;
	if (!needed)
		atomic_fetch_and(&area->due, ~(UINT64_C(1) << index));
	return !needed;
}

void
script_give_back(const struct scenario *scenario, struct fault_area *area, size_t index)
{
	if (needs_step(scenario, area, index))
		atomic_fetch_add(&area->steps, 1);
}

/* SPDX-License-Identifier: ISC
 *
 * Placement as it was.  Who leaves takes out of the ring what was queued for it, however much that
 * was.  Who comes takes over its share of what is queued, and no more than half as much again, as
 * queues are not equally long and it does not take as much of each; and 5 % of all, and as few
 * tasks need not be spread as evenly as many, four standard deviations of their number.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "sim/verdict/placing.h"

#define SLACK_PERCENT 5

static uint64_t
root_of(uint64_t square)
{
	uint64_t root = 0;

	while ((root + 1) * (root + 1) <= square)
		root++;
	return root;
}

static uint64_t
allowed_of(uint64_t queued, uint64_t before, uint64_t now)
{
	uint64_t share = now == 0 ? 0 : queued * (now - before) / now;

	return share * 3 / 2 + queued * SLACK_PERCENT / 100 + 4 * root_of(share) + 2;
}

static void
note_change(struct placing *placing, const struct core_step *change)
{
	bool came = change->epoch > change->incarnation;
	uint64_t allowed =
	    came ? allowed_of(change->value, change->incarnation, change->epoch) : change->value;

	placing->changes++;
	placing->beyond += change->record > allowed;
	if (placing->queued != 0 &&
	    change->record * placing->queued <= placing->moved * change->value)
		return;
	placing->moved = change->record;
	placing->queued = change->value;
	placing->allowed = allowed;
}

void
placing_note(struct placing *placing, const struct core_step *action)
{
	if (action->kind == ACT_REBALANCED)
		note_change(placing, action);
	else if (action->kind == ACT_ASSIGN && (action->cause & CORE_ASSIGN_PROBE) == 0 &&
	         action->slot < SCENARIO_WORKERS_MAX)
		placing->leases[action->slot]++;
}

unsigned
placing_spread(const struct placing *placing, uint32_t *slots)
{
	uint64_t sum = 0, most = 0;

	*slots = 0;
	for (size_t i = 0; i < SCENARIO_WORKERS_MAX; i++) {
		sum += placing->leases[i];
		most = placing->leases[i] > most ? placing->leases[i] : most;
		*slots += placing->leases[i] > 0;
	}
	return sum == 0 ? 0 : (unsigned)(most * 1000 * *slots / sum);
}

void
placing_print(const struct placing *placing, enum placement placement, FILE *out)
{
	static const char *const names[] = {[PLACEMENT_HASH] = "hash",
	                                    [PLACEMENT_LEAST] = "least",
	                                    [PLACEMENT_ROUND_ROBIN] = "round_robin"};
	uint32_t slots;
	unsigned spread = placing_spread(placing, &slots);

	if (spread == 0)
		return;
	fprintf(out, "  placement: %s; the busiest of %u workers had %u.%02u times the mean",
	        names[placement], slots, spread / 1000, spread % 1000 / 10);
	if (placing->changes > 0)
		fprintf(out,
		        "; of %" PRIu64 " changes of the ring the greatest moved %" PRIu64
		        " of %" PRIu64 " queued tasks (%" PRIu64 ".%" PRIu64 "%%)",
		        placing->changes, placing->moved, placing->queued,
		        placing->moved * 100 / placing->queued,
		        placing->moved * 1000 / placing->queued % 10);
	fputc('\n', out);
}

/* SPDX-License-Identifier: ISC
 *
 * Backoff and budget.
 */
#include "retry.h"

bool
retry_charges(enum cause cause)
{
	return cause == CAUSE_DATA || cause == CAUSE_CRASH || cause == CAUSE_HANG;
}

enum retry_verdict
retry_judge(enum cause cause, unsigned attempts, unsigned charged, bool bad_data, bool isolates,
            unsigned isolations)
{
	if (!retry_charges(cause))
		return VERDICT_AGAIN;
	if (isolates)
		return cause == CAUSE_DATA || isolations >= attempts ? VERDICT_BURY : VERDICT_AGAIN;
	if (charged < attempts)
		return VERDICT_AGAIN;
	return bad_data ? VERDICT_ISOLATE : VERDICT_BURY;
}

int64_t
retry_ceiling_ns(int64_t base_ns, int64_t cap_ns, unsigned doublings)
{
	int64_t ceiling = base_ns < cap_ns ? base_ns : cap_ns;
	while (doublings-- > 0 && ceiling > 0 && ceiling < cap_ns)
		ceiling = ceiling > cap_ns / 2 ? cap_ns : ceiling * 2;
	return ceiling;
}

int64_t
retry_backoff_ns(struct rng *rng, int64_t base_ns, int64_t cap_ns, unsigned nth)
{
	int64_t ceiling = retry_ceiling_ns(base_ns, cap_ns, nth > 0 ? nth - 1 : 0);
	return (int64_t)rng_upto(rng, (uint64_t)ceiling);
}

/* SPDX-License-Identifier: ISC
 *
 * Times in buckets that grow with them.
 */
#include <time.h>

#include "sim/flow/flow_stats.h"
#include "sim/util/clock.h"

#define NS_PER_US 1000

static unsigned
bucket_of(uint64_t us)
{
	unsigned doublings, bucket;

	if (us < 4)
		return (unsigned)us;
	doublings = 63 - (unsigned)__builtin_clzll(us);
	bucket = 4 * (doublings - 1) + (unsigned)(us >> (doublings - 2) & 3);
	return bucket < FLOW_BUCKETS ? bucket : FLOW_BUCKETS - 1;
}

/* The first time that is in no bucket up to this one. */
static uint64_t
end_of(unsigned bucket)
{
	unsigned doublings = bucket / 4 + 1;

	if (bucket < 4)
		return bucket + 1;
	return ((UINT64_C(4) | (bucket & 3)) + 1) << (doublings - 2);
}

void
flow_stats_latency(struct flow_stats *stats, int64_t latency_ns)
{
	stats->bucket[bucket_of(latency_ns > 0 ? (uint64_t)latency_ns / NS_PER_US : 0)]++;
}

int64_t
flow_stats_percentile(const struct flow_stats *stats, double share)
{
	uint64_t all = 0, seen = 0;

	for (unsigned i = 0; i < FLOW_BUCKETS; i++)
		all += stats->bucket[i];
	for (unsigned i = 0; i < FLOW_BUCKETS && all > 0; i++) {
		seen += stats->bucket[i];
		if ((double)seen >= share * (double)all)
			return (int64_t)end_of(i) * NS_PER_US;
	}
	return 0;
}

void
flow_stats_add(struct flow_stats *stats, const struct flow_stats *more)
{
	stats->events += more->events;
	stats->transactions += more->transactions;
	stats->processor_ns += more->processor_ns;
	for (unsigned i = 0; i < FLOW_COUNTERS; i++)
		stats->counter[i] += more->counter[i];
	for (unsigned i = 0; i < FLOW_BUCKETS; i++)
		stats->bucket[i] += more->bucket[i];
}

int64_t
flow_processor_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* SPDX-License-Identifier: ISC
 *
 * What a consumer measures: how long events were on their way, and what they cost.  Kept in run.db
 * every now and then in a transaction that there is anyway; what was measured since then is lost
 * with its worker.
 */
#ifndef SIM_FLOW_FLOW_STATS_H
#define SIM_FLOW_FLOW_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Four for each doubling of the time in microseconds. */
#define FLOW_BUCKETS 192

/* What patterns count besides. */
enum flow_counter {
	FLOW_DOUBLED, /* join: events */
	FLOW_LATE,
	FLOW_CALLS, /* stateless: questions to the user service */
	FLOW_CALLS_FAILED,
	FLOW_CIRCUITS,   /* times the circuit was opened */
	FLOW_REBUILDS,   /* stateful: stores made again from snapshot and tail */
	FLOW_REBUILD_US, /* in so many microseconds */
	FLOW_REBUILT,    /* from so many events of the tail */
	FLOW_COUNTERS
};

struct flow_stats {
	uint64_t events, transactions;
	int64_t processor_ns;
	uint64_t counter[FLOW_COUNTERS];
	uint64_t bucket[FLOW_BUCKETS]; /* events by time from appended to committed */
};

void flow_stats_latency(struct flow_stats *stats, int64_t latency_ns);
/* A time that this share of the events did not take longer than, within a quarter; 0: none was
 * measured. */
int64_t flow_stats_percentile(const struct flow_stats *stats, double share);
void flow_stats_add(struct flow_stats *stats, const struct flow_stats *more);
/* Processor time of this process so far. */
int64_t flow_processor_ns(void);

#endif

/* SPDX-License-Identifier: ISC
 *
 * The tables.  What is said is what texts about these patterns say; what is seen, the runs tell.
 */
#include "sim/tradeoff/choices.h"

/* Both kinds of mail workers lose one, so that it is seen what their successors need. */
#define ONE_DEATH "faults=[{id: k1, at: worker.in_batch, nth: 20, kill: self}]"
#define NO_FAULTS "faults=[]"

const struct choice choices[] = {
    {TRADEOFF_TIMING, "streaming", {"job.pattern=streaming", NO_FAULTS}},
    {TRADEOFF_TIMING, "batching", {"job.pattern=batching", NO_FAULTS}},
    {TRADEOFF_STATE, "stateless", {"job.pattern=stateless", ONE_DEATH}},
    {TRADEOFF_STATE, "stateful", {"job.pattern=stateful", ONE_DEATH}},
    {TRADEOFF_STATE,
     "stateful, 100 ms late",
     {"job.pattern=stateful", "job.users.lag=100ms", ONE_DEATH}},
    {TRADEOFF_PAYLOAD,
     "100 B in the log",
     {"job.generate.size=100B", "job.claim.above=never", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "100 B, claim-check",
     {"job.generate.size=100B", "job.claim.above=0B", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "1 KiB in the log",
     {"job.generate.size=1KiB", "job.claim.above=never", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "1 KiB, claim-check",
     {"job.generate.size=1KiB", "job.claim.above=0B", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "16 KiB in the log",
     {"job.generate.size=16KiB", "job.claim.above=never", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "16 KiB, claim-check",
     {"job.generate.size=16KiB", "job.claim.above=0B", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "128 KiB in the log",
     {"job.generate.size=128KiB", "job.claim.above=never", NO_FAULTS}},
    {TRADEOFF_PAYLOAD,
     "128 KiB, claim-check",
     {"job.generate.size=128KiB", "job.claim.above=0B", NO_FAULTS}},
};
const size_t choice_count = sizeof(choices) / sizeof(choices[0]);

const struct claim claims[] = {
    {TRADEOFF_TIMING, "streaming is near real time, batching is not", FIGURE_P50_MS, "streaming",
     "batching", NULL},
    {TRADEOFF_TIMING, "batching is the cheaper one: fewer transactions", FIGURE_TRANSACTIONS,
     "batching", "streaming", NULL},
    {TRADEOFF_TIMING, "batching is the cheaper one: less processor time", FIGURE_PROCESSOR_US,
     "batching", "streaming", "the events come too slowly for their transactions to count"},
    {TRADEOFF_STATE, "who depends on others for data is slower", FIGURE_P50_MS, "stateful",
     "stateless", "the service is on this host, and answers at once"},
    {TRADEOFF_STATE, "a store of one's own needs no calls", FIGURE_CALLS, "stateful", "stateless",
     NULL},
    {TRADEOFF_STATE, "stateless workers excel in resource efficiency", FIGURE_PROCESSOR_US,
     "stateless", "stateful", "a call costs more than a look into a store of one's own"},
    {TRADEOFF_STATE, "a stateful worker needs more to begin", FIGURE_REBUILD_MS, "stateless",
     "stateful", "no worker died while it had a store"},
    {TRADEOFF_STATE, "who takes updates in late writes to old mailboxes", FIGURE_STALE, "stateless",
     "stateful, 100 ms late", "no user moved meanwhile"},
    {TRADEOFF_PAYLOAD, "a claim-check is an overhead while events are small", FIGURE_PROCESSOR_US,
     "100 B in the log", "100 B, claim-check", NULL},
    {TRADEOFF_PAYLOAD, "large events in the log cost it its speed", FIGURE_P50_MS,
     "128 KiB, claim-check", "128 KiB in the log",
     "log and payloads are files on the same disk, and a file for each costs more than its place "
     "in the log"},
    {TRADEOFF_PAYLOAD, "and processor time", FIGURE_PROCESSOR_US, "128 KiB, claim-check",
     "128 KiB in the log", "the same bytes are written and read, and hashed besides"},
};
const size_t claim_count = sizeof(claims) / sizeof(claims[0]);

static const struct {
	const char *head, *name;
	int digits, width;
} figures[FIGURES] = {
    [FIGURE_P50_MS] = {"p50 ms", "the latency's median, in ms", 2, 7},
    [FIGURE_P99_MS] = {"p99 ms", "the latency that 1% exceed, in ms", 1, 7},
    [FIGURE_RATE] = {"ev/s", "events a second", 0, 7},
    [FIGURE_TRANSACTIONS] = {"trans", "transactions an event", 4, 7},
    [FIGURE_PROCESSOR_US] = {"cpu us", "processor time of consumers an event, in us", 1, 7},
    [FIGURE_CALLS] = {"calls", "calls an event", 2, 6},
    [FIGURE_STALE] = {"stale", "mails to an old address", 0, 6},
    [FIGURE_REBUILD_MS] = {"rebuilt", "time to make stores again, in ms", 2, 8},
};

bool
tradeoff_of(enum stream_pattern pattern, enum tradeoff *tradeoff)
{
	switch (pattern) {
	case PATTERN_STREAMING:
	case PATTERN_BATCHING:
		*tradeoff = TRADEOFF_TIMING;
		return true;
	case PATTERN_STATELESS:
	case PATTERN_STATEFUL:
		*tradeoff = TRADEOFF_STATE;
		return true;
	case PATTERN_CLAIM_CHECK:
		*tradeoff = TRADEOFF_PAYLOAD;
		return true;
	case PATTERN_JOIN:
	case PATTERN_KAPPA:
		break;
	}
	return false;
}

const char *
tradeoff_title(enum tradeoff tradeoff)
{
	static const char *const titles[TRADEOFFS] = {
	    [TRADEOFF_TIMING] = "streaming against batching",
	    [TRADEOFF_STATE] = "stateless against stateful",
	    [TRADEOFF_PAYLOAD] = "documents in the log against claim-checks",
	};

	return titles[tradeoff];
}

const char *
figure_head(enum figure figure)
{
	return figures[figure].head;
}

const char *
figure_name(enum figure figure)
{
	return figures[figure].name;
}

int
figure_digits(enum figure figure)
{
	return figures[figure].digits;
}

int
figure_width(enum figure figure)
{
	return figures[figure].width;
}

/* SPDX-License-Identifier: ISC
 *
 * The ledger: what the job's output must be, worked out from the raw input by simple sequential
 * code that shares nothing with the machinery under test: no csv.c, no decimal.c, no plan, no
 * store.  It is slow on purpose of being plain.
 */
#ifndef SIM_VERDICT_LEDGER_H
#define SIM_VERDICT_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/* Records that were given up: the ledger leaves them out.  Sorted by first, not overlapping. */
struct ledger_gap {
	uint64_t first, count;
};

struct ledger_finding {
	uint64_t records;     /* in the input */
	uint64_t counted;     /* of them, outside the gaps */
	uint64_t lost;        /* by key: records the sink has too few of */
	uint64_t doubled;     /* by key: records the sink has too many of */
	uint64_t wrong_lines; /* lines of the sink that differ, are missing or are too many */
	uint64_t unfounded;   /* records in gaps that the ledger can read without fault */
	uint64_t unreadable; /* records outside the gaps that the ledger cannot read: they should be
	                        dead letters */
	/* Of etl jobs. */
	uint64_t repeated; /* records whose key and payload another one has too: one row by key */
	uint64_t effects_doubled, effects_lost, effects_unfounded;
	uint64_t late, dropped; /* by event time: come too late; of them to be left out */
	/* Of graphs: effects before those they wait for; tasks that ended as no sequential run ends
	 * them; skipped without a reason that holds; not needed. */
	uint64_t early, astray, unnamed, unneeded;
	char
	    account[256]; /* of stream jobs: what became of what, in words; "" if records tell it */
	uint64_t stale;   /* mails that went to an old address */
	int64_t stale_ms; /* longest time, as the events have it, since there was a newer one */
	uint64_t views_differ; /* keys on which the streaming view and the replayed one differ */
	char example[512]; /* the first difference in words: "key 'Xerox 1881': sink has 4 records,
	                      input 5"; "" if none */
};

/* Computes the expected output of scenario's aggregate job over the input file and compares it byte
 * for byte with the sink file.  Keeps only one expected line in memory beside the per-key table.
 * Returns 0 with *finding filled in, or -errno with error[size] saying what could not be read. */
int ledger_check_aggregate(const struct scenario *scenario, const char *input, const char *sink,
                           const struct ledger_gap *gaps, size_t gap_count,
                           struct ledger_finding *finding, char *error, size_t size);

#endif

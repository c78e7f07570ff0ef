/* SPDX-License-Identifier: ISC
 *
 * Backoff and budget as plain arithmetic, so that they can be read and tested on their own.
 */
#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include "core.h"
#include "rng.h"

enum retry_verdict {
	VERDICT_AGAIN,   /* lease it again */
	VERDICT_ISOLATE, /* lease it again, to dead-letter its bad records and commit the rest */
	VERDICT_BURY     /* give the whole task up */
};

/* Whether an attempt that ended for this cause counts against the budget. */
bool retry_charges(enum cause cause);

/* What becomes of a task whose attempt ended for cause, when charged and isolations already include
 * it.  bad_data: one of the charged attempts failed on bad data, so isolating can help, whatever
 * ended the last one. */
enum retry_verdict retry_judge(enum cause cause, unsigned attempts, unsigned charged, bool bad_data,
                               bool isolates, unsigned isolations);

/* Full jitter: uniform in [0, min(cap, base * 2^(nth - 1))]; nth counts from 1. */
int64_t retry_backoff_ns(struct rng *rng, int64_t base_ns, int64_t cap_ns, unsigned nth);

/* min(cap, base * 2^doublings), without overflow. */
int64_t retry_ceiling_ns(int64_t base_ns, int64_t cap_ns, unsigned doublings);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Attempts as spans: when which slot was in which task, and how it ended.  A slot does its leases
 * in order: an attempt begins when it was leased or when the one before it in its slot ended,
 * whichever is later; a beat that names a task shows that those before it have ended.  Tasks that
 * were committed together end together, so a span may be empty.  Each lease becomes one span, but
 * for those that wait for their turn, or are handed back before it has come.
 */
#ifndef SIM_HISTORY_SPAN_H
#define SIM_HISTORY_SPAN_H

#include <stddef.h>
#include <stdint.h>

#include "sim/history/moment.h"

enum span_end {
	SPAN_AT_WORK, /* still, or finished and not reported yet */
	SPAN_DONE,
	SPAN_FOUND_DONE, /* its holder was lost, but it had committed */
	SPAN_FAILED,     /* bad data, or the system under it failed; it said so itself */
	SPAN_CRASHED,
	SPAN_HUNG,
	SPAN_TAKEN, /* taken back through no fault of its own: its worker was lost in another */
	SPAN_RETURNED,
	SPAN_FENCED,    /* the store refused its commit */
	SPAN_LOST,      /* with its supervisor or the power */
	SPAN_SURVIVED,  /* a probe: the record did no harm */
	SPAN_OVERTAKEN, /* another attempt at the same task committed first */
	SPAN_ENDS
};

struct span {
	int64_t begin_ns, end_ns; /* run time; end_ns INT64_MAX: still open */
	uint64_t leased_at;       /* number of the record that leased it */
	uint64_t ended_at;        /* ... that ended it; UINT64_MAX: none yet */
	uint32_t task;
	uint32_t epoch;
	uint32_t generation;
	int16_t fault;   /* number of the fault that hit it, -1: none */
	uint8_t attempt; /* from 1, over all generations */
	uint8_t how;     /* enum span_end */
	uint8_t probe;   /* one record alone, commits nothing */
	uint8_t copy;    /* of an attempt that took too long */
};

struct span_lane {
	struct span *span; /* in order of time; they do not overlap */
	size_t count, room;
	int64_t free_ns; /* when its worker was done with what it has begun */
	uint32_t held;   /* leases */
	uint32_t hand;   /* the one its worker is in */
};

/* A lease whose end was not reported yet. */
struct span_lease {
	uint64_t leased_at; /* number of the record */
	int64_t leased_ns;
	uint32_t task, epoch;
	uint32_t span; /* its place in the lane once it has begun, or UINT32_MAX */
	uint8_t attempt, probe, copy;
};

struct spans {
	struct span_lane *lane; /* one per slot, the probe's the last */
	uint32_t lanes;
	uint64_t count;  /* spans of all lanes */
	uint64_t leases; /* that were granted: some were handed back before they began */
	int64_t last_ns; /* of the record before */
	uint32_t credit;
	struct span_lease *lease; /* credit for each lane, in order */
};

/* 0 or -ENOMEM. */
int spans_init(struct spans *spans, uint32_t lanes, uint32_t credit);
void spans_fini(struct spans *spans);

/* Record `number` happened; after is the moment behind it.  0 or -ENOMEM. */
int spans_apply(struct spans *spans, const struct logged *record, uint64_t number,
                const struct moment *after);

/* The first span of a lane that ends after ns (open ones do); count if there is none. */
size_t span_first_after(const struct span_lane *lane, int64_t ns);

/* The span a slot was in at that time, or NULL.  Between two that meet: the later. */
const struct span *span_find(const struct span_lane *lane, int64_t ns);

const char *span_end_name(unsigned how);
/* One letter for lanes: K crashed, H hung, ... '\0' when the attempt's digit says it all. */
char span_end_letter(unsigned how);

#endif

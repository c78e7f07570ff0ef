/* SPDX-License-Identifier: ISC
 *
 * What waits for time: backoffs of tasks and restarts of slots, in a binary heap.  Ties are broken
 * by the order of arrival, so that the same events always wake the same task first.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdint.h>

struct timer {
	int64_t due_ns;
	uint32_t sequence;
	uint32_t what; /* a number of the caller's */
};

struct timers {
	struct timer *heap; /* the caller's memory */
	uint32_t count;
	uint32_t capacity;
	uint32_t sequence;
	uint32_t written; /* the place that was last written to */
};

void timers_init(struct timers *timers, struct timer *memory, uint32_t capacity);
void timers_add(struct timers *timers, int64_t due_ns, uint32_t what);
/* When the first is due; INT64_MAX if there is none. */
int64_t timers_due(const struct timers *timers);
/* Takes the first; there must be one. */
uint32_t timers_pop(struct timers *timers);
/* Whether a is due before b. */
int timer_before(const struct timer *a, const struct timer *b);

#endif

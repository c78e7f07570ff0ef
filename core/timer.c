/* SPDX-License-Identifier: ISC
 *
 * Binary heap ordered by (due, sequence).
 */
#include "timer.h"
#include "check.h"

void
timers_init(struct timers *timers, struct timer *memory, uint32_t capacity)
{
	*timers = (struct timers){.heap = memory, .capacity = capacity};
}

int
timer_before(const struct timer *a, const struct timer *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	/* Sequence numbers may wrap; no two live timers are 2^31 arrivals apart. */
	return (int32_t)(a->sequence - b->sequence) < 0;
}

void
timers_add(struct timers *timers, int64_t due_ns, uint32_t what)
{
	CHECK(timers->count < timers->capacity);
	struct timer added = {due_ns, timers->sequence++, what};
	uint32_t hole = timers->count++;
	while (hole > 0 && timer_before(&added, &timers->heap[(hole - 1) / 2])) {
		timers->heap[hole] = timers->heap[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	timers->heap[hole] = added;
	timers->written = hole;
}

int64_t
timers_due(const struct timers *timers)
{
	return timers->count > 0 ? timers->heap[0].due_ns : INT64_MAX;
}

uint32_t
timers_pop(struct timers *timers)
{
	CHECK(timers->count > 0);
	uint32_t what = timers->heap[0].what;
	struct timer last = timers->heap[--timers->count];
	uint32_t hole = 0;
	for (;;) {
		uint32_t child = 2 * hole + 1;
		if (child + 1 < timers->count &&
		    timer_before(&timers->heap[child + 1], &timers->heap[child]))
			child++;
		if (child >= timers->count || !timer_before(&timers->heap[child], &last))
			break;
		timers->heap[hole] = timers->heap[child];
		hole = child;
	}
	timers->heap[hole] = last;
	timers->written = hole;
	return what;
}

/* SPDX-License-Identifier: ISC
 *
 * A heap of four children to a node: small nodes in one line of the cache, the events beside them.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/check.h"
#include "sim/virtual/events.h"

#define CHILDREN 4

static int
events_grow(struct events *events, uint32_t room)
{
	struct event_node *heap = reallocarray(events->heap, room, sizeof(*heap));
	struct event *pool;
	uint32_t *unused;

	if (heap == NULL)
		return -ENOMEM;
	events->heap = heap;
	pool = reallocarray(events->pool, room, sizeof(*pool));
	if (pool == NULL)
		return -ENOMEM;
	events->pool = pool;
	unused = reallocarray(events->unused, room, sizeof(*unused));
	if (unused == NULL)
		return -ENOMEM;
	events->unused = unused;
	/* Places behind the count are free; the first of them is taken next. */
	for (uint32_t i = events->room; i < room; i++)
		unused[i] = i;
	events->room = room;
	return 0;
}

int
events_init(struct events *events, uint32_t room)
{
	*events = (struct events){0};
	return events_grow(events, room);
}

void
events_fini(struct events *events)
{
	free(events->heap);
	free(events->pool);
	free(events->unused);
}

static inline int
before(const struct event_node *a, const struct event_node *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	return (int32_t)(a->sequence - b->sequence) < 0;
}

int
events_add(struct events *events, const struct event *event)
{
	struct event_node added = {.at_ns = event->at_ns, .sequence = events->sequence++};
	uint32_t hole = events->count;

	if (hole == events->room && events_grow(events, 2 * hole) != 0)
		return -ENOMEM;
	added.index = events->unused[events->count++];
	events->pool[added.index] = *event;
	while (hole > 0 && before(&added, &events->heap[(hole - 1) / CHILDREN])) {
		events->heap[hole] = events->heap[(hole - 1) / CHILDREN];
		hole = (hole - 1) / CHILDREN;
	}
	events->heap[hole] = added;
	return 0;
}

int64_t
events_due(const struct events *events)
{
	return events->count > 0 ? events->heap[0].at_ns : INT64_MAX;
}

static uint32_t
first_child(const struct events *events, uint32_t hole)
{
	uint32_t child = CHILDREN * hole + 1, end = child + CHILDREN, first = child;

	if (end > events->count)
		end = events->count;
	for (uint32_t i = child + 1; i < end; i++)
		if (before(&events->heap[i], &events->heap[first]))
			first = i;
	return first;
}

void
events_pop(struct events *events, struct event *event)
{
	struct event_node last;
	uint32_t hole = 0, index;

	CHECK(events->count > 0);
	index = events->heap[0].index;
	*event = events->pool[index];
	last = events->heap[--events->count];
	events->unused[events->count] = index;
	for (;;) {
		uint32_t child = first_child(events, hole);
		if (child >= events->count || !before(&events->heap[child], &last))
			break;
		events->heap[hole] = events->heap[child];
		hole = child;
	}
	events->heap[hole] = last;
}

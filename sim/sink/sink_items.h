/* SPDX-License-Identifier: ISC
 *
 * A batch of items, one for each record, that workers claim some of at a time, wherever they are.
 * An item that is claimed carries its claimer's fencing token: it is held for as long as the
 * coordinator says that this lease is in force, and by no clock.
 *
 * Functions return 0 or -errno unless they say otherwise.  Whatever writes stands between
 * sink_begin and sink_commit.
 */
#ifndef SIM_SINK_SINK_ITEMS_H
#define SIM_SINK_SINK_ITEMS_H

#include "sim/sink/sink.h"

/* The numbers are stored. */
enum item_state { ITEM_PENDING, ITEM_HELD, ITEM_SETTLED, ITEM_FAILED, ITEM_STATES };

struct sink_item {
	uint64_t record;
	uint32_t task;           /* that the record belongs to */
	uint64_t offset, length; /* of its bytes in the input, its line end included */
	uint64_t hash;           /* XXH3 64 of the record */
};

/* How many items of a range of records are in which state. */
struct sink_item_counts {
	uint64_t items[ITEM_STATES];
};

/* A new one, pending. */
int sink_item_add(struct sink *sink, const struct sink_item *item);
int sink_items_count(struct sink *sink, uint64_t first, uint64_t end,
                     struct sink_item_counts *counts);
/* Are there any of the range that are pending or held?  1 or 0.  Both are looked for at one moment:
 * else one that goes back from held to pending in between would not be seen at all. */
int sink_items_open(struct sink *sink, uint64_t first, uint64_t end);
/* Calls each() for each of the range, in order. */
int sink_items_each(struct sink *sink, uint64_t first, uint64_t end,
                    void (*each)(void *context, uint64_t record, enum item_state state),
                    void *context);

/* Claims up to `max` pending items by one statement, the lowest numbers first: those of the lease's
 * own task, and others that nobody has tried before.  Returns how many, in item[], in order. */
int sink_items_claim(struct sink *sink, struct sink_item *item, size_t max);
/* The work on those of the range that the lease holds is over.  Returns how many they were. */
int sink_items_settle(struct sink *sink, uint64_t first, uint64_t end);
/* An item that the lease holds could not be used.  1, or 0 if it does not hold it. */
int sink_item_fail(struct sink *sink, const struct dead_record *dead);
/* The lowest of the range that has failed: 1, *dead has number, offset, reason and column; 0 none.
 */
int sink_items_failed(struct sink *sink, uint64_t first, uint64_t end, struct dead_record *dead);
/* Those of the range that have failed are pending again, and so are those that were another task's,
 * which left them as dead letters.  retriable: are there any?  1 or 0. */
int sink_items_retriable(struct sink *sink, uint64_t first, uint64_t end);
int sink_items_retry(struct sink *sink, uint64_t first, uint64_t end);
/* Is anything held under a lease that is over?  1 or 0.  What was left over by an attempt at the
 * same task counts, too. */
int sink_items_stale(struct sink *sink);
/* All that is pending again.  Returns how many. */
int sink_items_reap(struct sink *sink);

/* As naive strategies do it: looks at what is pending, without claiming it; sets the state of
 * those of a range that are in another one, whoever holds them. */
int sink_items_peek(struct sink *sink, struct sink_item *item, size_t max);
int sink_items_put(struct sink *sink, uint64_t first, uint64_t end, enum item_state was,
                   enum item_state state);

#endif

/* SPDX-License-Identifier: ISC
 *
 * A run told to somebody who sees one for the first time: what is going on, and why, at each turn
 * it takes.  Everything is taken from the history, number by number; only the first of its kind is
 * told.
 */
#ifndef TUI_VIEW_TALE_H
#define TUI_VIEW_TALE_H

#include "sim/history/history.h"

#define TALE_MAX 24
#define TALE_TEXT_MAX 512
#define TALE_BEFORE UINT64_MAX /* record of what is told before the first one */

struct tale_item {
	uint64_t record; /* at which it happened */
	int64_t at_ns;
	char text[TALE_TEXT_MAX];
};

struct tale {
	const struct history *history;
	struct tale_item item[TALE_MAX];
	size_t count;
	uint64_t read;         /* records so far */
	unsigned told;         /* bits: what was told already */
	uint64_t held;         /* leases that went with the last supervisor */
	uint64_t held_records; /* and what is in them */
	struct moment *aside;
};

/* A tale of nothing but how it begins; tale_free frees it.  NULL without memory. */
struct tale *tale_new(const struct history *history);
void tale_free(struct tale *tale);

/* Takes in the history's new records.  0 or -ENOMEM. */
int tale_refresh(struct tale *tale);

/* How many items there are in the moment before record `at`. */
size_t tale_until(const struct tale *tale, uint64_t at);

#endif

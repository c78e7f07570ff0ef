/* SPDX-License-Identifier: ISC
 *
 * What a view needs at hand of the log besides the history itself: which records are worth a line,
 * what stands in it, and when the worker in each slot came, fell silent and went.
 */
#ifndef TUI_VIEW_INDEX_H
#define TUI_VIEW_INDEX_H

#include "sim/history/history.h"
#include "sim/history/why.h"

#define INDEX_TEXT_MAX 320
#define INDEX_TEXTS 256

/* From this record on the slot is in this phase. */
struct life_mark {
	uint64_t record;
	int64_t at_ns;
	uint8_t phase; /* enum slot_phase */
};

struct slot_life {
	struct life_mark *mark;
	size_t count, room;
};

struct index_text {
	uint64_t record; /* UINT64_MAX: none */
	char text[INDEX_TEXT_MAX];
};

struct index {
	const struct history *history;
	uint64_t read;     /* records so far */
	uint64_t *notable; /* their numbers, in order */
	size_t count, room;
	struct slot_life *life; /* one per slot */
	uint32_t slots;
	uint16_t *used; /* those in which anybody ever was, ascending */
	uint32_t used_count;
	struct moment *aside;
	struct index_text text[INDEX_TEXTS];
};

/* An index of nothing yet; index_free frees it.  NULL without memory. */
struct index *index_new(const struct history *history);
void index_free(struct index *index);

/* Takes in the history's new records.  0 or -ENOMEM. */
int index_refresh(struct index *index);

/* The last record before `before` that is worth a line; UINT64_MAX: none. */
uint64_t index_notable_before(const struct index *index, uint64_t before);
/* The first from `from` on. */
uint64_t index_notable_from(const struct index *index, uint64_t from);

/* What happened at the record and why; valid until the next call. */
const char *index_text(struct index *index, uint64_t record);

/* Which of the used slots it is; used_count if it is none. */
uint32_t index_used(const struct index *index, uint32_t slot);

/* What a slot is called: "w2", "probe".  Returns name. */
const char *index_slot_name(const struct index *index, uint32_t slot, char name[8]);

/* The phase that the slot was in at that time, as far as the records before `before` tell. */
enum slot_phase index_phase(const struct index *index, uint32_t slot, int64_t ns, uint64_t before);

#endif

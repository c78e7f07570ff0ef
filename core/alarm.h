/* SPDX-License-Identifier: ISC
 *
 * When each slot must be looked at next: at most one alarm a slot, the earliest first.  A deadline
 * that moves away leaves its alarm where it is; the look comes early then and sets it anew.
 */
#ifndef CORE_ALARM_H
#define CORE_ALARM_H

#include "core.h"

struct alarm {
	int64_t due_ns;
	uint16_t slot;
};

struct alarms {
	struct alarm *heap; /* the caller's memory, as at */
	uint16_t *at;       /* place of each slot's alarm in the heap, or CORE_NO_SLOT */
	uint32_t count;
};

/* heap and at have room for that many slots. */
void alarms_init(struct alarms *alarms, struct alarm *heap, uint16_t *at, uint32_t slots);
/* The slot's alarm goes off at due_ns or before; CORE_NEVER asks for nothing. */
void alarms_set(struct alarms *alarms, uint16_t slot, int64_t due_ns);
/* When the slot's alarm goes off; CORE_NEVER if it has none. */
int64_t alarms_of(const struct alarms *alarms, uint16_t slot);
/* When the first goes off; CORE_NEVER if there is none. */
int64_t alarms_due(const struct alarms *alarms);
/* Takes the first, of slots at the same time the lowest; there must be one. */
uint16_t alarms_take(struct alarms *alarms);
/* Whether a goes off before b. */
bool alarm_before(const struct alarm *a, const struct alarm *b);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Binary heap of alarms that knows where each slot's stands.
 */
#include "alarm.h"
#include "check.h"

void
alarms_init(struct alarms *alarms, struct alarm *heap, uint16_t *at, uint32_t slots)
{
	*alarms = (struct alarms){.heap = heap, .at = at};
	for (uint32_t slot = 0; slot < slots; slot++)
		at[slot] = CORE_NO_SLOT;
}

bool
alarm_before(const struct alarm *a, const struct alarm *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->slot < b->slot;
}

static void
alarms_put(struct alarms *alarms, uint32_t place, struct alarm alarm)
{
	alarms->heap[place] = alarm;
	alarms->at[alarm.slot] = (uint16_t)place;
}

static void
alarms_rise(struct alarms *alarms, uint32_t hole, struct alarm alarm)
{
	while (hole > 0 && alarm_before(&alarm, &alarms->heap[(hole - 1) / 2])) {
		alarms_put(alarms, hole, alarms->heap[(hole - 1) / 2]);
		hole = (hole - 1) / 2;
	}
	alarms_put(alarms, hole, alarm);
}

void
alarms_set(struct alarms *alarms, uint16_t slot, int64_t due_ns)
{
	if (alarms_of(alarms, slot) <= due_ns)
		return;
	uint32_t place = alarms->at[slot] == CORE_NO_SLOT ? alarms->count++ : alarms->at[slot];
	alarms_rise(alarms, place, (struct alarm){due_ns, slot});
}

int64_t
alarms_of(const struct alarms *alarms, uint16_t slot)
{
	uint16_t place = alarms->at[slot];
	return place == CORE_NO_SLOT ? CORE_NEVER : alarms->heap[place].due_ns;
}

int64_t
alarms_due(const struct alarms *alarms)
{
	return alarms->count > 0 ? alarms->heap[0].due_ns : CORE_NEVER;
}

uint16_t
alarms_take(struct alarms *alarms)
{
	CHECK(alarms->count > 0);
	uint16_t slot = alarms->heap[0].slot;
	struct alarm last = alarms->heap[--alarms->count];
	uint32_t hole = 0;
	alarms->at[slot] = CORE_NO_SLOT;
	if (alarms->count == 0)
		return slot;
	for (;;) {
		uint32_t child = 2 * hole + 1;
		if (child + 1 < alarms->count &&
		    alarm_before(&alarms->heap[child + 1], &alarms->heap[child]))
			child++;
		if (child >= alarms->count || !alarm_before(&alarms->heap[child], &last))
			break;
		alarms_put(alarms, hole, alarms->heap[child]);
		hole = child;
	}
	alarms_put(alarms, hole, last);
	return slot;
}

/* SPDX-License-Identifier: ISC
 *
 * Reading each record once, for what the panes look up again and again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/util/array.h"
#include "tui/view/index.h"

struct index *
index_new(const struct history *history)
{
	struct index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		return NULL;
	index->history = history;
	/* One more than in the scenario: the probe's. */
	index->slots = history_scenario(history)->core.slots + 1;
	index->life = calloc(index->slots, sizeof(index->life[0]));
	for (size_t i = 0; i < INDEX_TEXTS; i++)
		index->text[i].record = UINT64_MAX;
	index->used = calloc(index->slots, sizeof(index->used[0]));
	if (index->life != NULL && index->used != NULL)
		return index;
	index_free(index);
	return NULL;
}

void
index_free(struct index *index)
{
	if (index == NULL)
		return;
	for (uint32_t i = 0; index->life != NULL && i < index->slots; i++)
		free(index->life[i].mark);
	free(index->life);
	free(index->used);
	free(index->notable);
	moment_free(index->aside);
	free(index);
}

static int
add_notable(struct index *index, uint64_t record)
{
	uint64_t *grown = array_grow(index->notable, index->count, &index->room, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	index->notable = grown;
	index->notable[index->count++] = record;
	return 0;
}

static enum slot_phase
last_phase(const struct slot_life *life)
{
	return life->count == 0 ? PHASE_EMPTY : life->mark[life->count - 1].phase;
}

static void
add_used(struct index *index, uint32_t slot)
{
	uint32_t place = index->used_count++;

	for (; place > 0 && index->used[place - 1] > slot; place--)
		index->used[place] = index->used[place - 1];
	index->used[place] = (uint16_t)slot;
}

static int
add_mark(struct index *index, uint32_t slot, uint64_t record, int64_t at_ns, enum slot_phase phase)
{
	struct slot_life *life = &index->life[slot];
	struct life_mark *grown;

	if (last_phase(life) == phase)
		return 0;
	grown = array_grow(life->mark, life->count, &life->room, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	life->mark = grown;
	if (life->count > 0 && at_ns < life->mark[life->count - 1].at_ns)
		at_ns = life->mark[life->count - 1].at_ns;
	life->mark[life->count++] =
	    (struct life_mark){.record = record, .at_ns = at_ns, .phase = (uint8_t)phase};
	if (life->count == 1)
		add_used(index, slot);
	return 0;
}

/* The phase that the record puts its slot into; SLOT_PHASES: leaves it as it is. */
static enum slot_phase
phase_after(const struct core_step *step, enum slot_phase before)
{
	switch (step->kind) {
	case ACT_SPAWN:
		return PHASE_STARTING;
	case EV_WORKER_JOINED:
		return PHASE_UP;
	case EV_WORKER_EXITED:
		return before == PHASE_QUARANTINED ? SLOT_PHASES : PHASE_EMPTY;
	case ACT_SUSPECT:
		return PHASE_SILENT;
	case ACT_KILL:
		return PHASE_KILLED;
	case ACT_DISMISS:
		return PHASE_DRAINING;
	case ACT_QUARANTINE:
		return PHASE_QUARANTINED;
	case EV_BEAT:
	case EV_TASK_DONE:
	case EV_TASK_FAILED:
		return before == PHASE_SILENT ? PHASE_UP : SLOT_PHASES;
	default:
		return SLOT_PHASES;
	}
}

static int
add_lives(struct index *index, uint64_t record, const struct core_step *step)
{
	int64_t at_ns = history_time(index->history, record);
	enum slot_phase phase;
	int error = 0;

	if (step->kind == NOTE_SUPERVISOR_EXITED || step->kind == NOTE_RUN_STARTED ||
	    step->kind == NOTE_DIRECTOR_ENDED) {
		for (uint32_t i = 0; error == 0 && i < index->used_count; i++)
			error = add_mark(index, index->used[i], record, at_ns, PHASE_EMPTY);
		return error;
	}
	if (step->slot >= index->slots)
		return 0;
	phase = phase_after(step, last_phase(&index->life[step->slot]));
	if (phase == SLOT_PHASES)
		return 0;
	/* It has been silent for some time when that is noted. */
	if (step->kind == ACT_SUSPECT && step->value < (uint64_t)at_ns)
		at_ns -= (int64_t)step->value;
	return add_mark(index, step->slot, record, at_ns, phase);
}

/* What is said of a fault is said once: a second record behind the first has its evidence. */
static bool
is_repeated(const struct index *index, const struct core_step *step)
{
	const struct core_step *before;

	if (step->kind != NOTE_FAULT_LANDED || index->read == 0)
		return false;
	before = &history_record(index->history, index->read - 1)->step;
	return before->kind == NOTE_FAULT && before->record == step->record &&
	       before->slot == step->slot;
}

int
index_refresh(struct index *index)
{
	int error = 0;

	for (; error == 0 && index->read < history_count(index->history); index->read++) {
		const struct logged *record = history_record(index->history, index->read);
		if (why_class_of(record) != WHY_ROUTINE && !is_repeated(index, &record->step))
			error = add_notable(index, index->read);
		if (error == 0)
			error = add_lives(index, index->read, &record->step);
	}
	return error;
}

/* How many notable records there are before that number. */
static size_t
notable_below(const struct index *index, uint64_t number)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->notable[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t
index_notable_before(const struct index *index, uint64_t before)
{
	size_t below = notable_below(index, before);

	return below == 0 ? UINT64_MAX : index->notable[below - 1];
}

uint64_t
index_notable_from(const struct index *index, uint64_t from)
{
	size_t below = notable_below(index, from);

	return below == index->count ? UINT64_MAX : index->notable[below];
}

const char *
index_text(struct index *index, uint64_t record)
{
	struct index_text *kept = &index->text[record % INDEX_TEXTS];

	if (kept->record == record)
		return kept->text;
	if (record >= history_count(index->history) ||
	    history_seek(index->history, &index->aside, record) != 0)
		return "";
	why_text(index->aside, history_record(index->history, record), kept->text,
	         sizeof(kept->text));
	kept->record = record;
	return kept->text;
}

uint32_t
index_used(const struct index *index, uint32_t slot)
{
	for (uint32_t i = 0; i < index->used_count; i++)
		if (index->used[i] == slot)
			return i;
	return index->used_count;
}

const char *
index_slot_name(const struct index *index, uint32_t slot, char name[8])
{
	if (slot + 1 == index->slots)
		strlcpy(name, "probe", 8);
	else
		snprintf(name, 8, "w%u", slot);
	return name;
}

enum slot_phase
index_phase(const struct index *index, uint32_t slot, int64_t ns, uint64_t before)
{
	const struct slot_life *life = &index->life[slot];
	size_t low = 0, high = life->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (life->mark[middle].at_ns <= ns && life->mark[middle].record < before)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? PHASE_EMPTY : life->mark[low - 1].phase;
}

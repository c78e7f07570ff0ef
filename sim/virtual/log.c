/* SPDX-License-Identifier: ISC
 *
 * What the processes of a real run write into its event log, told to whoever records this one.  A
 * supervisor that does not rule any more says nothing, as in the real world.
 */
#include "sim/virtual/world.h"

static void
tell(struct vworld *world, uint32_t generation, const struct core_step *step)
{
	const struct virtual_recorder *recorder = world->options->recorder;

	recorder->record(recorder->context, step, generation);
}

static uint32_t
generation_of(const struct vworld *world)
{
	return world->ruling != NULL ? world->ruling->generation : world->rows.generation;
}

void
vlog_step(struct vworld *world, uint32_t generation, const struct core_step *step)
{
	struct core_step joined;

	if (__builtin_expect(world->options->recorder == NULL, 1) || world->ruling == NULL ||
	    world->ruling->generation != generation)
		return;
	if (step->kind != EV_WORKER_JOINED) {
		tell(world, generation, step);
		return;
	}
	joined = *step;
	joined.value = ++world->processes;
	tell(world, generation, &joined);
}

void
vlog_note(struct vworld *world, unsigned kind, uint16_t slot, uint64_t record, uint64_t value)
{
	struct core_step note = {.at_ns = world->now_ns,
	                         .kind = (uint8_t)kind,
	                         .slot = slot,
	                         .task = CORE_NO_TASK,
	                         .record = record,
	                         .value = value};

	if (world->options->recorder == NULL)
		return;
	if (kind == NOTE_RUN_STARTED || kind == NOTE_GENERATION)
		note.value = ++world->processes;
	if (kind == NOTE_GENERATION)
		note.epoch = generation_of(world);
	tell(world, generation_of(world), &note);
}

void
vlog_injection(struct vworld *world, size_t fault, uint32_t number)
{
	const struct virtual_recorder *recorder = world->options->recorder;

	if (recorder != NULL)
		recorder->inject(recorder->context, fault, number, world->now_ns);
}

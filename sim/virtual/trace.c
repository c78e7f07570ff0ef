/* SPDX-License-Identifier: ISC
 *
 * The history of a run: every event and action goes into one hash and, if wanted, into one line.
 */
#include <string.h>

#include "sim/virtual/world.h"

typedef unsigned long long ull;

_Static_assert(sizeof(struct core_step) == 40, "steps are hashed as they lie in memory");

static const char *
name_of(unsigned kind)
{
	switch (kind) {
	case TRACE_COMMITTED:
		return "committed";
	case TRACE_REFUSED:
		return "refused";
	case TRACE_POWER:
		return "power-lost";
	default:
		return core_kind_name(kind);
	}
}

void
trace_open(struct vworld *world)
{
	XXH64_reset(&world->hash, 0);
}

static void
print(FILE *out, uint32_t generation, const struct core_step *step)
{
	fprintf(out, "%lld g%u %s", (long long)step->at_ns, generation, name_of(step->kind));
	if (step->slot != CORE_NO_SLOT && step->kind != EV_TICK)
		fprintf(out, " w%u.%u", step->slot, step->incarnation);
	if (step->task != CORE_NO_TASK)
		fprintf(out, " task %u.%u", step->task, step->epoch);
	if (step->cause != 0)
		fprintf(out, " cause %u", step->cause);
	fprintf(out, " %lld %llu\n", (long long)step->record, (ull)step->value);
}

void
trace_step(struct vworld *world, uint32_t generation, const struct core_step *step)
{
	XXH64_update(&world->hash, step, sizeof(*step));
	if (__builtin_expect(world->options->trace != NULL, 0))
		print(world->options->trace, generation, step);
}

void
trace_note(struct vworld *world, unsigned kind, uint16_t slot, uint32_t task, uint32_t epoch,
           uint64_t record, uint64_t value)
{
	struct core_step note = {.at_ns = world->now_ns,
	                         .kind = (uint8_t)kind,
	                         .slot = slot,
	                         .task = task,
	                         .epoch = epoch,
	                         .record = record,
	                         .value = value};

	trace_step(world, world->ruling != NULL ? world->ruling->generation : 0, &note);
}

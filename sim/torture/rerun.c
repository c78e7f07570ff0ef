/* SPDX-License-Identifier: ISC
 *
 * The engines that run the command once more, up to the point: for what is not in files (processes
 * that serve others, shared memory), for kills of one process, and to hold the saved states
 * against.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/part.h"
#include "sim/torture/tracer.h"
#include "sim/util/fail.h"

#define NAMES_MEMORY ((size_t)1 << 30) /* of which what is used is taken */

/* By its name; in a second try by its class, in which what differs from run to run is left out. */
static void
aim(const struct session *session, const struct candidate *candidate, bool by_class,
    struct tracing *tracing)
{
	const struct record *record = session->record;
	const struct op *op = &record->op[candidate->point];

	if (candidate->point == record->ops)
		return;
	tracing->kill_class = by_class;
	tracing->kill_name =
	    by_class ? record->classes->label[op->class].text : record->names->label[op->name].text;
	tracing->kill_occurrence = by_class ? op->turn : op->occurrence;
	tracing->kill_one = candidate->engine == ENGINE_ONE;
}

/* What the rest of the job has made of the death of one of its processes. */
static void
judge_rest(struct session *session, const struct candidate *candidate, const struct record *run,
           struct outcome *outcome)
{
	if (run->is_late) {
		outcome->judged = JUDGED_STUCK;
		strlcpy(outcome->why, "the command does not end without that process",
		        sizeof(outcome->why));
	} else if (run->status == 0) {
		outcome_check(session, candidate, outcome);
	} else {
		outcome_of_state(session, candidate, NULL, outcome);
	}
}

static int
run_once(struct session *session, const struct candidate *candidate, struct outcome *outcome,
         struct arena *arena)
{
	int output = memfd_create("graveshift-output", MFD_CLOEXEC);
	struct job job = {.words = session->options->command, .output = output, .errors = output};
	struct tracing tracing = {.world = &session->world,
	                          .job = &job,
	                          .record = record_new(arena, 0),
	                          .limit_ns = session->options->limit_ns,
	                          .syncs = session->options->power != POWER_NONE,
	                          .chance = CHANCE_RECORDED,
	                          .cpu = sched_getcpu()};

	if (output < 0 || tracing.record == NULL)
		return part_broken("memory for another run", ENOMEM);
	aim(session, candidate, outcome->by_class, &tracing);
	if (world_init(tracer_run, &tracing) != 0)
		return EXIT_INTERNAL;
	close(output);
	if (tracing.kill_name != NULL && !tracing.record->is_killed) {
		outcome->judged = JUDGED_MISSED;
		if (outcome->by_class)
			return EXIT_MET;
		outcome->by_class = true;
		return PART_ONCE_MORE;
	}
	outcome->rerun_ns = tracing.record->took_ns;
	outcome->judged = JUDGED_NOT;
	/* Who goes on must not draw what the dead have drawn. */
	world_free_chance();
	if (candidate->engine == ENGINE_ONE)
		judge_rest(session, candidate, tracing.record, outcome);
	else
		outcome_of_state(session, candidate, NULL, outcome);
	return outcome->is_broken ? EXIT_INTERNAL : EXIT_MET;
}

int
rerun_play(struct session *session, const struct candidate *candidate, struct outcome *outcome,
           unsigned lane)
{
	int fd[VERSION_LAYERS], code;
	struct arena *arena;

	code = part_enter(session, lane, session->record->base, CHANCE_RECORDED, fd);
	if (code != EXIT_MET)
		return code;
	slot_close(&session->world, fd);
	arena = arena_new(NAMES_MEMORY);
	if (arena == NULL)
		return part_broken("memory for another run", errno);
	code = run_once(session, candidate, outcome, arena);
	arena_free(arena);
	return code;
}

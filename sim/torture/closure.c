/* SPDX-License-Identifier: ISC
 *
 * Closure: states of recoveries, in folders of their own, until there is no new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/torture/closure.h"
#include "sim/torture/part.h"
#include "sim/torture/tracer.h"
#include "sim/util/fail.h"

#define FOLDER "closure"
#define PLACE_SIZE 64
#define RECORD_MEMORY ((size_t)2 << 30) /* of which what is used is taken */

/* Is it new?  From then on it is known.  Half of the table stays free, so that a place is found. */
static bool
learn(struct closure *closure, uint64_t sum)
{
	uint64_t at, free = 0;

	sum += sum == 0;
	for (at = sum % CLOSURE_SUMS;; at = (at + 1) % CLOSURE_SUMS, free = 0) {
		if (atomic_load(&closure->sum[at]) == sum ||
		    atomic_load(&closure->sums) > CLOSURE_SUMS / 2)
			return false;
		if (atomic_load(&closure->sum[at]) != 0)
			continue;
		if (atomic_compare_exchange_strong(&closure->sum[at], &free, sum)) {
			atomic_fetch_add(&closure->sums, 1);
			return true;
		}
		if (free == sum)
			return false;
	}
}

int
closure_init(struct session *session)
{
	const struct record *record = session->record;
	char path[SCRATCH_PATH_MAX + PLACE_SIZE];

	session->closure = arena_take(session->arena, sizeof(*session->closure));
	if (session->closure == NULL)
		return -ENOMEM;
	session->closure->max = session->options->all ? CLOSURE_MAX : CLOSURE_USUAL;
	for (uint32_t i = 0; i < record->ops; i++)
		learn(session->closure, record->op[i].sum);
	learn(session->closure, record->end_sum);
	snprintf(path, sizeof(path), "%s/" FOLDER, session->scratch.path);
	return mkdir(path, 0700) == 0 ? 0 : -errno;
}

uint32_t
closure_kept(const struct closure *closure)
{
	uint32_t states = atomic_load(&closure->states);

	return states < closure->max ? states : closure->max;
}

struct arena *
closure_arena(void)
{
	return arena_new(RECORD_MEMORY);
}

int
closure_prepare(struct session *session, struct closure_part *part, const int fd[VERSION_LAYERS],
                struct arena *arena)
{
	struct versions *versions;

	if (part->record == NULL) {
		part->record = record_new(arena, session->world.layers);
		if (part->record == NULL)
			return part_broken("memory for a recovery", ENOMEM);
		memcpy(part->record->versions->fd, fd, sizeof(part->record->versions->fd));
		part_open_hosts(&session->world, part->record->versions->host);
		versions_scan(part->record->versions, NULL, 0);
	}
	versions = part->record->versions;
	versions->version++;
	part->folder = open(session->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return part->folder >= 0 ? EXIT_MET : part_broken(session->scratch.path, errno);
}

/* --- keeping */

static int
save_state(const struct closure_part *part, unsigned layers, uint32_t number, uint32_t version)
{
	char place[PLACE_SIZE];
	int fd[VERSION_LAYERS], error;

	snprintf(place, sizeof(place), FOLDER "/%u", number);
	error = mkdirat(part->folder, place, 0700) == 0 ? 0 : -errno;
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		fd[i] = -1;
	for (unsigned i = 0; error == 0 && i < layers; i++) {
		snprintf(place, sizeof(place), FOLDER "/%u/%u", number, i);
		if (mkdirat(part->folder, place, 0700) == 0)
			fd[i] = openat(part->folder, place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = fd[i] < 0 ? -errno : 0;
	}
	if (error == 0)
		error = versions_restore(part->record->versions, version, NULL, fd);
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return error;
}

/* op NULL: the end of the recovery. */
static void
keep_state(struct session *session, const struct closure_part *part, const struct op *op)
{
	const struct record *record = part->record;
	struct closure *closure = session->closure;
	uint32_t number = atomic_fetch_add(&closure->states, 1);
	struct closure_state *state;

	if (number >= closure->max) {
		atomic_fetch_add(&closure->skipped, 1);
		return;
	}
	state = &closure->state[number];
	state->sum = op == NULL ? record->end_sum : op->sum;
	state->kills = part->kills + 1;
	strlcpy(state->point, "the end", sizeof(state->point));
	strlcpy(state->class, "the end", sizeof(state->class));
	if (op != NULL) {
		op_text(record, op, state->point, sizeof(state->point));
		strlcpy(state->class, record->classes->label[op->class].text, sizeof(state->class));
	}
	if (save_state(part, session->world.layers, number,
	               op == NULL ? record->end : op->version) != 0)
		state->outcome.is_broken = true;
}

/* One of those that would be played of a recorded run, too. */
static bool
is_chosen(const struct session *session, const struct record *record, const struct op *op)
{
	return session->options->all || (op->nth & (op->nth - 1)) == 0 ||
	       op->nth == record->pairs->label[op->pair].count;
}

void
closure_keep(struct session *session, const struct closure_part *part,
             const struct outcome *outcome)
{
	const struct record *record = part->record;
	struct closure *closure = session->closure;

	if (outcome->judged != JUDGED_PASS && outcome->judged != JUDGED_LITTER)
		return;
	atomic_fetch_add(&closure->points, record->ops + 1);
	for (uint32_t i = 0; i < record->ops; i++) {
		const struct op *op = &record->op[i];
		if (op->is_kept && is_chosen(session, record, op)) {
			if (learn(closure, op->sum))
				keep_state(session, part, op);
		}
	}
	if (!record->versions->full && learn(closure, record->end_sum))
		keep_state(session, part, NULL);
	/* What was not chosen may have come up as something that was, by now. */
	for (uint32_t i = 0; i < record->ops; i++)
		if (learn(closure, record->op[i].sum))
			atomic_fetch_add(&closure->skipped, 1);
}

bool
closure_recover(struct session *session, struct closure_part *part, const struct job *job,
                struct running *running)
{
	struct record *record = part->record;
	struct tracing tracing = {.world = &session->world,
	                          .job = job,
	                          .record = record,
	                          .limit_ns = running->limit_ns,
	                          .chance = chance_of_recovery(part->kills),
	                          .cpu = sched_getcpu()};

	record->base = record->versions->version;
	if (world_init(tracer_run, &tracing) != 0)
		return false;
	running->status = record->status;
	running->is_late = record->is_late;
	running->lingered = record->lingered;
	running->took_ns = record->took_ns;
	return true;
}

/* --- playing */

static bool
open_state(const struct session *session, uint32_t index, int fd[VERSION_LAYERS])
{
	char path[SCRATCH_PATH_MAX + PLACE_SIZE];
	bool good = true;

	for (unsigned i = 0; i < VERSION_LAYERS; i++) {
		snprintf(path, sizeof(path), "%s/" FOLDER "/%u/%u", session->scratch.path, index,
		         i);
		fd[i] = i >= session->world.layers ? -1
		                                   : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		good = good && (i >= session->world.layers || fd[i] >= 0);
	}
	return good;
}

/* The folder is read into a record of the part's own, and made again in its slot. */
static int
enter_state(struct session *session, uint32_t index, unsigned lane, struct closure_part *part,
            struct arena *arena)
{
	enum chance chance = chance_of_recovery(part->kills);
	int from[VERSION_LAYERS], fd[VERSION_LAYERS], code;
	const struct versions *recorded;

	if (!open_state(session, index, from))
		return part_broken("a state that was kept", errno);
	code = closure_prepare(session, part, from, arena);
	if (code != EXIT_MET)
		return code;
	slot_close(&session->world, from);
	recorded = part->record->versions;
	code = part_make(session, lane, recorded, recorded->version, NULL, chance, fd);
	if (code != EXIT_MET)
		return code;
	memcpy(part->record->versions->fd, fd, sizeof(fd));
	versions_adopt(part->record->versions);
	return part_go(session, lane, chance);
}

int
closure_play(struct session *session, uint32_t index, unsigned lane)
{
	struct closure_state *state = &session->closure->state[index];
	struct candidate candidate = {.point = session->record->ops, .sum = state->sum};
	struct closure_part part = {.kills = state->kills};
	struct arena *arena = closure_arena();
	int code;

	if (arena == NULL || state->outcome.is_broken)
		return part_broken("a state that was kept", ENOMEM);
	code = enter_state(session, index, lane, &part, arena);
	if (code == EXIT_MET)
		outcome_of_state(session, &candidate, &part, &state->outcome);
	if (code == EXIT_MET)
		closure_keep(session, &part, &state->outcome);
	arena_free(arena);
	return code == EXIT_MET && state->outcome.is_broken ? EXIT_INTERNAL : code;
}

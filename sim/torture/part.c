/* SPDX-License-Identifier: ISC
 *
 * The parts of a torture, each played by a process of its own in a slot of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/closure.h"
#include "sim/torture/copy.h"
#include "sim/torture/part.h"
#include "sim/torture/state_view.h"
#include "sim/torture/tracer.h"
#include "sim/util/fail.h"

#define SECOND_RUN_PID 3000
#define SLOT_SIZE (SCRATCH_PATH_MAX + 32)

int
part_broken(const char *what, int error)
{
	complain("torture: %s: %s", what, strerror(error));
	return EXIT_INTERNAL;
}

static void
slot_of(const struct session *session, unsigned lane, char *slot)
{
	snprintf(slot, SLOT_SIZE, "%s/lane-%u", session->scratch.path, lane);
}

static int
made(int error)
{
	return error == 0 ? EXIT_MET : part_broken("a state could not be made again", -error);
}

static int
make_slot(const struct session *session, unsigned lane, enum chance chance, int fd[VERSION_LAYERS])
{
	char slot[SLOT_SIZE];
	int error;

	slot_of(session, lane, slot);
	slot_remove(slot);
	error = slot_make(&session->world, slot, fd);
	return error == 0 && chance != CHANCE_REAL ? slot_fix_chance(slot) : error;
}

int
part_make(const struct session *session, unsigned lane, const struct versions *versions,
          uint32_t version, const struct tear *tear, enum chance chance, int fd[VERSION_LAYERS])
{
	int error = make_slot(session, lane, chance, fd);

	return made(error == 0 ? versions_restore(versions, version, tear, fd) : error);
}

int
part_make_view(const struct session *session, unsigned lane, const struct view *view,
               enum chance chance, int fd[VERSION_LAYERS])
{
	int error = make_slot(session, lane, chance, fd);

	return made(error == 0 ? view_restore(session->record->versions, view, fd) : error);
}

int
part_go(const struct session *session, unsigned lane, enum chance chance)
{
	char slot[SLOT_SIZE];
	const char *problem;
	int error = 0;

	slot_of(session, lane, slot);
	problem = world_enter(&session->world, slot);
	if (problem == NULL && session->is_offline)
		problem = world_leave_network();
	if (problem != NULL)
		return part_broken(problem, errno);
	if (chance != CHANCE_REAL)
		error = world_feed(chance);
	return error == 0 ? EXIT_MET : part_broken("random bytes", -error);
}

int
part_enter(struct session *session, unsigned lane, uint32_t version, enum chance chance,
           int fd[VERSION_LAYERS])
{
	int code = part_make(session, lane, session->record->versions, version, NULL, chance, fd);

	return code == EXIT_MET ? part_go(session, lane, chance) : code;
}

/* From now on this process records, in that slot. */
static void
record_here(struct session *session, const int fd[VERSION_LAYERS], const int host[VERSION_LAYERS])
{
	struct versions *versions = session->record->versions;

	memcpy(versions->fd, fd, sizeof(versions->fd));
	memcpy(versions->host, host, sizeof(versions->host));
	versions_adopt(versions);
}

void
part_open_hosts(const struct world *world, int host[VERSION_LAYERS])
{
	for (unsigned i = 0; i < VERSION_LAYERS; i++)
		host[i] = i >= world->layers || world->layer[i].kind != LAYER_OVERLAY
		              ? -1
		              : open(world->layer[i].at, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int
play_setup(struct session *session, unsigned lane)
{
	struct versions *versions = session->record->versions;
	const char *text = session->options->setup;
	char *words[] = {(char *)"/bin/sh", (char *)"-c", (char *)text, NULL};
	struct job job = {.words = words, .output = STDERR_FILENO, .errors = STDERR_FILENO};
	struct running *running = &session->gate.recovery;
	int fd[VERSION_LAYERS], host[VERSION_LAYERS];
	int code;

	part_open_hosts(&session->world, host);
	code = part_enter(session, lane, versions->version, CHANCE_REAL, fd);
	if (code == EXIT_MET && text != NULL) {
		running->job = &job;
		running->limit_ns = running->linger_ns = session->options->limit_ns;
		if (world_init(job_run, running) != 0)
			return EXIT_INTERNAL;
		record_here(session, fd, host);
		versions->version++;
		versions_scan(versions, NULL, 0);
	}
	if (code == EXIT_MET)
		session->before = listing_read(&session->world, session->arena);
	return code == EXIT_MET && session->before == NULL ? part_broken("the work folders", ENOMEM)
	                                                   : code;
}

static int
play_record(struct session *session, unsigned lane)
{
	const struct torture_options *options = session->options;
	struct record *record = session->record;
	int fd[VERSION_LAYERS], host[VERSION_LAYERS], errors, code;
	struct job job = {.words = options->command, .output = record->output_fd};
	struct tracing tracing = {.world = &session->world,
	                          .job = &job,
	                          .record = record,
	                          .limit_ns = options->limit_ns,
	                          .syncs = options->power != POWER_NONE,
	                          .chance = CHANCE_RECORDED,
	                          .cpu = sched_getcpu()};

	part_open_hosts(&session->world, host);
	record->base = record->versions->version;
	code = part_enter(session, lane, record->base, CHANCE_RECORDED, fd);
	if (code != EXIT_MET)
		return code;
	errors = memfd_create("graveshift-errors", MFD_CLOEXEC);
	if (errors < 0)
		return part_broken("a file in memory", errno);
	job.errors = errors;
	record_here(session, fd, host);
	code = world_init(tracer_run, &tracing);
	if (code != EXIT_MET)
		return code < 0 ? EXIT_INTERNAL : code;
	if (pread(errors, session->gate.said, SAID_SIZE - 1, 0) < 0)
		session->gate.said[0] = '\0';
	session->golden = listing_read(&session->world, session->arena);
	return session->golden == NULL ? part_broken("the work folders", ENOMEM) : EXIT_MET;
}

static void
mark_loose(struct session *session, struct listed *item)
{
	item->is_loose = true;
	if (session->loose++ == 0)
		strlcpy(session->first_loose, world_shown(&session->world, item->path),
		        sizeof(session->first_loose));
}

static int
play_clean(struct session *session, unsigned lane)
{
	int fd[VERSION_LAYERS], code, output;
	struct job job = {.words = session->options->command, .first_pid = SECOND_RUN_PID};
	const struct listing *now;

	code = part_enter(session, lane, session->record->base, CHANCE_REAL, fd);
	if (code != EXIT_MET)
		return code;
	output = memfd_create("graveshift-output", MFD_CLOEXEC);
	if (output < 0)
		return part_broken("a file in memory", errno);
	job.output = job.errors = output;
	session->clean.job = &job;
	session->clean.limit_ns = session->options->limit_ns;
	session->clean.linger_ns =
	    session->record->lingered ? LINGER_NS : session->options->limit_ns;
	if (world_init(job_run, &session->clean) != 0)
		return EXIT_INTERNAL;
	now = listing_read(&session->world, session->arena);
	if (now == NULL)
		return part_broken("the work folders", ENOMEM);
	for (uint32_t i = 0; i < session->golden->count; i++) {
		struct listed *item = &session->golden->item[i];
		const struct listed *other = listing_find(now, item->path);
		if (other == NULL || !listed_equal(item, other))
			mark_loose(session, item);
	}
	return EXIT_MET;
}

/* Recovery and check in the slot that was entered; the recovery is killed, too, if that was asked
 * for. */
static int
judge_here(struct session *session, const struct candidate *candidate, struct closure_part *part,
           struct outcome *outcome)
{
	outcome->is_broken = false;
	outcome_of_state(session, candidate, part, outcome);
	if (part != NULL && !outcome->is_broken)
		closure_keep(session, part, outcome);
	return outcome->is_broken ? EXIT_INTERNAL : EXIT_MET;
}

static int
make_state(const struct session *session, const struct candidate *candidate, unsigned lane,
           enum chance chance, int fd[VERSION_LAYERS])
{
	struct state_view state;
	int error = state_view_init(&state, session, candidate), code;

	code = error == 0 ? part_make_view(session, lane, state.view, chance, fd) : made(error);
	state_view_fini(&state);
	return code;
}

static int
play_state(struct session *session, uint32_t index, unsigned lane)
{
	const struct candidate *candidate = &session->candidate[index];
	struct outcome *outcome = &session->outcome[index];
	struct closure_part part = {.kills = 1};
	enum chance chance = session->closure != NULL ? chance_of_recovery(1) : CHANCE_REAL;
	struct arena *arena = NULL;
	int fd[VERSION_LAYERS], code;

	if (candidate->engine == ENGINE_REAL || candidate->engine == ENGINE_ONE)
		return rerun_play(session, candidate, outcome, lane);
	outcome->is_broken = true;
	code = make_state(session, candidate, lane, chance, fd);
	if (code == EXIT_MET && session->closure != NULL && !candidate->is_acknowledged) {
		arena = closure_arena();
		code = arena == NULL ? part_broken("memory for a recovery", errno)
		                     : closure_prepare(session, &part, fd, arena);
	}
	if (code == EXIT_MET)
		code = part_go(session, lane, chance);
	if (code == EXIT_MET)
		code = judge_here(session, candidate, arena != NULL ? &part : NULL, outcome);
	arena_free(arena);
	return code;
}

static int
play_gate(struct session *session, enum part_kind kind, unsigned lane)
{
	int fd[VERSION_LAYERS], code;

	code = part_enter(session, lane, session->record->end, CHANCE_REAL, fd);
	if (code != EXIT_MET)
		return code;
	if (kind == PART_CHECK)
		outcome_of_end(session, &session->gate);
	else
		outcome_of_damage(session, &session->gate);
	return session->gate.is_broken ? EXIT_INTERNAL : EXIT_MET;
}

static int
copy_work(struct session *session, const char *name)
{
	char path[PATH_MAX + 64];
	int from = open(session->world.work[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = from < 0 ? -errno : copy_tree(from, session->keep_fd);

	if (from >= 0)
		close(from);
	snprintf(path, sizeof(path), "%s/%s", session->keep_to, name);
	return error == 0 ? EXIT_MET : part_broken(path, -error);
}

static int
open_kept(struct session *session, const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", session->keep_to, name);
	session->keep_fd = -1;
	if (mkdir(path, 0755) == 0)
		session->keep_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return session->keep_fd >= 0 ? EXIT_MET : part_broken(path, errno);
}

/* Of a case: where is the end in these, and what is done there. */
static int
play_case(struct session *session, enum part_kind kind, unsigned lane)
{
	const struct candidate state = {.point = session->record->ops,
	                                .is_acknowledged = session->is_acknowledged};
	bool is_end = kind == PART_LIST_END || kind == PART_KEEP_END;
	bool keeps = kind == PART_KEEP_STATE || kind == PART_KEEP_END;
	const char *name = is_end ? "want" : "before";
	int fd[VERSION_LAYERS], code = keeps ? open_kept(session, name) : EXIT_MET;

	if (code == EXIT_MET)
		code = part_enter(session, lane, session->record->end + !is_end, CHANCE_REAL, fd);
	if (code != EXIT_MET)
		return code;
	if (keeps)
		return copy_work(session, name);
	if (kind == PART_SHELL)
		return world_init(job_shell, NULL) < 0 ? EXIT_INTERNAL : EXIT_MET;
	if (kind == PART_REPLAY) {
		outcome_of_state(session, &state, NULL, &session->gate);
		return session->gate.is_broken ? EXIT_INTERNAL : EXIT_MET;
	}
	session->golden = listing_read(&session->world, session->arena);
	return session->golden == NULL ? part_broken("the work folders", ENOMEM) : EXIT_MET;
}

int
part_play(struct session *session, enum part_kind kind, uint32_t index, unsigned lane)
{
	switch (kind) {
	case PART_SETUP:
		return play_setup(session, lane);
	case PART_RECORD:
		return play_record(session, lane);
	case PART_CLEAN:
		return play_clean(session, lane);
	case PART_CHECK:
	case PART_DAMAGED:
		return play_gate(session, kind, lane);
	case PART_STATE:
		return play_state(session, index, lane);
	case PART_CLOSURE:
		return closure_play(session, session->closure->played + index, lane);
	case PART_LIST_END:
	case PART_REPLAY:
	case PART_SHELL:
	case PART_KEEP_STATE:
	case PART_KEEP_END:
		break;
	}
	return play_case(session, kind, lane);
}

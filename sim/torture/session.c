/* SPDX-License-Identifier: ISC
 *
 * Beginning and end of a torture, and the processes that play its parts.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/torture/closure.h"
#include "sim/torture/part.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"

#define MEMORY_MAX (UINT64_C(1) << 30) /* for what is recorded, or a quarter of what there is */
#define TABLES (UINT64_C(256) << 20)   /* of operations and names; only what is used is taken */

static int
init_says_nothing(void *context)
{
	return EXIT_MET;
}

/* What can be missing, by the exit code of the process that tries. */
static const char *const lacks[] = {NULL, "a folder for a slot",
                                    "a world of its own (overlay or bind mounts)",
                                    "a PID namespace with /proc of its own"};

static int
try_world(void *context, size_t index, unsigned lane)
{
	const struct session *session = context;
	char slot[SCRATCH_PATH_MAX + 32];
	int fd[VERSION_LAYERS];

	snprintf(slot, sizeof(slot), "%s/lane-%u", session->scratch.path, lane);
	slot_remove(slot);
	if (slot_make(&session->world, slot, fd) != 0)
		return 1;
	slot_make_places(&session->world, fd);
	if (world_enter(&session->world, slot) != NULL)
		return 2;
	return world_init(init_says_nothing, NULL) == 0 ? 0 : 3;
}

static bool
world_tried(void *context, size_t index, unsigned lane, int code)
{
	struct session *session = context;

	session->lack = code <= 3 ? lacks[code] : "to fork";
	return false;
}

/* Does a world come about?  In a process that can be thrown away. */
static const char *
lack_of_world(struct session *session)
{
	struct pool pool = {.count = 1,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = try_world,
	                    .done = world_tried,
	                    .context = session};
	int number;

	return pool_run(&pool, &number) == 1 ? session->lack : "to fork";
}

/* The folders of slots: in memory, and gone with the last process of ours. */
static int
mount_slots(struct session *session)
{
	if (mount("graveshift", session->scratch.path, "tmpfs", MS_NOSUID | MS_NODEV,
	          "mode=0755") == 0)
		return 0;
	complain("cannot mount a file system in memory at %s: %s", session->scratch.path,
	         strerror(errno));
	return -errno;
}

/* As a whole file system if it can be had; the probe is quiet about the first try. */
static int
choose_world(struct session *session)
{
	const struct torture_options *options = session->options;
	struct world *world = &session->world;
	const char *problem = "root";

	world->has_works = options->power != POWER_NONE;
	if (world->is_root) {
		if (world_plan(world, options->work, options->works, true) != 0)
			return EXIT_USAGE;
		problem = lack_of_world(session);
	}
	if (problem != NULL) {
		if (world_plan(world, options->work, options->works, false) != 0)
			return EXIT_USAGE;
		problem = lack_of_world(session);
	}
	if (problem == NULL)
		return EXIT_MET;
	complain("torture needs %s, which this host refuses: see graveshift doctor", problem);
	return EXIT_INCONCLUSIVE;
}

/* What is in the layers before anything was done. */
static int
read_first(struct session *session)
{
	struct world *world = &session->world;
	struct versions *versions = session->record->versions;
	char slot[SCRATCH_PATH_MAX + 32];
	int fd[VERSION_LAYERS], error;

	snprintf(slot, sizeof(slot), "%s/first", session->scratch.path);
	error = slot_make(world, slot, fd);
	if (error != 0) {
		complain("cannot make folders in %s: %s", session->scratch.path, strerror(-error));
		return EXIT_INTERNAL;
	}
	slot_make_places(world, fd);
	for (unsigned i = 0; i < world->layers; i++) {
		int source = world_source(world, i);
		versions->fd[i] = source >= 0 ? source : fd[i];
	}
	versions_scan(versions, NULL, 0);
	for (unsigned i = 0; i < world->layers; i++)
		if (versions->fd[i] != fd[i])
			close(versions->fd[i]);
	slot_close(world, fd);
	slot_remove(slot);
	if (!versions->full)
		return EXIT_MET;
	complain("the work folders hold more than can be kept in memory: give smaller ones (-w)");
	return EXIT_USAGE;
}

static uint64_t
memory_limit(void)
{
	struct sysinfo info;
	uint64_t quarter = MEMORY_MAX;

	if (sysinfo(&info) == 0)
		quarter = (uint64_t)info.totalram * info.mem_unit / 4;
	return quarter < MEMORY_MAX ? quarter : MEMORY_MAX;
}

static int
begin(struct session *session)
{
	const char *problem;
	int code;

	session->gate.why[0] = '\0';
	if (scratch_init(&session->scratch, "torture") != 0)
		return EXIT_INTERNAL;
	problem = world_separate(&session->world);
	if (problem != NULL) {
		complain("torture needs %s, which this host refuses (%s): see graveshift doctor",
		         problem, strerror(errno));
		return EXIT_INCONCLUSIVE;
	}
	if (mount_slots(session) != 0)
		return EXIT_INCONCLUSIVE;
	code = choose_world(session);
	if (code != EXIT_MET)
		return code;
	session->record = record_new(session->arena, session->world.layers);
	if (session->record == NULL) {
		complain("no memory to record in");
		return EXIT_INTERNAL;
	}
	session->record->output_fd = memfd_create("graveshift-output", MFD_CLOEXEC);
	if (session->record->output_fd < 0) {
		complain("no file in memory: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	return read_first(session);
}

int
session_init(struct session **made, const struct torture_options *options)
{
	struct arena *arena = arena_new(TABLES + memory_limit());
	struct session *session = arena == NULL ? NULL : arena_take(arena, sizeof(*session));

	*made = session;
	if (session == NULL) {
		complain("no memory to record in: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	session->options = options;
	session->deadline_ns =
	    options->wall_ns == 0 ? INT64_MAX : clock_now_ns() + options->wall_ns;
	session->arena = arena;
	session->scratch.keeper_fd = -1;
	return begin(session);
}

void
session_fini(struct session *session)
{
	if (session == NULL)
		return;
	/* What the mount covers is the keeper's. */
	if (session->scratch.path[0] != '\0')
		umount2(session->scratch.path, MNT_DETACH);
	scratch_fini(&session->scratch);
	if (session->record != NULL && session->record->output_fd > 0)
		close(session->record->output_fd);
	free(session->candidate);
	arena_free(session->arena);
}

/* --- parts */

struct playing {
	struct session *session;
	enum part_kind kind;
	int code; /* of the first that failed */
	uint32_t done;
	int64_t start_ns;
	bool is_watched; /* somebody sees how far it is */
};

static int
play_one(void *context, size_t index, unsigned lane)
{
	struct playing *playing = context;

	/* One that could not be played is enough to know; the others would say it again. */
	if (playing->code != EXIT_MET)
		return playing->code;
	return part_play(playing->session, playing->kind, (uint32_t)index, lane);
}

static void
show_progress(const struct playing *playing)
{
	uint32_t all = playing->session->candidates;
	int64_t took_ns = clock_now_ns() - playing->start_ns;

	if (!playing->is_watched || playing->kind != PART_STATE)
		return;
	fprintf(stderr, "\r%u of %u states, %" PRId64 " s to go \033[K", playing->done, all,
	        took_ns / playing->done * (all - playing->done) / NS_PER_S);
	if (playing->done == all)
		fprintf(stderr, "\r\033[K");
}

static bool
play_done(void *context, size_t index, unsigned lane, int code)
{
	struct playing *playing = context;

	if (code == PART_ONCE_MORE)
		return true;
	if (code > 128)
		complain("a part of the torture was ended by signal %d", code - 128);
	if (code != EXIT_MET && playing->code == EXIT_MET)
		playing->code = code > 128 ? EXIT_INTERNAL : code;
	playing->done++;
	show_progress(playing);
	return false;
}

static int
play(struct session *session, enum part_kind kind, size_t count, unsigned jobs, int64_t until_ns)
{
	struct playing playing = {.session = session,
	                          .kind = kind,
	                          .start_ns = clock_now_ns(),
	                          .is_watched = isatty(STDERR_FILENO)};
	struct pool pool = {.count = count,
	                    .jobs = jobs,
	                    .until_ns = until_ns,
	                    .work = play_one,
	                    .done = play_done,
	                    .context = &playing};
	int number = 0;
	int64_t played = pool_run(&pool, &number);

	if (played >= 0)
		return playing.code;
	if (number != 0)
		return 128 + number;
	complain("cannot play a part of the torture: %s", strerror((int)-played));
	return EXIT_INTERNAL;
}

int
session_play(struct session *session, enum part_kind kind)
{
	memset(&session->gate, 0, sizeof(session->gate));
	return play(session, kind, 1, 1, INT64_MAX);
}

int
session_play_states(struct session *session)
{
	int64_t budget_ns = session->options->budget_ns;

	session->until_ns = budget_ns == INT64_MAX ? INT64_MAX : clock_now_ns() + budget_ns;
	if (session->until_ns > session->deadline_ns)
		session->until_ns = session->deadline_ns;
	return play(session, PART_STATE, session->candidates, session->options->jobs,
	            session->until_ns);
}

/* One kill more in each round. */
int
session_play_closure(struct session *session)
{
	struct closure *closure = session->closure;
	int code = EXIT_MET;

	while (code == EXIT_MET && closure->played < closure_kept(closure) &&
	       clock_now_ns() < session->until_ns) {
		uint32_t kept = closure_kept(closure);
		code = play(session, PART_CLOSURE, kept - closure->played, session->options->jobs,
		            session->until_ns);
		closure->played = kept;
	}
	return code;
}

/* --- what this host can do */

struct probing {
	int code;
};

static int
probe(void *context, size_t index, unsigned lane)
{
	static const struct torture_options options;
	struct session *session = NULL;
	int code;

	/* It is asked for an answer, not for words. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		return EXIT_INTERNAL;
	code = session_init(&session, &options);
	if (code == EXIT_MET && !session->world.is_overlay)
		code = EXIT_UNMET;
	session_fini(session);
	return code;
}

static bool
probed(void *context, size_t index, unsigned lane, int code)
{
	struct probing *probing = context;

	probing->code = code;
	return false;
}

const char *
torture_probe(bool *overlay)
{
	struct probing probing = {EXIT_INTERNAL};
	struct pool pool = {.count = 1,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = probe,
	                    .done = probed,
	                    .context = &probing};
	int number;

	pool_run(&pool, &number);
	*overlay = probing.code == EXIT_MET;
	if (probing.code == EXIT_MET || probing.code == EXIT_UNMET)
		return NULL;
	return "mount, PID and, without root, user namespaces are refused";
}

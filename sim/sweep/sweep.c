/* SPDX-License-Identifier: ISC
 *
 * Recording, choosing, trying.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/fault/point.h"
#include "sim/process/run.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_report.h"
#include "sim/util/clock.h"
#include "sim/util/fail.h"
#include "sim/util/pool.h"
#include "sim/util/scratch.h"
#include "sim/util/tree.h"

#define HITS_MAX (1u << 20)
#define PAIR_HITS_MAX (1u << 16)
#define RECORDINGS 3 /* how often a point is hit depends on who is faster: the least counts */
#define TRIES 3      /* and still a hit may not come every time */

struct pair {
	struct crash_point first, second;
};

struct sweep {
	const struct sweep_options *options;
	struct scratch scratch;
	struct scenario base;
	int wanted_state;
	struct hit_log *log;       /* of the last recorded run */
	uint32_t hits_min[POINTS]; /* in each of them */
	unsigned recordings;
	struct hit_log *lane[POOL_JOBS_MAX]; /* with pairs: of each lane's trial */
	struct trial_result *result;         /* shared; one for each lane */
	struct crash_points points;
	struct pair *pair;
	size_t pairs, pairs_room;
	unsigned char *tries; /* of each piece of work */
	bool second_round;    /* it is the pairs that are tried */
	struct sweep_report report;
	int error;
};

static void
name_folder(const struct sweep *sweep, size_t index, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s%zu", sweep->scratch.path,
	         sweep->second_round ? "pair-" : "", index);
}

/* --- the run without kills */

static int
record(void *context, size_t index, unsigned lane)
{
	struct sweep *sweep = context;
	char folder[PATH_MAX];
	struct trial trial = {.base = &sweep->base,
	                      .wanted_state = sweep->wanted_state,
	                      .again = true,
	                      .folder = folder,
	                      .result = &sweep->result[0]};

	name_folder(sweep, 0, folder);
	fault_self.hits = sweep->log;
	return trial_play(&trial);
}

static void
count_hits(struct sweep *sweep)
{
	uint32_t hits[POINTS] = {0};

	for (uint32_t i = 0; i < sweep->log->count && i < sweep->log->room; i++)
		hits[sweep->log->hit[i].point]++;
	for (unsigned i = 0; i < POINTS; i++)
		if (sweep->recordings == 0 || hits[i] < sweep->hits_min[i])
			sweep->hits_min[i] = hits[i];
}

static bool
recorded(void *context, size_t index, unsigned lane, int code)
{
	struct sweep *sweep = context;
	const struct trial_result *result = &sweep->result[0];

	/* A job that its scenario makes fail is swept all the same: it must fail the same way. */
	if (code == EXIT_UNMET && result->judged && result->run_state == RUN_FAILED &&
	    sweep->wanted_state == RUN_DONE) {
		char folder[PATH_MAX];
		name_folder(sweep, 0, folder);
		tree_remove(folder);
		sweep->wanted_state = RUN_FAILED;
		hits_clear(sweep->log, -1);
		return true;
	}
	sweep->error = code;
	if (code != EXIT_MET)
		return false;
	count_hits(sweep);
	if (++sweep->recordings == RECORDINGS)
		return false;
	hits_clear(sweep->log, -1);
	return true;
}

static int
record_run(struct sweep *sweep, int *signal)
{
	struct pool pool = {.count = 1,
	                    .jobs = 1,
	                    .until_ns = INT64_MAX,
	                    .work = record,
	                    .done = recorded,
	                    .context = sweep};
	int64_t ran;

	sweep->wanted_state = RUN_DONE;
	ran = pool_run(&pool, signal);
	if (ran < 0)
		return *signal != 0 ? 128 + *signal : EXIT_INTERNAL;
	if (sweep->error == EXIT_MET)
		return 0;
	complain("%s does not hold without a kill: %s", sweep->options->file,
	         sweep->result[0].finding[0] != '\0' ? sweep->result[0].finding
	                                             : "the process that played it died");
	return sweep->result[0].judged ? sweep->result[0].exit_code : EXIT_INTERNAL;
}

/* --- the runs with kills */

static struct trial
trial_of(const struct sweep *sweep, size_t index, unsigned lane, const char *folder)
{
	struct trial trial = {.base = &sweep->base,
	                      .wanted_state = sweep->wanted_state,
	                      .again = true,
	                      .folder = folder,
	                      .result = &sweep->result[lane]};

	if (sweep->second_round) {
		trial.first = &sweep->pair[index].first;
		trial.second = &sweep->pair[index].second;
	} else {
		trial.first = &sweep->points.item[index];
	}
	return trial;
}

static int
kill_one(void *context, size_t index, unsigned lane)
{
	struct sweep *sweep = context;
	char folder[PATH_MAX];
	struct trial trial = trial_of(sweep, index, lane, folder);

	name_folder(sweep, index, folder);
	if (sweep->options->pairs && !sweep->second_round) {
		fault_self.hits = sweep->lane[lane];
		hits_clear(fault_self.hits, (int)sweep->base.faults);
	}
	return trial_play(&trial);
}

static int
add_pairs(struct sweep *sweep, const struct crash_point *first, unsigned lane)
{
	struct crash_points seconds;
	int error = crash_points_init(&seconds, sweep->lane[lane], NULL, NULL, true);

	if (error == 0 && sweep->pairs + seconds.count > sweep->pairs_room) {
		size_t room = 2 * (sweep->pairs + seconds.count);
		struct pair *larger = reallocarray(sweep->pair, room, sizeof(*larger));
		if (larger == NULL)
			error = -ENOMEM;
		else
			sweep->pair = larger;
		sweep->pairs_room = larger == NULL ? sweep->pairs_room : room;
	}
	for (size_t i = 0; error == 0 && i < seconds.count; i++)
		sweep->pair[sweep->pairs++] =
		    (struct pair){.first = *first, .second = seconds.item[i]};
	crash_points_fini(&seconds);
	return error;
}

static bool
killed_one(void *context, size_t index, unsigned lane, int code)
{
	struct sweep *sweep = context;
	char folder[PATH_MAX];
	struct trial trial = trial_of(sweep, index, lane, folder);

	name_folder(sweep, index, folder);
	if (code == EXIT_INCONCLUSIVE && ++sweep->tries[index] < TRIES)
		return true;
	sweep_report_trial(&sweep->report, &trial, code);
	if (sweep->report.failed > 0)
		scratch_keep(&sweep->scratch);
	if (sweep->options->pairs && !sweep->second_round && code == EXIT_MET &&
	    add_pairs(sweep, trial.first, lane) != 0)
		sweep->error = -ENOMEM;
	return false;
}

static int64_t
try_all(struct sweep *sweep, size_t count, int64_t until_ns, int *signal)
{
	struct pool pool = {.count = count,
	                    .jobs = sweep->options->jobs,
	                    .until_ns = until_ns,
	                    .work = kill_one,
	                    .done = killed_one,
	                    .context = sweep};
	int64_t ran;

	free(sweep->tries);
	sweep->tries = calloc(count + 1, 1);
	if (sweep->tries == NULL)
		return -ENOMEM;
	sweep->report.chosen += count;
	ran = pool_run(&pool, signal);
	return ran >= 0 && sweep->error < 0 ? sweep->error : ran;
}

/* What the sum does not cover is said. */
static void
say_left_out(const struct sweep *sweep)
{
	bool any = false;

	for (unsigned i = 0; i < POINTS; i++)
		if (sweep->hits_min[i] == 0) {
			printf("%s%s",
			       any ? ", "
			           : "# points that this scenario does not reach, or not in every "
			             "run: ",
			       point_name(i));
			any = true;
		}
	if (any)
		printf("\n");
	if (sweep->points.beyond > 0)
		printf("# %u hits did not come in every recorded run: they are left out\n",
		       (unsigned)sweep->points.beyond);
}

static int64_t
try_singles_and_pairs(struct sweep *sweep, int64_t until_ns, int *signal)
{
	struct sweep_report *report = &sweep->report;
	int64_t ran;

	report->hits = sweep->points.hits;
	for (size_t i = 0; i < sweep->points.count; i++)
		report->chosen_at[sweep->points.item[i].point]++;
	ran = try_all(sweep, sweep->points.count, until_ns, signal);
	if (ran < 0 || sweep->pairs == 0)
		return ran;
	sweep->second_round = true;
	report->chosen_pairs = (uint32_t)sweep->pairs;
	for (size_t i = 0; i < sweep->pairs; i++)
		report->hits += sweep->pair[i].second.like;
	return try_all(sweep, sweep->pairs, until_ns, signal);
}

static int
choose(struct sweep *sweep)
{
	const char *glob = sweep->options->points;

	if (crash_points_init(&sweep->points, sweep->log, sweep->hits_min, glob, false) != 0)
		return EXIT_INTERNAL;
	if (sweep->points.count == 0) {
		complain("no point of this scenario matches %s", glob != NULL ? glob : "*");
		return EXIT_NOTHING;
	}
	if (sweep->log->count > sweep->log->room)
		complain("%u points were reached; the first %u are swept: use fewer records",
		         (unsigned)sweep->log->count, (unsigned)sweep->log->room);
	return 0;
}

static int
sweep_all(struct sweep *sweep)
{
	int64_t began_ns = clock_now_ns(), until_ns = INT64_MAX, ran;
	int signal = 0, code = record_run(sweep, &signal);

	if (code == 0)
		code = choose(sweep);
	if (code != 0)
		return code;
	if (sweep->options->budget_ns != INT64_MAX)
		until_ns = began_ns + sweep->options->budget_ns;
	printf("TAP version 13\n");
	began_ns = clock_now_ns();
	ran = try_singles_and_pairs(sweep, until_ns, &signal);
	if (ran < 0) {
		/* Without a plan and with this no reader takes what there is for all. */
		printf("Bail out! %s\n", signal != 0 ? "stopped" : strerror((int)-ran));
		return signal != 0 ? 128 + signal : EXIT_INTERNAL;
	}
	say_left_out(sweep);
	sweep_report_end(&sweep->report, (double)(clock_now_ns() - began_ns) / (double)NS_PER_S,
	                 sweep->options->jobs);
	if (sweep->report.failed > 0)
		return sweep->report.broken > 0 ? EXIT_INTERNAL : EXIT_UNMET;
	return sweep_report_is_conclusive(&sweep->report) ? EXIT_MET : EXIT_INCONCLUSIVE;
}

/* --- setting up */

static int
load(struct sweep *sweep)
{
	const struct sweep_options *options = sweep->options;

	if (scenario_load(&sweep->base, options->file, options->set, options->sets, stderr) != 0 ||
	    scenario_refuses_torture(&sweep->base, "be swept"))
		return EXIT_USAGE;
	if (sweep->base.faults > SCENARIO_FAULTS_MAX - 2) {
		complain("%s has %zu faults; a sweep needs room for two of its own, of %d",
		         options->file, sweep->base.faults, SCENARIO_FAULTS_MAX);
		return EXIT_USAGE;
	}
	return scenario_resolve_input(&sweep->base) == 0 ? 0 : EXIT_USAGE;
}

static int
share_memory(struct sweep *sweep)
{
	bool all = true;

	sweep->log = hits_new(HITS_MAX);
	sweep->result = mmap(NULL, POOL_JOBS_MAX * sizeof(*sweep->result), PROT_READ | PROT_WRITE,
	                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; sweep->options->pairs && i < sweep->options->jobs; i++) {
		sweep->lane[i] = hits_new(PAIR_HITS_MAX);
		all &= sweep->lane[i] != NULL;
	}
	if (sweep->result == MAP_FAILED)
		sweep->result = NULL;
	return all && sweep->log != NULL && sweep->result != NULL ? 0 : -ENOMEM;
}

static void
release(struct sweep *sweep)
{
	hits_free(sweep->log);
	for (unsigned i = 0; i < POOL_JOBS_MAX; i++)
		hits_free(sweep->lane[i]);
	if (sweep->result != NULL)
		munmap(sweep->result, POOL_JOBS_MAX * sizeof(*sweep->result));
	crash_points_fini(&sweep->points);
	free(sweep->pair);
	free(sweep->tries);
	scenario_fini(&sweep->base);
	scratch_fini(&sweep->scratch);
}

int
sweep_run(const struct sweep_options *options)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	int code;

	if (sweep == NULL)
		return EXIT_INTERNAL;
	sweep->options = options;
	code = load(sweep);
	if (code == 0 && (share_memory(sweep) != 0 || scratch_init(&sweep->scratch, "sweep") != 0))
		code = EXIT_INTERNAL;
	if (code == 0) {
		code = sweep_all(sweep);
		if (code == EXIT_UNMET || code == EXIT_INTERNAL)
			scratch_keep(&sweep->scratch);
		if (sweep->scratch.stays)
			complain("what failed is kept in %s", sweep->scratch.path);
	}
	release(sweep);
	free(sweep);
	return code;
}
